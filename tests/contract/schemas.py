"""Compiles the schemas of a document, once each, into validators that also refuse members nobody documented."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import jsonschema_rs

from tests.contract.document import Document, Json, Part

# Keywords whose value is a schema for a value of its own, as opposed to a further rule for the same value.
VALUES = ("items", "contains", "additionalProperties", "unevaluatedProperties", "unevaluatedItems")
VALUE_MAPS = ("properties", "patternProperties")
VALUE_LISTS = ("prefixItems",)
SAME_LISTS = ("allOf", "anyOf", "oneOf")
SAME = ("if", "then", "else")


class Schemas:
    """The compiled schemas of one document."""

    def __init__(self, document: Document) -> None:
        self._closing = Closing(document)
        self._components: Json = document.root.get("components", {}).get("schemas", {})
        self._compiled: dict[tuple[str, bool], Any] = {}

    def errors(self, part: Part, value: Any, *, closed: bool = True) -> Iterator[str]:
        """Tell what is wrong with a value, each with the JSON pointer of its place.

        Args:
            part: the schema.
            value: what a JSON parser returned.
            closed: also refuse members of an object that its schema does not name, unless the schema says
                `additionalProperties` or lists no properties at all.
        """
        for error in self._validator(part, closed).iter_errors(value):
            place = "".join(f"/{name}" for name in error.instance_path) or "/"
            yield f"{place}: {error.message[:300]}"

    def _validator(self, part: Part, closed: bool) -> Any:
        if (part.at, closed) not in self._compiled:
            self._compiled[part.at, closed] = self._compile(part.value, closed)
        return self._compiled[part.at, closed]

    def _compile(self, schema: Any, closed: bool) -> Any:
        schema = self._closing.value(schema) if closed else schema
        components = self._closed_components if closed else self._components
        wanted = {"components": {"schemas": _reachable(schema, components)}}
        return jsonschema_rs.Draft202012Validator({"allOf": [schema], **wanted}, validate_formats=True)

    @cached_property
    def _closed_components(self) -> Json:
        return {name: self._closing.rule(schema) for name, schema in self._components.items()}


def _reachable(schema: Any, components: Mapping[str, Any]) -> dict[str, Any]:
    """Pick the components that a schema refers to, however far."""
    found: dict[str, Any] = {}
    waiting = [schema]
    while waiting:
        for name in _names(waiting.pop()):
            if name not in found and name in components:
                found[name] = components[name]
                waiting.append(components[name])
    return found


def _names(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        target = schema.get("$ref")
        if isinstance(target, str):
            yield target.rpartition("/")[2]
        for value in schema.values():
            yield from _names(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _names(value)


@dataclass(frozen=True)
class Closing:
    """Rewrites schemas so that every object which lists its properties has no others.

    `unevaluatedProperties: false` goes where a value begins, never inside `allOf` and its like: there each branch
    would refuse what the other branches name.
    """

    document: Document

    def value(self, schema: Any) -> Any:
        """Close a schema that stands for a whole value."""
        ruled = self.rule(schema)
        return {**ruled, "unevaluatedProperties": False} if self._can_be_closed(schema) else ruled

    def rule(self, schema: Any) -> Any:
        """Close the values below a schema, and leave its own value open."""
        if not isinstance(schema, dict):
            return schema
        ruled: Json = dict(schema)
        for name in ruled.keys() & {*VALUES, *SAME}:
            ruled[name] = self._one(name)(schema[name])
        for name in ruled.keys() & {*VALUE_LISTS, *SAME_LISTS}:
            ruled[name] = [self._one(name)(each) for each in schema[name]]
        for name in ruled.keys() & {*VALUE_MAPS}:
            ruled[name] = {key: self.value(each) for key, each in schema[name].items()}
        return ruled

    def _one(self, keyword: str) -> Any:
        return self.rule if keyword in (*SAME, *SAME_LISTS) else self.value

    def _can_be_closed(self, schema: Any, seen: frozenset[int] = frozenset()) -> bool:
        if not isinstance(schema, dict) or id(schema) in seen or "unevaluatedProperties" in schema:
            return False
        seen |= {id(schema)}
        if "$ref" in schema and self._can_be_closed(self.document.follow(Part(schema, "")).value, seen):
            return True
        if any(self._can_be_closed(each, seen) for each in schema.get("allOf", [])):
            return True
        return self._branches_can_be_closed(schema, seen) or bool(schema.get("properties"))

    def _branches_can_be_closed(self, schema: Json, seen: frozenset[int]) -> bool:
        branches = [each for name in ("oneOf", "anyOf") for each in schema.get(name, []) if self._can_be_object(each)]
        return bool(branches) and all(self._can_be_closed(each, seen) for each in branches)

    def _can_be_object(self, schema: Any) -> bool:
        target = self.document.follow(Part(schema, "")).value
        if not isinstance(target, dict):
            return bool(target)
        types = target.get("type", "object")
        return ("object" in types if isinstance(types, list) else types == "object") and not (
            "enum" in target or "const" in target
        )
