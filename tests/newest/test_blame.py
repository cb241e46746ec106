"""Which newer package breaks which tests is found by putting each back alone, and no more than it takes."""

import pytest

from tests.newest.blame import NOBODY, blame
from tests.newest.environment import declared, pins, written


@pytest.mark.parametrize(
    ("failed", "causes", "broken", "tried"),
    [
        ({"a", "b"}, {"a": {"django"}, "b": {"django"}}, {"django": {"a", "b"}}, ["django"]),
        (
            {"a", "b"},
            {"a": {"django"}, "b": {"yaml"}},
            {"django": {"a"}, "yaml": {"b"}},
            ["django", "allauth", "yaml"],
        ),
        ({"a"}, {"a": {"django", "yaml"}}, {NOBODY: {"a"}}, ["django", "allauth", "yaml"]),
        (set(), {}, {}, []),
    ],
)
def test_it_works(failed: set[str], causes: dict[str, set[str]], broken: dict[str, set[str]], tried: list[str]) -> None:
    asked: list[str] = []

    def failing(name: str, tests: set[str]) -> set[str]:
        asked.append(name)
        return {test for test in tests if causes[test] - {name}}

    assert blame(failed, ["django", "allauth", "yaml"], failing) == broken
    assert asked == tried


def test_pins_are_read_as_uv_and_pip_write_them() -> None:
    text = "# made by uv\nDjango==6.1.3\ndjango-allauth[headless,mfa]==65.22.1\n    # via x\n-e file:///here\n"
    assert pins(text) == {"django": "6.1.3", "django-allauth": "65.22.1"}
    assert written(pins(text)) == ["django==6.1.3", "django-allauth==65.22.1"]


def test_the_runtime_is_suspected_first() -> None:
    names = declared()
    assert names.index("django-allauth") < names.index("pytest")
