"""No room hides more from the type checker than the committed table says, and what hides something is found."""

from pathlib import Path

import pytest

from tests.architecture import signatures
from tests.architecture.signatures import Code, count, main, read, text_of
from tests.architecture.tree import ROOT, write_module

HEAD = "from typing import Any, cast\nfrom serializers.core.kinds import Field\n"
OPAQUE = (
    ("Any", "def f(value: Any): ..."),
    ("Any", "def f(value: 'list[Any]'): ..."),
    ("Any", "def f() -> dict[str, Any]: ..."),
    ("Any", "def f(*values: Any, **options: int): ..."),
    ("Any", "async def f(*, value: Any = None): ..."),
    ("Any", "def f(value):\n    known: Any = value"),
    ("Any", "type Hidden = list[Any]\ndef f(value: Hidden): ..."),
    ("Any", "type Hidden = Shown\ntype Shown = Any | list[Hidden]\ndef f(value: Hidden): ..."),
    ("Any", "Test = Callable[[Any], bool]\ndef f(test: Test): ..."),
    ("object", "def f(value: object): ..."),
    ("object", "def f() -> object | None: ..."),
    ("cast", "def f(value):\n    return cast(int, value)"),
    ("type: ignore", "def f(value):\n    return value.a  # type: ignore[attr-defined]"),
)
PLAIN = (
    "def f(value: int) -> list[str]: ...",
    "def f(values: Mapping[str, object]): ...",
    "def f(*_: object, **__: object): ...",
    "def __eq__(self, other: object) -> bool: ...",
    "def f(field: Field): ...",
    "type Json = None | str | list[Json]\ndef f(value: Json): ...",
    "def f(word: Literal['any one']): ...",
    "class Field(models.Field):  # type: ignore[type-arg]\n    def f(self): ...",
)


def code(root: Path, text: str) -> Code:
    write_module(root, "serializers/core/kinds.py", "type Field = serializers.Field[Any, Any, Any, Any]")
    write_module(root, "api/core/room/module.py", HEAD + text)
    return Code(root)


@pytest.mark.parametrize(("reason", "text"), OPAQUE)
def test_a_function_that_hides_something_is_found(tmp_path: Path, reason: str, text: str):
    [function] = code(tmp_path, text).opaque()

    assert function.reasons == (reason,)
    assert (function.room, function.name) == ("api/core/room", "f")


@pytest.mark.parametrize("text", PLAIN)
def test_one_that_hides_nothing_is_not(tmp_path: Path, text: str):
    assert list(code(tmp_path, text).opaque()) == []


def test_an_alias_counts_where_it_is_imported_too(tmp_path: Path):
    write_module(tmp_path, "resources/core/values.py", "type Hidden = list[Any]")

    [function] = code(tmp_path, "from resources.core.values import Hidden\ndef f(value: Hidden): ...").opaque()

    assert function.reasons == ("Any",)


def test_a_function_inside_another_counts_by_itself(tmp_path: Path):
    text = "def f(value: int):\n    def inner(value: Any): ...\n    return inner"

    assert [each.name for each in code(tmp_path, text).opaque()] == ["inner"]


def test_no_room_hides_more_than_the_table_says():
    most, functions = read(), list(Code(ROOT).opaque())
    rooms = [room for room, number in count(functions).items() if number > most.get(room, 0)]

    assert [f"{each.place} {each.name}: {', '.join(each.reasons)}" for each in functions if each.room in rooms] == []


def test_the_table_is_what_the_command_writes():
    assert signatures.TABLE.read_text() == text_of(read())


def test_the_command_takes_the_number_down_and_never_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    table = tmp_path / "table.txt"
    table.write_text("api/core/room 2\n")
    code(tmp_path, "def f(value: Any): ...")

    assert main(tmp_path, table) == 0
    assert read(table) == {"api/core/room": 1}

    code(tmp_path, "def g(value: Any): ...")

    assert main(tmp_path, table) == 1
    assert read(table) == {"api/core/room": 1}
    assert "api/core/room/module.py:6 g: Any" in capsys.readouterr().out
