"""What a client may send must not shrink; what it may receive must not grow. One table, read in both directions."""

from typing import Any

import pytest

from openapi.core.diff import compare
from openapi.core.diff.rules import FACETS
from tests.openapi.core.diff.small import accepting, answering

TEXT, NUMBER, WHOLE = {"type": "string"}, {"type": "number"}, {"type": "integer"}
OBJECT: dict[str, Any] = {"type": "object"}
ARRAY: dict[str, Any] = {"type": "array"}
REF = {"$ref": "#/components/schemas/A"}
A = {"type": "object", "properties": {"a": TEXT}}

# facet, the wider schema, the narrower one
NARROWING: list[tuple[str, Any, Any]] = [
    ("type", {"type": ["string", "integer"]}, TEXT),
    ("type", NUMBER, WHOLE),
    ("type", {}, TEXT),
    ("type", True, TEXT),
    ("type", {"oneOf": [TEXT, REF]}, REF),
    ("type", {"anyOf": [TEXT, WHOLE]}, TEXT),
    ("nullable", {"type": ["string", "null"]}, TEXT),
    ("nullable", {"oneOf": [REF, {"type": "null"}]}, REF),
    ("nullable", {"enum": ["a", None]}, {"enum": ["a"]}),
    ("enum", TEXT, TEXT | {"enum": ["a", "b"]}),
    ("enum", {"enum": ["a", "b"]}, {"enum": ["a"]}),
    ("enum", {"enum": ["a", "b"]}, {"const": "a"}),
    ("enum", {"enum": [1, 2.5]}, {"enum": [1]}),
    ("format", TEXT, TEXT | {"format": "date"}),
    ("format", WHOLE | {"format": "int64"}, WHOLE | {"format": "int32"}),
    ("pattern", TEXT, TEXT | {"pattern": "^a"}),
    ("minimum", WHOLE, WHOLE | {"minimum": 1}),
    ("minimum", WHOLE | {"minimum": 1}, WHOLE | {"minimum": 2}),
    ("minimum", WHOLE | {"minimum": 1}, WHOLE | {"exclusiveMinimum": 1}),
    ("maximum", NUMBER, NUMBER | {"maximum": 1}),
    ("maximum", NUMBER | {"maximum": 2}, NUMBER | {"maximum": 1.5}),
    ("maximum", NUMBER | {"maximum": 2}, NUMBER | {"exclusiveMaximum": 2}),
    ("multipleOf", WHOLE, WHOLE | {"multipleOf": 2}),
    ("multipleOf", WHOLE | {"multipleOf": 2}, WHOLE | {"multipleOf": 4}),
    ("minLength", TEXT, TEXT | {"minLength": 1}),
    ("maxLength", TEXT, TEXT | {"maxLength": 9}),
    ("maxLength", TEXT | {"maxLength": 9}, TEXT | {"maxLength": 8}),
    ("minItems", ARRAY, ARRAY | {"minItems": 1}),
    ("maxItems", ARRAY | {"maxItems": 3}, ARRAY | {"maxItems": 2}),
    ("uniqueItems", ARRAY, ARRAY | {"uniqueItems": True}),
    ("minProperties", OBJECT, OBJECT | {"minProperties": 1}),
    ("maxProperties", OBJECT, OBJECT | {"maxProperties": 5}),
    ("type", ARRAY, ARRAY | {"items": TEXT}),
    ("maxLength", ARRAY | {"items": TEXT}, ARRAY | {"items": TEXT | {"maxLength": 1}}),
    ("maxLength", ARRAY | {"prefixItems": [TEXT]}, ARRAY | {"prefixItems": [TEXT | {"maxLength": 1}]}),
    ("additionalProperties", OBJECT, OBJECT | {"additionalProperties": TEXT}),
    ("maxLength", OBJECT | {"additionalProperties": TEXT}, OBJECT | {"additionalProperties": TEXT | {"maxLength": 1}}),
    ("maxLength", REF, {"type": "object", "properties": {"a": {"type": "string", "maxLength": 1}}}),
    *((name, OBJECT, OBJECT | {name: {"a": TEXT}}) for name in ("patternProperties", "dependentSchemas")),
    ("propertyNames", OBJECT, OBJECT | {"propertyNames": {"maxLength": 3}}),
    ("dependentRequired", OBJECT, OBJECT | {"dependentRequired": {"a": ["b"]}}),
    ("unevaluatedProperties", OBJECT, OBJECT | {"unevaluatedProperties": False}),
    ("unevaluatedItems", ARRAY, ARRAY | {"unevaluatedItems": False}),
    ("contains", ARRAY, ARRAY | {"contains": TEXT}),
    ("minContains", ARRAY | {"minContains": 1}, ARRAY | {"minContains": 2}),
    ("maxContains", ARRAY | {"maxContains": 2}, ARRAY | {"maxContains": 1}),
    ("contentEncoding", TEXT, TEXT | {"contentEncoding": "base64"}),
    ("contentMediaType", TEXT, TEXT | {"contentMediaType": "image/png"}),
    ("contentSchema", TEXT, TEXT | {"contentSchema": OBJECT}),
    ("discriminator", OBJECT, OBJECT | {"discriminator": {"propertyName": "a"}}),
    *((name, OBJECT, OBJECT | {name: {"required": ["a"]}}) for name in ("not", "if", "then", "else")),
]

