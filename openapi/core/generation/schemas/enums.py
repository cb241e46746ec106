"""Enumerations, each under the name of the `TextChoices` or `IntegerChoices` class that it was declared as.

Where another class has the name, or a schema of another kind, the model's name stands before it; what drf-spectacular's
`ENUM_NAME_OVERRIDES` says counts before all that.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import models
from drf_spectacular.plumbing import list_hash, load_enum_name_overrides

from openapi.core.generation.names import pascal
from openapi.core.generation.reserved import is_taken

Schema = dict[str, Any]


def enum_of(column: models.Field[Any, Any]) -> tuple[str, Schema, type[Any] | str]:
    """Return the name and the schema of a column's choices, and what declares them."""
    declared, override = _declared(column), _override(column)
    if declared is None:
        name = override or pascal(column.model.__name__, column.name)
        values = [value for value, _ in column.flatchoices]
        return name, {**_values(values)}, f"the choices {', '.join(map(str, values))} of {column}"
    labels = {str(value): str(label) for value, label in declared.choices}
    lines = [f"- `{value}`: {label}" for value, label in labels.items()]
    schema = {
        "description": "\n".join([(declared.__doc__ or "").strip(), "", *lines]).strip(),
        **_values(declared.values),
        "x-enum-varnames": declared.names,
        "x-enum-descriptions": list(labels.values()),
    }
    return override or _name(declared, column), schema, declared


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
    """Return the class's name, with the model's before it where something else has the name."""
    alike = [kind for kind in _classes(models.Choices) if kind.__name__ == declared.__name__]
    is_free = len(alike) == 1 and not is_taken(declared.__name__)
    return declared.__name__ if is_free else pascal(column.model.__name__, declared.__name__)


def _override(column: models.Field[Any, Any]) -> str | None:
    """Return the name that the settings give to the choices of a column, compared as drf-spectacular does."""
    overrides: dict[str, str] = load_enum_name_overrides()  # type: ignore[no-untyped-call]
    values = [(value, label) for value, label in column.flatchoices if value not in ("", None)]
    return overrides.get(list_hash(values)) if overrides else None


def _classes(base: Any) -> Iterator[Any]:
    for kind in base.__subclasses__():
        if len(kind):
            yield kind
        yield from _classes(kind)
