"""The table of facets: for each keyword that limits a single value, how a change of it changes what is allowed."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from openapi.core.diff.alternatives import Alternative, text
from openapi.core.diff.difference import Change, Difference, Direction
from openapi.core.diff.names import names_in
from openapi.core.diff.rules import facet_difference
from openapi.core.diff.sunsets import SUNSETS, removal_of_names

NONE = "none"
ALL = ("any", "null", "boolean", "integer", "number", "string", "array", "object")
NUMBERS, STRINGS, ARRAYS, OBJECTS = ("any", "integer", "number"), ("any", "string"), ("any", "array"), ("any", "object")

# A format whose values are all values of another.
WIDER_FORMATS = {("int32", "int64"), ("float", "double"), ("uri", "uri-reference"), ("email", "idn-email")}

Read = Callable[[Alternative], Any]
Order = Callable[[Any, Any], Iterator[Change]]


@dataclass(frozen=True, slots=True)
class Facet:
    """How one keyword is read and compared; None means that it is not there.

    Attributes:
        types: the JSON types that it limits.
    """

    name: str
    types: tuple[str, ...]
    read: Read
    order: Order


def _either(narrowed: bool, widened: bool) -> Iterator[Change]:
    yield from [Change.NARROWED] * narrowed
    yield from [Change.WIDENED] * widened


def _opaque(old: Any, new: Any) -> Iterator[Change]:
    """A limit whose inside is not understood: there, not there, or another one."""
    if old is None or new is None:
        yield from _either(old is None and new is not None, new is None and old is not None)
    elif text(old) != text(new):
        yield Change.CHANGED


def _lower(old: Any, new: Any) -> Iterator[Change]:
    if old is None or new is None:
        return _opaque(old, new)
    return _either(new > old, new < old)


def _upper(old: Any, new: Any) -> Iterator[Change]:
    if old is None or new is None:
        return _opaque(old, new)
    return _either(new < old, new > old)


def _multiple(old: Any, new: Any) -> Iterator[Change]:
    if old is None or new is None or old == new:
        return _opaque(old, new)
    if new % old == 0:
        return iter([Change.NARROWED])
    return iter([Change.WIDENED if old % new == 0 else Change.CHANGED])


def _format(old: Any, new: Any) -> Iterator[Change]:
    if (old, new) in WIDER_FORMATS:
        return iter([Change.WIDENED])
    return iter([Change.NARROWED]) if (new, old) in WIDER_FORMATS else _opaque(old, new)


def _values(old: Any, new: Any) -> Iterator[Change]:
    """A list of values: the more there are, the more is allowed."""
    if old is None or new is None:
        return _opaque(old, new)
    return _either(not old <= new, not new <= old)


def _single(keyword: str) -> Read:
    """Read a keyword that is said once; said in several places, all of them count."""

    def read(alternative: Alternative) -> Any:
        values = {text(value): value for value in alternative.schema.values(keyword)}
        distinct = [values[name] for name in sorted(values)]
        return None if not distinct else distinct[0] if len(distinct) == 1 else distinct

    return read


def _tightest(keyword: str, choose: Callable[[list[Any]], Any], idle: Any = None) -> Read:
    """Read a limit as the tightest of those said; one that limits nothing counts as none."""

    def read(alternative: Alternative) -> Any:
        values = alternative.schema.values(keyword)
        return choose(values) if values and choose(values) != idle else None

    return read


def _bound(keyword: str, exclusive: str, sign: int) -> Read:
    """Read a bound as a pair that compares as the bound does: the number, and whether it is itself left out."""

    def read(alternative: Alternative) -> Any:
        schema = alternative.schema
        bounds = [(value, 0) for value in schema.values(keyword)] + [
            (value, sign) for value in schema.values(exclusive)
        ]
        return (max if sign > 0 else min)(bounds) if bounds else None

    return read


def _pattern(alternative: Alternative) -> Any:
    """Read a pattern; one whose names count as an enum says no more than they do."""
    values = alternative.schema.values("pattern")
    return None if all(names_in(value) is not None for value in values) else _single("pattern")(alternative)


def _true(keyword: str) -> Read:
    return lambda alternative: True if alternative.schema.says(keyword) else None


def _facet(name: str, types: tuple[str, ...], order: Order = _opaque, read: Read | None = None) -> Facet:
    return Facet(name, types, read or _single(name), order)


FACETS = (
    _facet("enum", ALL, _values, lambda alternative: alternative.enum),
    _facet("format", ALL, _format),
    _facet("minimum", NUMBERS, _lower, _bound("minimum", "exclusiveMinimum", 1)),
    _facet("maximum", NUMBERS, _upper, _bound("maximum", "exclusiveMaximum", -1)),
    _facet("multipleOf", NUMBERS, _multiple),
    _facet("pattern", STRINGS, read=_pattern),
    _facet("minLength", STRINGS, _lower, _tightest("minLength", max, 0)),
    _facet("maxLength", STRINGS, _upper, _tightest("maxLength", min)),
    _facet("contentEncoding", STRINGS),
    _facet("contentMediaType", STRINGS),
    _facet("contentSchema", STRINGS),
    _facet("minItems", ARRAYS, _lower, _tightest("minItems", max, 0)),
    _facet("maxItems", ARRAYS, _upper, _tightest("maxItems", min)),
    _facet("uniqueItems", ARRAYS, read=_true("uniqueItems")),
    _facet("contains", ARRAYS),
    _facet("minContains", ARRAYS, _lower),
    _facet("maxContains", ARRAYS, _upper),
    _facet("unevaluatedItems", ARRAYS),
    _facet("minProperties", OBJECTS, _lower, _tightest("minProperties", max, 0)),
    _facet("maxProperties", OBJECTS, _upper, _tightest("maxProperties", min)),
    _facet("patternProperties", OBJECTS),
    _facet("propertyNames", OBJECTS),
    _facet("unevaluatedProperties", OBJECTS),
    _facet("dependentRequired", OBJECTS),
    _facet("dependentSchemas", OBJECTS),
    *(_facet(name, ALL) for name in ("not", "if", "then", "else", "oneOf", "anyOf", "discriminator")),
)


def compare_facets(old: Alternative, new: Alternative, direction: Direction, day: date) -> Iterator[Difference]:
    """Yield the differences in the facets of two alternatives of one type."""
    for facet in FACETS:
        if new.type in facet.types or old.type in facet.types:
            before, after = facet.read(old), facet.read(new)
            for change in facet.order(before, after):
                found = facet_difference(
                    facet.name,
                    change,
                    direction,
                    new.schema.location,
                    old=_shown(before, beside=after),
                    new=_shown(after, beside=before),
                )
                if facet.name == "enum" and change is Change.NARROWED and before is not None:
                    names = [str(json.loads(value)) for value in before - after]
                    found = removal_of_names(found, names, _sunsets(old), day)
                yield found


def _sunsets(alternative: Alternative) -> dict[str, str]:
    return {name: day for days in alternative.schema.values(SUNSETS) for name, day in days.items()}


def _shown(value: Any, *, beside: Any) -> str:
    if value is None:
        return NONE
    if isinstance(value, frozenset):
        common = value & (beside or frozenset())
        return ", ".join([*["…"] * bool(common), *sorted(value - common)]) or NONE
    if isinstance(value, tuple):
        number, exclusive = value
        return f"{number} (exclusive)" if exclusive else str(number)
    return text(value)