# Neither contains the other: both directions break.
CHANGED: list[tuple[str, Any, Any]] = [
    ("pattern", TEXT | {"pattern": "^a"}, TEXT | {"pattern": "^b"}),
    ("format", TEXT | {"format": "date"}, TEXT | {"format": "date-time"}),
    ("multipleOf", WHOLE | {"multipleOf": 2}, WHOLE | {"multipleOf": 3}),
    ("not", {"not": TEXT}, {"not": WHOLE}),
    ("prefixItems", ARRAY | {"prefixItems": [TEXT]}, ARRAY | {"prefixItems": [TEXT, TEXT]}),
    (
        "discriminator",
        OBJECT | {"discriminator": {"propertyName": "a"}},
        OBJECT | {"discriminator": {"propertyName": "b"}},
    ),
    ("oneOf", OBJECT | {"oneOf": [TEXT] * 300}, OBJECT | {"oneOf": [WHOLE] * 300}),
    ("anyOf", OBJECT | {"anyOf": [TEXT] * 300}, OBJECT | {"anyOf": [WHOLE] * 300}),
]

# Two ways to say the same.
SAME: list[tuple[Any, Any]] = [
    ({"type": ["string", "null"]}, {"oneOf": [TEXT, {"type": "null"}]}),
    ({"anyOf": [TEXT, WHOLE]}, {"oneOf": [WHOLE, TEXT]}),
    ({"type": ["integer", "string"], "maxLength": 2}, {"oneOf": [WHOLE, TEXT | {"maxLength": 2}]}),
    (REF, {"allOf": [REF], "description": "The same."}),
    (REF, REF | {"description": "The same."}),
    (A, {"allOf": [{"type": "object"}, {"properties": {"a": TEXT}}]}),
    ({"enum": ["a"], "type": "string"}, {"const": "a", "type": "string"}),
    ({"enum": ["a", "b"]}, {"enum": ["b", "a"]}),
    ({"type": ["string", "null"], "enum": ["a", None]}, {"oneOf": [{"enum": ["a"]}, {"type": "null"}]}),
    (TEXT | {"minLength": 0}, TEXT),
    (WHOLE | {"minimum": 1}, {"allOf": [WHOLE | {"minimum": 0}, {"minimum": 1}]}),
    (ARRAY, ARRAY | {"items": {}}),
    ({}, True),
    (TEXT | {"title": "T", "example": "a", "x-anything": 1}, TEXT),
    ({"oneOf": [REF, {"type": "null"}]}, {"oneOf": [{"type": "null"}, {"allOf": [REF]}]}),
]

BREAKING = {
    ("request", "narrowed"): True,
    ("request", "widened"): False,
    ("response", "narrowed"): False,
    ("response", "widened"): True,
}


def rules(direction: str, old: Any, new: Any) -> list[tuple[str, bool]]:
    document = accepting if direction == "request" else answering
    found = compare(document(old, A=A), document(new, A=A))
    return [(each.rule, each.breaking) for each in found if each.rule != "component-removed"]


@pytest.mark.parametrize("direction", ["request", "response"])
@pytest.mark.parametrize(("facet", "wide", "narrow"), NARROWING)
def test_narrowing_and_widening(direction: str, facet: str, wide: Any, narrow: Any) -> None:
    enums = facet == "enum"  # in answers, values of enums may neither come nor go
    for old, new, change in ((wide, narrow, "narrowed"), (narrow, wide, "widened")):
        breaking = BREAKING[direction, change] or (enums and direction == "response")
        assert rules(direction, old, new) == [(f"{direction}-{facet}-{change}", breaking)]


