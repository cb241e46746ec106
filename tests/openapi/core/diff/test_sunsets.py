"""A removal that was announced, and whose day is past, breaks nothing."""

from copy import deepcopy
from datetime import date
from typing import Any

import pytest

from openapi.core.diff import DocumentError, compare
from tests.openapi.core.diff.small import BASE, Json, accepting, changed

DAY = date(2027, 1, 31)
GET, PUT = ("paths", "/cities/{id}", "get"), ("paths", "/cities/{id}", "put")
ANNOUNCED = {
    "path-removed": ("paths", "/towns"),
    "operation-removed": PUT,
    "parameter-removed": (*GET, "parameters", 0),
    "response-status-removed": (*GET, "responses", "404"),
    "response-media-type-removed": (*GET, "responses", "200", "content", "text/csv"),
    "response-header-removed": (*GET, "responses", "200", "headers", "ETag"),
    "response-property-removed": ("components", "schemas", "City", "properties", "name"),
    "request-property-removed": ("components", "schemas", "CityRequest", "properties", "size"),
    "request-media-type-removed": (*PUT, "requestBody", "content", "text/csv"),
}


def announce(*path: Any, sunset: str = DAY.isoformat(), deprecated: bool = True) -> Json:
    """Return the base with a part announced to go; a path is announced by all of its operations."""
    copy = deepcopy(BASE)
    part: Any = copy
    for name in path:
        part = part[name]
    for each in part.values() if path[:-1] == ("paths",) else [part]:
        each |= {"deprecated": deprecated, "x-sunset": sunset}
    return copy


@pytest.mark.parametrize("rule", ANNOUNCED)
def test_it_may_go_once_its_day_is_past(rule: str) -> None:
    old, new = announce(*ANNOUNCED[rule]), changed(*ANNOUNCED[rule])
    (after,) = (each for each in compare(old, new, day=date(2027, 2, 1)) if each.rule == rule)
    assert not after.breaking
    assert after.sentence.endswith("It was announced for 2027-01-31.")


@pytest.mark.parametrize("rule", ANNOUNCED)
def test_it_may_not_go_before(rule: str) -> None:
    old, new = announce(*ANNOUNCED[rule]), changed(*ANNOUNCED[rule])
    (before,) = (each for each in compare(old, new, day=DAY) if each.rule == rule)
    assert before.breaking
    assert before.sentence.endswith("It was announced for 2027-01-31, which is not yet past.")


@pytest.mark.parametrize("rule", ANNOUNCED)
def test_what_is_deprecated_without_a_day_may_not_go(rule: str) -> None:
    old = announce(*ANNOUNCED[rule])
    bare = deepcopy(old)
    _drop_sunset(bare)
    for document in (bare, announce(*ANNOUNCED[rule], deprecated=False)):
        assert any(each.breaking for each in compare(document, changed(*ANNOUNCED[rule]), day=date(2030, 1, 1)))


def _drop_sunset(value: Any) -> None:
    if isinstance(value, dict):
        value.pop("x-sunset", None)
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else []:
        _drop_sunset(each)


def test_a_path_goes_only_when_all_of_its_operations_were_announced() -> None:
    old = announce(*PUT)
    (found,) = (
        each
        for each in compare(old, changed("paths", "/cities/{id}"), day=date(2030, 1, 1))
        if each.rule == "path-removed"
    )
    assert found.breaking


def test_components_go_with_the_announced_operation_that_used_them() -> None:
    old = announce(*PUT)
    new = changed("components", "schemas", "CityRequest", root=changed(*PUT))
    assert [each.rule for each in compare(old, new, day=date(2030, 1, 1)) if each.breaking] == []
    assert [each.rule for each in compare(BASE, new) if each.breaking] == ["component-removed", "operation-removed"]


def test_a_day_with_a_time_is_a_day() -> None:
    old = announce(*PUT, sunset="2027-01-31T23:59:59Z")
    assert not any(each.breaking for each in compare(old, changed(*PUT), day=date(2027, 2, 1)))


def test_a_sunset_that_is_no_day_is_refused() -> None:
    with pytest.raises(DocumentError, match="x-sunset is 'soon'; write a date such as 2027-01-31"):
        compare(announce(*PUT, sunset="soon"), changed(*PUT))


LISTS: list[tuple[Json, Json]] = [
    ({"enum": ["a", "b", "-b"]}, {"enum": ["a"]}),
    ({"enum": ["a", "b", "b.c"]}, {"enum": ["a"]}),
    ({"anyOf": [{"enum": ["a"]}, {"pattern": r"^(b|b\.c)\.(d|e)$"}]}, {"enum": ["a"]}),
]


@pytest.mark.parametrize(("names", "left"), LISTS)
def test_names_of_a_list_may_go_each_after_its_day(names: Json, left: Json) -> None:
    def listed(part: Json, **sunsets: str) -> Json:
        each = {"anyOf": [{"type": "string"} | branch for branch in part["anyOf"]]} if "anyOf" in part else part
        return accepting({"type": "array", "items": {"type": "string", **each, "x-sunsets": sunsets}})

    old, new = listed(names, **{"b": "2027-01-31", "-b": "2027-01-31"}), listed(left)
    assert [each.breaking for each in compare(old, new, day=date(2027, 2, 1))] == [False]
    assert [each.breaking for each in compare(old, new, day=DAY)] == [True]
    assert [each.breaking for each in compare(listed(names, a="2027-01-31"), new, day=date(2027, 2, 1))] == [True]


def test_a_body_that_needed_either_name_needs_the_new_one_when_the_old_one_is_gone() -> None:
    text: Json = {"type": "string"}
    announced = text | {"deprecated": True, "x-sunset": DAY.isoformat(), "x-replaced-by": "new"}
    old = accepting({"type": "object", "properties": {"new": text, "old": announced}})
    new = accepting({"type": "object", "properties": {"new": text}, "required": ["new"]})
    assert [each.breaking for each in compare(old, new, day=date(2027, 2, 1))] == [False, False]
    assert [each.breaking for each in compare(old, new, day=DAY)] == [True, True]
    other = accepting({"type": "object", "properties": {"new": text, "old": announced | {"x-replaced-by": "newer"}}})
    found = compare(other, new, day=date(2027, 2, 1))
    assert [each.rule for each in found if each.breaking] == ["request-property-became-required"]
