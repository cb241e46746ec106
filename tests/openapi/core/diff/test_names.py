"""What may be named in a parameter grows without breaking anybody: patterns that are lists of names, and enums."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openapi.core.diff import compare
from openapi.core.diff.names import names_in
from openapi.core.generation.parameters import listed
from tests.openapi.core.diff.small import Json, accepting, answering
from tests.openapi.core.diff.test_properties import laws

TEXT: Json = {"type": "string"}

words = st.text("ab_-", min_size=1, max_size=3)
paths = st.lists(words, min_size=1, max_size=2).map(".".join)
members = st.dictionaries(paths, st.sets(words, min_size=1, max_size=4), max_size=5)
"""A grammar: the members that may be named below each path."""


def fields(grammar: dict[str, set[str]], own: set[str]) -> Json:
    """Describe the names of a grammar as `fields` does."""
    below = {path: tuple(sorted(each)) for path, each in grammar.items()}
    return {"type": "array", "items": listed(sorted(own), below)}


def names(grammar: dict[str, set[str]], own: set[str]) -> set[str]:
    return own | {f"{path}.{name}" for path, each in grammar.items() for name in each}


def breaks(old: Json, new: Json) -> bool:
    return any(each.breaking for each in compare(accepting(old), accepting(new)))


@laws
@given(members, st.sets(words, min_size=1), members, st.sets(words))
def test_more_names_are_an_addition_and_fewer_break(
    grammar: dict[str, set[str]], own: set[str], more: dict[str, set[str]], more_own: set[str]
) -> None:
    wider = {path: grammar.get(path, set()) | more.get(path, set()) for path in {**grammar, **more}}
    old, new = fields(grammar, own), fields(wider, own | more_own)
    assert not breaks(old, new)
    assert breaks(new, old) == (names(wider, own | more_own) != names(grammar, own))


@laws
@given(members, st.sets(words, min_size=1), members, st.sets(words, min_size=1))
def test_of_any_two_grammars_those_break_that_lack_a_name(
    old: dict[str, set[str]], old_own: set[str], new: dict[str, set[str]], new_own: set[str]
) -> None:
    assert breaks(fields(old, old_own), fields(new, new_own)) == (not names(old, old_own) <= names(new, new_own))


@laws
@given(members, st.sets(words, min_size=1), paths)
def test_the_names_are_those_that_the_patterns_match(grammar: dict[str, set[str]], own: set[str], text: str) -> None:
    branches = fields(grammar, own)["items"].get("anyOf", [])
    for pattern in [branch["pattern"] for branch in branches if "pattern" in branch]:
        found = names_in(pattern)
        assert found is not None
        assert all(re.fullmatch(pattern, name) for name in found)
        assert (text in found) == bool(re.fullmatch(pattern, text))


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("^a$", {"a"}),
        (r"^(a|b\.c)\.(d|e)$", {"a.d", "a.e", "b.c.d", "b.c.e"}),
        (r"^(a\|b)$", {"a|b"}),
        (r"^a\\b$", {"a\\b"}),
        ("^a|b$", None),
        ("(a|b)", None),
        ("^(a|b)", None),
        ("^(a|)$", None),
        ("^(?:a|b)$", None),
        ("^(a|b)+$", None),
        ("^(a|[bc])$", None),
        (r"^\d$", None),
        ("^a.c$", None),
        ("^((a|b)|c)$", None),
        ("^(a|b){2}$", None),
        ("^" + "(a|b)" * 20 + "$", None),
    ],
)
def test_only_a_list_of_names_is_read_as_one(pattern: str, expected: set[str] | None) -> None:
    assert names_in(pattern) == expected


# The first of each pair allows more.
WIDER: list[tuple[Any, Any]] = [
    (TEXT | {"pattern": "^(a|b)$"}, TEXT | {"pattern": "^(a)$"}),
    (TEXT | {"pattern": "^(a|b)$"}, TEXT | {"enum": ["b"]}),
    ({"anyOf": [TEXT | {"enum": ["a"]}, TEXT | {"pattern": "^(b|c)$"}]}, TEXT | {"enum": ["a", "b"]}),
    (
        {"anyOf": [TEXT | {"pattern": "^x$"}, TEXT | {"pattern": "^(b|c)$"}]},
        {"anyOf": [TEXT | {"pattern": "^(x|b)$"}, TEXT | {"enum": ["c"]}, TEXT | {"pattern": "^c$"}]}
        | {"anyOf": [TEXT | {"pattern": "^(x|b)$"}]},
    ),
    (TEXT | {"enum": ["a", "b"], "pattern": "^(a|b)$"}, TEXT | {"enum": ["a", "b"], "pattern": "^(a)$"}),
    (TEXT, TEXT | {"pattern": "^(a)$"}),
    ({"anyOf": [TEXT | {"pattern": "^(a|b)$"}, {"type": "null"}]}, TEXT | {"pattern": "^a$"}),
]


@pytest.mark.parametrize(("wide", "narrow"), WIDER)
def test_patterns_and_enums_of_names_are_compared_by_their_names(wide: Any, narrow: Any) -> None:
    assert breaks(narrow, wide) is False
    assert breaks(wide, narrow) is True


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (TEXT | {"pattern": "^(a|b)$"}, TEXT | {"pattern": "^[ab]$"}),
        (TEXT | {"pattern": "^(a|b)$", "minLength": 1}, TEXT | {"pattern": "^(a|b)$", "minLength": 2}),
        ({"pattern": "^(a|b)$"}, {"pattern": "^(a|b)$", "type": "string"}),
    ],
)
def test_what_is_more_than_a_list_of_names_is_compared_as_before(one: Any, other: Any) -> None:
    assert breaks(one, other)


def test_an_answer_may_hold_an_object_where_the_client_asks_for_it() -> None:
    city = {"type": "object", "properties": {"name": TEXT}}
    plain: Json = {"type": "object", "properties": {"city": TEXT}}
    either = {"anyOf": [TEXT, {"$ref": "#/components/schemas/City"}]}
    expanded = {"type": "object", "properties": {"city": either | {"x-expanded": ["City"]}}}
    unasked = {"type": "object", "properties": {"city": either}}
    assert compare(answering(plain), answering(expanded, City=city)) == []
    assert [each.rule for each in compare(answering(plain), answering(unasked, City=city))] == ["response-type-widened"]
