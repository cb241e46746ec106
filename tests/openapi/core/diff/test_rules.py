"""Every rule that is not about a single value, each with the smallest change that it finds."""

from copy import deepcopy
from typing import Any

import pytest

from openapi.core.diff import compare, report
from openapi.core.diff.rules import FACETS, RULES
from tests.openapi.core.diff.small import BASE, Json, changed

ITEM = ("paths", "/cities/{id}")
GET, PUT = (*ITEM, "get"), (*ITEM, "put")
OK = (*GET, "responses", "200")
CITY, REQUEST = ("components", "schemas", "City"), ("components", "schemas", "CityRequest")
FIELDS = {"name": "fields", "in": "query", "schema": {"type": "string"}}
BODY = {"content": {"application/json": {"schema": {"type": "object"}}}}
TEXT = {"schema": {"type": "string"}}


def removed(*path: Any) -> tuple[Json, Json]:
    return BASE, changed(*path)


def added(*path: Any) -> tuple[Json, Json]:
    return changed(*path), BASE


def to(value: Any, *path: Any) -> tuple[Json, Json]:
    return BASE, changed(*path, to=value)


def back(value: Any, *path: Any) -> tuple[Json, Json]:
    return changed(*path, to=value), BASE


def parameter(**members: Any) -> tuple[Json, Json]:
    return to([FIELDS | members], *GET, "parameters")


