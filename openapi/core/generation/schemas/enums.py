"""Enumerations, each under the name of the `TextChoices` or `IntegerChoices` class that it was declared as."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import models

from openapi.core.generation.names import pascal

Schema = dict[str, Any]


def enum_of(column: models.Field[Any, Any]) -> tuple[str, Schema]:
    """Return the name and the schema of a column's choices."""
    declared = _declared(column)
    if declared is None:
        name = pascal(column.model.__name__, column.name)
        return name, {**_values([value for value, _ in column.flatchoices])}
    labels = {str(value): str(label) for value, label in declared.choices}
    lines = [f"- `{value}`: {label}" for value, label in labels.items()]
    schema = {
        "description": "\n".join([(declared.__doc__ or "").strip(), "", *lines]).strip(),
        **_values(declared.values),
        "x-enum-varnames": declared.names,
        "x-enum-descriptions": list(labels.values()),
    }
    return _name(declared, column), schema


def _values(values: list[Any]) -> Schema:
    kinds = {type(value) for value in values}
    types = {str: "string", int: "integer"}
    type_ = {"type": types[kinds.pop()]} if len(kinds) == 1 and kinds <= types.keys() else {}
    return {**type_, "enum": values}


def _declared(column: models.Field[Any, Any]) -> Any:
    """Find the class behind a column's choices, which Django does not keep: first where the model stands."""
    same = [kind for kind in _classes(models.Choices) if list(kind.choices) == list(column.flatchoices)]
    near = [kind for kind in same if kind.__module__ == column.model.__module__]
    return next(iter(near or sorted(same, key=lambda kind: kind.__module__)), None)


def _name(declared: Any, column: models.Field[Any, Any]) -> str:
    """Return the class's name, with the model's before it where several classes have the name."""
    alike = [kind for kind in _classes(models.Choices) if kind.__name__ == declared.__name__]
    return declared.__name__ if len(alike) == 1 else pascal(column.model.__name__, declared.__name__)


def _classes(base: Any) -> Iterator[Any]:
    for kind in base.__subclasses__():
        if len(kind):
            yield kind
        yield from _classes(kind)