@pytest.mark.parametrize("direction", ["request", "response"])
@pytest.mark.parametrize(("facet", "old", "new"), CHANGED)
def test_a_change_to_something_else_breaks(direction: str, facet: str, old: Any, new: Any) -> None:
    assert rules(direction, old, new) == [(f"{direction}-{facet}-changed", True)]
    assert rules(direction, new, old) == [(f"{direction}-{facet}-changed", True)]


@pytest.mark.parametrize("direction", ["request", "response"])
@pytest.mark.parametrize(("old", "new"), SAME)
def test_two_ways_to_say_the_same_are_no_difference(direction: str, old: Any, new: Any) -> None:
    assert rules(direction, old, new) == []
    assert rules(direction, new, old) == []


def test_every_facet_is_tried() -> None:
    assert {facet for facet, _, _ in [*NARROWING, *CHANGED]} == set(FACETS) - {"items"}


def test_of_two_enums_only_what_differs_is_shown() -> None:
    found = compare(accepting({"enum": ["a", "b", "c"]}), accepting({"enum": ["a", "d"]}))
    narrowed = next(each for each in found if each.rule == "request-enum-narrowed")
    assert narrowed.sentence.startswith('enum went from …, "b", "c" to …, "d":')


def test_another_type_is_both_narrower_and_wider() -> None:
    assert rules("request", TEXT, WHOLE) == [("request-type-narrowed", True), ("request-type-widened", False)]
    assert rules("response", TEXT, WHOLE) == [("response-type-narrowed", False), ("response-type-widened", True)]


def test_opening_and_closing_objects() -> None:
    shut, mapped = OBJECT | {"additionalProperties": False}, OBJECT | {"additionalProperties": TEXT}
    assert rules("response", shut, OBJECT) == [("response-object-opened", False)]
    assert rules("response", OBJECT, shut) == [("response-additionalProperties-narrowed", False)]
    assert rules("response", mapped, shut) == [("response-additionalProperties-changed", True)]
    assert rules("request", OBJECT, shut) == [("request-additionalProperties-narrowed", True)]
    assert rules("request", shut, mapped) == [("request-additionalProperties-widened", False)]


def test_members_that_do_not_travel_are_not_compared() -> None:
    whole = {"type": "object", "properties": {"a": TEXT, "b": TEXT | {"readOnly": True}}, "required": ["a", "b"]}
    assert rules("request", whole, A | {"required": ["a"]}) == []
    assert rules("response", whole, A | {"required": ["a"]}) == [("response-property-removed", True)]
    secret = {"type": "object", "properties": {"a": TEXT, "b": TEXT | {"writeOnly": True}}}
    assert rules("response", secret, A) == []


def test_a_member_that_becomes_read_only_is_gone_from_requests() -> None:
    new = {"type": "object", "properties": {"a": TEXT | {"readOnly": True}}}
    assert rules("request", A, new) == [("request-property-removed", True)]
    assert rules("response", A, new) == []


def test_a_schema_that_contains_itself_comes_to_an_end() -> None:
    node = {"type": "object", "properties": {"value": TEXT, "next": {"oneOf": [REF, {"type": "null"}]}}}
    other = {"type": "object", "properties": {"value": WHOLE, "next": {"oneOf": [REF, {"type": "null"}]}}}
    found = compare(answering(REF, A=node), answering(REF, A=other))
    assert [(each.rule, each.location) for each in found] == [
        ("response-type-narrowed", "#/components/schemas/A/properties/value"),
        ("response-type-widened", "#/components/schemas/A/properties/value"),
    ]


@pytest.mark.parametrize("keyword", ["oneOf", "anyOf", "allOf"])
def test_a_reference_in_a_circle_comes_to_an_end(keyword: str) -> None:
    circle = {keyword: [REF, TEXT]}
    assert compare(answering(REF, A=circle), answering(REF, A=circle)) == []


def test_what_a_component_says_is_reported_once() -> None:
    def twice(name: Any) -> Any:
        return answering(
            {"type": "object", "properties": {"x": REF, "y": REF | {"description": "Again."}}},
            A={"type": "object", "properties": {"name": name}},
        )

    found = compare(twice(TEXT), twice(TEXT | {"minLength": 1}))
    assert [each.location for each in found] == ["#/components/schemas/A/properties/name"]
