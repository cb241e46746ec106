"""Compares two schemas in one direction, all the way down; each pair of schemas once, so circles come to an end."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from openapi.core.diff.alternatives import Alternative, alternatives, text
from openapi.core.diff.difference import Change, Difference, Direction
from openapi.core.diff.document import Document, Part
from openapi.core.diff.facets import compare_facets
from openapi.core.diff.matching import compare_types, match, without_expansions
from openapi.core.diff.objects import compare_objects
from openapi.core.diff.rules import difference, facet_difference
from openapi.core.diff.schema import Schema, schema

Pair = tuple[tuple[int, ...], tuple[int, ...], Direction]


@dataclass(frozen=True)
class Values:
    """A comparison of schemas under way, and the pairs that have had their turn."""

    old: Document
    new: Document
    day: date
    visited: set[Pair] = field(default_factory=set)

    def compare(self, old: Part, new: Part, direction: Direction) -> Iterator[Difference]:
        """Yield the differences of two schemas."""
        yield from self.walk(schema(self.old, old), schema(self.new, new), direction)

    def walk(self, old: Schema, new: Schema, direction: Direction) -> Iterator[Difference]:
        """Yield the differences of two schemas, unless they have had their turn."""
        pair = (old.key, new.key, direction)
        if pair in self.visited:
            return
        self.visited.add(pair)
        before, after = alternatives(old), alternatives(new)
        match_ = match(before, after)
        if direction is Direction.RESPONSE:
            match_ = without_expansions(match_, new)
        yield from compare_types(before, after, match_, direction, new.location)
        yield from _compare_defaults(old, new, direction)
        for one, other in match_.pairs:
            yield from self._alike(one, other, direction)

    def _alike(self, old: Alternative, new: Alternative, direction: Direction) -> Iterator[Difference]:
        yield from compare_facets(old, new, direction, self.day)
        if new.type in ("object", "any"):
            yield from compare_objects(old.schema, new.schema, direction, self.day, self.walk)
        if new.type in ("array", "any"):
            yield from self._arrays(old.schema, new.schema, direction)

    def _arrays(self, old: Schema, new: Schema, direction: Direction) -> Iterator[Difference]:
        lengths = [max(map(len, each.values("prefixItems")), default=0) for each in (old, new)]
        if lengths[0] != lengths[1]:
            yield facet_difference(
                "prefixItems", Change.CHANGED, direction, new.location, old=lengths[0], new=lengths[1]
            )
        for number in range(min(lengths)):
            yield from self.walk(old.child("prefixItems", number), new.child("prefixItems", number), direction)
        yield from self.walk(old.child("items"), new.child("items"), direction)


def _compare_defaults(old: Schema, new: Schema, direction: Direction) -> Iterator[Difference]:
    before, after = _default(old), _default(new)
    if before == after:
        return
    added = direction is Direction.REQUEST and before is None
    rule = f"{direction}-default-{'added' if added else 'changed'}"
    yield difference(rule, new.location, old=before or "nothing", new=after or "nothing")


def _default(schema: Schema) -> str | None:
    values: list[Any] = schema.values("default")
    return text(values[0]) if values else None
