"""Compares the members of objects: properties, which of them are required, and all the others."""

from collections.abc import Iterator
from datetime import date
from typing import Any, Protocol

from openapi.core.diff.difference import Change, Difference, Direction
from openapi.core.diff.document import Json
from openapi.core.diff.rules import difference, facet_difference
from openapi.core.diff.schema import Schema
from openapi.core.diff.sunsets import REPLACED_BY, removal

# Members that do not travel in a direction.
ABSENT = {Direction.REQUEST: "readOnly", Direction.RESPONSE: "writeOnly"}


class Walk(Protocol):
    """Compares what lies below."""

    def __call__(self, old: Schema, new: Schema, direction: Direction) -> Iterator[Difference]:
        """Yield the differences of two schemas."""


def compare_objects(old: Schema, new: Schema, direction: Direction, day: date, walk: Walk) -> Iterator[Difference]:
    """Yield the differences in the members of two objects."""
    before, after = properties(old, direction), properties(new, direction)
    required = [_required(schema) for schema in (old, new)]
    gone = [annotations(before[name]) for name in before.keys() - after.keys()]
    for name in before.keys() - after.keys():
        change = difference(f"{direction}-property-removed", before[name].at, name=name)
        yield removal(change, [annotations(before[name])], day)
    for name in after.keys() - before.keys():
        needed = "-required" if direction is Direction.REQUEST and name in required[1] else ""
        yield difference(f"{direction}-property-added{needed}", after[name].at, name=name)
    for name in before.keys() & after.keys():
        for change in _required_changes(name, after[name].at, name in required[0], name in required[1], direction):
            # Of two names of one member a body needed either; where the old one has gone, it needs the new one.
            old_names = [each for each in gone if each.get(REPLACED_BY) == name] if change.breaking else []
            yield removal(change, old_names, day)
        if after[name].says("deprecated") and not before[name].says("deprecated"):
            yield difference("property-deprecated", after[name].at, name=name)
        yield from walk(before[name], after[name], direction)
    yield from _compare_others(old, new, direction, walk)


def properties(schema: Schema, direction: Direction) -> dict[str, Schema]:
    """Return the properties that travel in a direction."""
    names = {name: None for properties in schema.values("properties") for name in properties}
    children = {name: schema.child("properties", name) for name in names}
    return {name: child for name, child in children.items() if not child.says(ABSENT[direction])}


def annotations(schema: Schema) -> Json:
    """Return what a property says of itself, beside its values."""
    return {name: value for leaf in reversed(schema.leaves) for name, value in leaf.value.items()}


def _required(schema: Schema) -> set[str]:
    return {name for names in schema.values("required") for name in names}


def _required_changes(name: str, at: str, was: bool, now: bool, direction: Direction) -> Iterator[Difference]:
    if was != now:
        yield difference(f"{direction}-property-became-{'required' if now else 'optional'}", at, name=name)


def _compare_others(old: Schema, new: Schema, direction: Direction, walk: Walk) -> Iterator[Difference]:
    """Compare `additionalProperties`: open (absent or true), closed (false), or a schema for every other member."""
    before, after = _others(old), _others(new)
    if before == after:
        if before == "a schema":
            yield from walk(old.child("additionalProperties"), new.child("additionalProperties"), direction)
        return
    if direction is Direction.RESPONSE and before == "closed":
        yield difference("response-object-opened", new.location)
        return
    yield facet_difference(
        "additionalProperties", _others_change(before, after, direction), direction, new.location, old=before, new=after
    )


OPENNESS = ("closed", "a schema", "open")


def _others_change(before: str, after: str, direction: Direction) -> Change:
    if direction is Direction.RESPONSE and (before, after) == ("a schema", "closed"):
        return Change.CHANGED  # the members of a map are gone, as a property may be
    return Change.WIDENED if OPENNESS.index(after) > OPENNESS.index(before) else Change.NARROWED


def _others(schema: Schema) -> str:
    values: list[Any] = schema.values("additionalProperties")
    if any(value is False for value in values):
        return "closed"
    return "a schema" if any(isinstance(value, dict) and value for value in values) else "open"