# rule: (documents, whether it breaks, where it is found)
FIELDS_AT = "#/paths/~1cities~1{id}/get/parameters/0"
TABLE: dict[str, tuple[tuple[Json, Json], bool, str]] = {
    "path-removed": (removed("paths", "/towns"), True, "#/paths/~1towns"),
    "path-added": (added("paths", "/towns"), False, "#/paths/~1towns"),
    "operation-removed": (removed(*PUT), True, "#/paths/~1cities~1{id}/put"),
    "operation-added": (added(*PUT), False, "#/paths/~1cities~1{id}/put"),
    "operation-deprecated": (to(True, *GET, "deprecated"), False, "#/paths/~1cities~1{id}/get"),
    "operation-id-changed": (to("read_city", *GET, "operationId"), True, "#/paths/~1cities~1{id}/get"),
    "operation-tag-changed": (to(["cities"], *GET, "tags"), True, "#/paths/~1cities~1{id}/get"),
    "server-removed": (removed("servers", 1), True, "#/servers/1"),
    "security-stricter": (back([{}], *GET, "security"), True, "#/paths/~1cities~1{id}/get/security"),
    "security-looser": (to([{}], *GET, "security"), False, "#/paths/~1cities~1{id}/get/security"),
    "security-scheme-removed": (
        removed("components", "securitySchemes", "session"),
        True,
        "#/components/securitySchemes/session",
    ),
    "security-scheme-changed": (
        to("X-Token", "components", "securitySchemes", "session", "name"),
        True,
        "#/components/securitySchemes/session",
    ),
    "parameter-removed": (removed(*GET, "parameters", 0), True, FIELDS_AT),
    "parameter-added": (added(*GET, "parameters", 0), False, FIELDS_AT),
    "parameter-added-required": (
        (changed(*GET, "parameters"), parameter(required=True)[1]),
        True,
        FIELDS_AT,
    ),
    "parameter-became-required": (parameter(required=True), True, FIELDS_AT),
    "parameter-became-optional": (parameter(required=True)[::-1], False, FIELDS_AT),
    "parameter-moved": (parameter(**{"in": "cookie"}), True, FIELDS_AT),
    "parameter-style-changed": (parameter(explode=False), True, FIELDS_AT),
    "parameter-deprecated": (parameter(deprecated=True), False, FIELDS_AT),
    "request-body-removed": (removed(*PUT, "requestBody"), True, "#/paths/~1cities~1{id}/put/requestBody"),
    "request-body-added": (added(*PUT, "requestBody"), False, "#/paths/~1cities~1{id}/put/requestBody"),
    "request-body-added-required": (
        to(BODY | {"required": True}, *GET, "requestBody"),
        True,
        "#/paths/~1cities~1{id}/get/requestBody",
    ),
    "request-body-became-required": (
        to(True, *PUT, "requestBody", "required"),
        True,
        "#/paths/~1cities~1{id}/put/requestBody",
    ),
    "request-body-became-optional": (
        back(True, *PUT, "requestBody", "required"),
        False,
        "#/paths/~1cities~1{id}/put/requestBody",
    ),
    "request-media-type-removed": (
        removed(*PUT, "requestBody", "content", "text/csv"),
        True,
        "#/paths/~1cities~1{id}/put/requestBody/content/text~1csv",
    ),
    "request-media-type-added": (
        added(*PUT, "requestBody", "content", "text/csv"),
        False,
        "#/paths/~1cities~1{id}/put/requestBody/content/text~1csv",
    ),
    "response-status-removed": (removed(*GET, "responses", "404"), True, "#/paths/~1cities~1{id}/get/responses/404"),
    "response-status-added": (added(*GET, "responses", "404"), False, "#/paths/~1cities~1{id}/get/responses/404"),
    "response-media-type-removed": (
        removed(*OK, "content", "text/csv"),
        True,
        "#/paths/~1cities~1{id}/get/responses/200/content/text~1csv",
    ),
    "response-media-type-added": (
        added(*OK, "content", "text/csv"),
        False,
        "#/paths/~1cities~1{id}/get/responses/200/content/text~1csv",
    ),
    "response-header-removed": (
        removed(*OK, "headers", "ETag"),
        True,
        "#/paths/~1cities~1{id}/get/responses/200/headers/ETag",
    ),
    "response-header-added": (
        added(*OK, "headers", "ETag"),
        False,
        "#/paths/~1cities~1{id}/get/responses/200/headers/ETag",
    ),
    "response-header-became-optional": (
        removed(*OK, "headers", "ETag", "required"),
        True,
        "#/paths/~1cities~1{id}/get/responses/200/headers/ETag",
    ),
    "response-header-became-required": (
        added(*OK, "headers", "ETag", "required"),
        False,
        "#/paths/~1cities~1{id}/get/responses/200/headers/ETag",
    ),
    "request-property-removed": (
        removed(*REQUEST, "properties", "size"),
        True,
        "#/components/schemas/CityRequest/properties/size",
    ),
    "request-property-added": (
        added(*REQUEST, "properties", "size"),
        False,
        "#/components/schemas/CityRequest/properties/size",
    ),
    "request-property-added-required": (
        added(*REQUEST, "properties", "name"),
        True,
        "#/components/schemas/CityRequest/properties/name",
    ),
    "request-property-became-required": (
        to(["name", "size"], *REQUEST, "required"),
        True,
        "#/components/schemas/CityRequest/properties/size",
    ),
    "request-property-became-optional": (
        to([], *REQUEST, "required"),
        False,
        "#/components/schemas/CityRequest/properties/name",
    ),
    "response-property-removed": (
        removed(*CITY, "properties", "name"),
        True,
        "#/components/schemas/City/properties/name",
    ),
    "response-property-added": (
        added(*CITY, "properties", "name"),
        False,
        "#/components/schemas/City/properties/name",
    ),
    "response-property-became-optional": (
        to([], *CITY, "required"),
        True,
        "#/components/schemas/City/properties/id",
    ),
    "response-property-became-required": (
        back([], *CITY, "required"),
        False,
        "#/components/schemas/City/properties/id",
    ),
    "response-object-opened": (back(False, *CITY, "additionalProperties"), False, "#/components/schemas/City"),
    "property-deprecated": (
        to(True, *CITY, "properties", "name", "deprecated"),
        False,
        "#/components/schemas/City/properties/name",
    ),
    "request-default-added": (
        added(*REQUEST, "properties", "size", "default"),
        False,
        "#/components/schemas/CityRequest/properties/size",
    ),
    "request-default-changed": (
        to(2, *REQUEST, "properties", "size", "default"),
        True,
        "#/components/schemas/CityRequest/properties/size",
    ),
    "response-default-changed": (
        to("a", *CITY, "properties", "name", "default"),
        False,
        "#/components/schemas/City/properties/name",
    ),
    "component-removed": (
        (
            BASE,
            changed(
                *CITY,
                "properties",
                "kind",
                to={"enum": ["town", "village"]},
                root=changed("components", "schemas", "Kind", root=changed(*CITY, "properties", "kind")),
            ),
        ),
        True,
        "#/components/schemas/Kind",
    ),
}


