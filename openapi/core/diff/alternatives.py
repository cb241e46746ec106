"""Writes a schema as its alternatives, one JSON type each: `oneOf`, `anyOf`, lists of types and null all alike.

A pattern that is a list of names counts as an enum of them. Names stand in several such lists, by what they have in
common, so the lists of one schema count together: a name may move from one to another.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any

from openapi.core.diff.document import Part
from openapi.core.diff.names import names_in
from openapi.core.diff.schema import Schema, says_nothing, unfolded

ANY = "any"
TYPES = ("null", "boolean", "integer", "number", "string", "array", "object")
UNIONS = ("oneOf", "anyOf")
OF_NAMES = {"type", "enum", "const", "pattern", "deprecated"}
MOST = 256  # combinations of alternatives; beyond them a union is compared as a text


@dataclass(frozen=True)
class Alternative:
    """One of the kinds of value that a schema allows.

    Attributes:
        type: a JSON type, or `any` where the schema names none.
        schema: all of its rules, free of unions.
        enum: the values of this type that are allowed, as JSON texts; None where all are.
    """

    type: str
    schema: Schema
    enum: frozenset[str] | None = None

    @property
    def title(self) -> str:
        """What to call it: its component's name or its type."""
        return self.schema.name or self.type


def alternatives(schema: Schema) -> list[Alternative]:
    """Return the kinds of value that a schema allows."""
    return _together([each for plain in _without_unions(schema, frozenset()) for each in _by_type(plain)])


def _without_unions(schema: Schema, expanded: frozenset[int]) -> Iterator[Schema]:
    """Choose one branch of every union; a union that contains itself adds nothing."""
    unions = [(leaf, name) for leaf in schema.leaves for name in UNIONS if name in leaf.value]
    if not unions or prod(len(leaf.value[name]) for leaf, name in unions) > MOST:
        yield schema
        return
    if any(id(leaf.value) in expanded for leaf, _ in unions):
        return
    expanded |= {id(leaf.value) for leaf, _ in unions}
    for choice in product(*([leaf.step(name, n) for n in range(len(leaf.value[name]))] for leaf, name in unions)):
        yield from _without_unions(_chosen(schema, choice), expanded)


def _chosen(schema: Schema, choice: tuple[Part, ...]) -> Schema:
    base = [_without(leaf, UNIONS) for leaf in schema.leaves]
    branches = [leaf for branch in choice for leaf in unfolded(schema.document, branch)]
    reference = choice[0].value.get("$ref", "") if len(choice) == 1 and isinstance(choice[0].value, dict) else ""
    return schema.with_leaves(*base, *branches, name=reference.rpartition("/")[2])


def _without(leaf: Part, names: tuple[str, ...]) -> Part:
    if not any(name in leaf.value for name in names):
        return leaf
    return Part({name: value for name, value in leaf.value.items() if name not in names}, leaf.at)


def _together(each: list[Alternative]) -> list[Alternative]:
    """Take all lists of names as one, where one of them is a pattern."""
    lists = [alternative for alternative in each if _is_list_of_names(alternative)]
    if len(lists) < 2 or not any(alternative.schema.values("pattern") for alternative in lists):
        return each
    leaves = {id(leaf.value): leaf for alternative in lists for leaf in alternative.schema.leaves}
    enum = frozenset[str]().union(*(alternative.enum or () for alternative in lists))
    schema = Schema(lists[0].schema.document, tuple(leaves.values()), lists[0].schema.at)
    return [Alternative("string", schema, enum), *(alternative for alternative in each if alternative not in lists)]


def _is_list_of_names(alternative: Alternative) -> bool:
    rules = {name for leaf in alternative.schema.leaves for name in leaf.value if not says_nothing(name)}
    return alternative.type == "string" and alternative.enum is not None and rules <= OF_NAMES


def _by_type(schema: Schema) -> Iterator[Alternative]:
    values, names = _enum(schema), _names(schema)
    if values is None:
        for name in _types(schema, otherwise=[ANY]):
            yield Alternative(name, schema, names if name == "string" else None)
        return
    for name in _most_general(_types(schema, otherwise=list(TYPES))):
        fitting = frozenset(text for text in values if _is(name, json.loads(text)))
        if name == "string" and names is not None:
            fitting &= names
        if fitting:
            yield Alternative(name, schema, None if name == "null" else fitting)


def _most_general(types: list[str]) -> list[str]:
    return [name for name in types if name != "integer" or "number" not in types]


def _types(schema: Schema, *, otherwise: list[str]) -> list[str]:
    """Return the types that every leaf allows, or something else where no leaf names any."""
    type_lists = [value if isinstance(value, list) else [value] for value in schema.values("type")]
    if not type_lists:
        return otherwise
    return [
        name
        for name in TYPES
        if all(_allows(types, name) for types in type_lists) and any(name in t for t in type_lists)
    ]


def _allows(types: list[str], name: str) -> bool:
    return name in types or (name == "integer" and "number" in types)


def _enum(schema: Schema) -> frozenset[str] | None:
    """Return the values that every `enum` and `const` allows, as texts; None where there is neither."""
    lists = [*schema.values("enum"), *([value] for value in schema.values("const"))]
    if not lists:
        return None
    return frozenset.intersection(*(frozenset(map(text, values)) for values in lists))


def _names(schema: Schema) -> frozenset[str] | None:
    """Return the names that every `pattern` allows, as texts; None where one is not a list of names."""
    lists = [names_in(pattern) for pattern in schema.values("pattern")]
    known = [names for names in lists if names is not None]
    if not lists or len(known) < len(lists):
        return None
    return frozenset(map(text, frozenset.intersection(*known)))


def text(value: Any) -> str:
    """Write a JSON value so that equal values are equal texts."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _is(name: str, value: Any) -> bool:
    if isinstance(value, bool) or value is None:
        return name == ("null" if value is None else "boolean")
    kinds: dict[str, Any] = {"integer": int, "number": (int, float), "string": str, "array": list, "object": dict}
    return name in kinds and isinstance(value, kinds[name])
