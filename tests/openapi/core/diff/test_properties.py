"""What holds for every contract: laws of the comparison, tried on generated schemas."""

from copy import deepcopy
from datetime import date
from typing import Any

import jsonschema_rs
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from openapi.core.diff import compare
from tests.openapi.core.diff.small import Json, accepting, answering

NAMES = st.sampled_from(["a", "b", "c", "d/e", "f~g"])
COMPONENTS = ("A", "B")
SMALL = st.integers(0, 5)

strings = st.fixed_dictionaries(
    {"type": st.just("string")},
    optional={
        "minLength": SMALL,
        "maxLength": SMALL.map(lambda n: n + 5),
        "format": st.sampled_from(["date", "uuid"]),
        "pattern": st.sampled_from(["^a", "b$"]),
    },
)
numbers = st.fixed_dictionaries(
    {"type": st.sampled_from(["integer", "number"])},
    optional={"minimum": SMALL, "exclusiveMaximum": SMALL.map(lambda n: n + 10), "multipleOf": st.sampled_from([2, 4])},
)
enums = st.fixed_dictionaries({"enum": st.lists(st.sampled_from(["x", "y", "z"]), min_size=1, unique=True)})
plain = strings | numbers | enums | st.just({"type": "boolean"})


def deeper(inner: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    return (
        st.builds(_object, st.dictionaries(NAMES, inner, max_size=3), st.sets(NAMES))
        | st.builds(lambda items, size: {"type": "array", "items": items, "minItems": size}, inner, SMALL)
        | st.lists(inner, min_size=1, max_size=3).map(lambda each: {"oneOf": each})
        | inner.map(lambda each: {"anyOf": [each, {"type": "null"}]})
    )


def _object(properties: Json, required: set[str]) -> Json:
    return {
        "type": "object",
        "properties": properties,
        "required": sorted(required & properties.keys()),
        "additionalProperties": False,
    }


def recursive(leaves: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    return st.recursive(leaves, deeper, max_leaves=6)


references = st.sampled_from([{"$ref": f"#/components/schemas/{name}"} for name in COMPONENTS])
schemas = recursive(plain | references)
components = st.fixed_dictionaries(dict.fromkeys(COMPONENTS, schemas))
closed = recursive(plain)
documents = st.builds(
    lambda make, schema, parts: make(schema, **parts), st.sampled_from([accepting, answering]), schemas, components
)

laws = settings(deadline=None, suppress_health_check=[HealthCheck.filter_too_much])


@laws
@given(documents)
def test_a_contract_has_no_differences_from_itself(document: Json) -> None:
    assert compare(document, deepcopy(document)) == []


@laws
@given(documents, documents)
def test_any_two_contracts_can_be_compared_and_the_answer_is_stable(old: Json, new: Json) -> None:
    assert compare(old, new) == compare(deepcopy(old), deepcopy(new))


def places_of_properties(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the way to every property, outside of unions: there, another branch may still hold it."""
    if isinstance(value, list):
        return []
    found = [(*path, "properties", name) for name in value.get("properties", {})]
    for key in ("properties", "items"):
        below = {"items": value["items"]} if key == "items" and "items" in value else value.get(key, {})
        for name, each in below.items():
            found += places_of_properties(each, (*path, key) if key == "items" else (*path, key, name))
    return found


def without(schema: Json, path: tuple[Any, ...]) -> Json:
    copy = deepcopy(schema)
    part: Any = copy
    for name in path[:-1]:
        part = part[name]
    del part[path[-1]]
    return copy


@laws
@given(closed, st.data())
def test_every_property_that_goes_from_an_answer_breaks(schema: Json, data: st.DataObject) -> None:
    places = places_of_properties(schema)
    assume(places)
    place = data.draw(st.sampled_from(places))
    found = compare(answering(schema), answering(without(schema, place)))
    location = "#/paths/~1x/get/responses/200/content/application~1json/schema" + "".join(
        "/" + name.replace("~", "~0").replace("/", "~1") for name in place
    )
    assert ("response-property-removed", location, True) in {
        (each.rule, each.location, each.breaking) for each in found
    }


@laws
@given(closed, st.data())
def test_what_was_announced_may_go(schema: Json, data: st.DataObject) -> None:
    places = places_of_properties(schema)
    assume(places)
    place = data.draw(st.sampled_from(places))
    announced = deepcopy(schema)
    part: Any = announced
    for name in place:
        part = part[name]
    part |= {"deprecated": True, "x-sunset": "2027-01-31"}
    old, new = answering(announced), answering(without(announced, place))
    assert any(each.breaking for each in compare(old, new, day=date(2027, 1, 31)))
    assert not any(each.breaking for each in compare(old, new, day=date(2027, 2, 1)))


@laws
@given(closed, closed)
def test_a_body_that_was_valid_stays_valid_unless_the_comparison_says_that_it_breaks(old: Json, new: Json) -> None:
    """Held against jsonschema-rs, which decides whether one schema contains another in a way of its own."""
    if not any(each.breaking for each in compare(accepting(old), accepting(new))):
        assert str(_covers(new, old)) != "no"


@laws
@given(recursive(plain).filter(lambda schema: "properties" not in str(schema)), st.data())
def test_an_answer_is_one_that_clients_know_unless_the_comparison_says_that_it_breaks(
    old: Json, data: st.DataObject
) -> None:
    new = data.draw(closed.filter(lambda schema: "properties" not in str(schema)))
    if not any(each.breaking for each in compare(answering(old), answering(new))):
        assert str(_covers(old, new)) != "no"


def _covers(wide: Json, narrow: Json) -> jsonschema_rs.canonical.Containment:
    # A union is compared as if its branches could overlap, so it is read as `anyOf` here, too.
    return _canonical(wide).covers(_canonical(narrow))


def _canonical(schema: Json) -> jsonschema_rs.CanonicalSchema:
    return jsonschema_rs.canonicalize(_any_of(schema), validate_formats=False)


def _any_of(value: Any) -> Any:
    if isinstance(value, list):
        return [_any_of(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {("anyOf" if name == "oneOf" else name): _any_of(each) for name, each in value.items()}