@pytest.mark.parametrize("rule", TABLE)
def test_a_rule_finds_what_it_is_for_and_nothing_else_does(rule: str) -> None:
    (old, new), breaking, location = TABLE[rule]
    found = compare(old, new)
    assert [(each.rule, each.breaking, each.location) for each in found] == [(rule, breaking, location)]


def test_every_rule_is_tried() -> None:
    facets = {
        f"{way}-{facet}-{change}"
        for way in ("request", "response")
        for facet in FACETS
        for change in ("narrowed", "widened", "changed")
    }
    assert RULES.keys() - facets == TABLE.keys()


def test_every_sentence_can_be_written() -> None:
    words = dict.fromkeys(("name", "place", "old", "new", "what", "facet"), "x")
    assert all(rule.sentence.format(**words).endswith(".") for rule in RULES.values())


def test_a_document_has_no_differences_from_itself() -> None:
    assert compare(BASE, deepcopy(BASE)) == []


def test_prose_is_no_difference() -> None:
    prosaic = changed("info", "description", to="Longer.")
    prosaic = changed(*CITY, "description", to="A town.", root=prosaic)
    prosaic = changed(*GET, "summary", to="Read one.", root=prosaic)
    assert compare(BASE, prosaic) == []


def test_a_renamed_path_parameter_is_one_that_is_gone_and_one_that_is_new() -> None:
    new = deepcopy(BASE)
    item = new["paths"].pop("/cities/{id}")
    item["parameters"][0]["name"] = "city"
    new["paths"]["/cities/{city}"] = item
    rules = {each.rule for each in compare(BASE, new)}
    assert rules == {"parameter-removed", "parameter-added-required"}


@pytest.mark.parametrize(
    ("old", "new", "rules"),
    [
        ([{"key": []}], [{"key": []}, {"session": []}], ["security-looser"]),
        ([{"key": []}, {"session": []}], [{"key": []}], ["security-stricter"]),
        ([{"key": ["a"]}], [{"key": ["a", "b"]}], ["security-stricter"]),
        ([{"key": ["a", "b"]}], [{"key": ["a"]}], ["security-looser"]),
        ([{"key": []}], [{"key": [], "session": []}], ["security-stricter"]),
        ([{"key": []}, {"session": []}], [{"session": []}, {"key": []}], []),
        ([], [{}], []),
        ([{"key": []}, {}], [{}], []),
    ],
)
def test_security(old: list[Json], new: list[Json], rules: list[str]) -> None:
    found = compare(changed(*GET, "security", to=old), changed(*GET, "security", to=new))
    assert [each.rule for each in found] == rules


def test_the_report_names_rule_place_and_meaning_and_what_breaks_comes_first() -> None:
    (old, new), _, location = TABLE["response-property-removed"]
    new = changed(*GET, "deprecated", to=True, root=new)
    text = report(compare(old, new))
    assert text.splitlines()[:3] == [
        "BREAKING response-property-removed",
        f"         {location}",
        "         The property name is gone: who reads it finds nothing.",
    ]
    assert text.endswith("\n1 breaking and 1 other differences")
    assert report([]) == "No differences."
