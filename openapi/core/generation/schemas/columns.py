"""JSON Schemas of database columns, alike on every database: the narrowest range that any of them keeps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core import validators
from django.db import models
from django.db.backends.base.operations import BaseDatabaseOperations
from django.db.models import CheckConstraint, Q

from resources.core.database.columns import converts, value_column

Schema = dict[str, Any]

NARROWER = {"minimum": max, "exclusiveMinimum": max, "maximum": min, "exclusiveMaximum": min}
BOUNDS = {"gte": "minimum", "gt": "exclusiveMinimum", "lte": "maximum", "lt": "exclusiveMaximum"}
INT32 = 2**31 - 1


def key_schema(column: models.Field[Any, Any]) -> Schema:
    """Return the schema of a key, as it stands in addresses and in relations."""
    column = value_column(column)
    if converts(column):
        return {"type": ["string", "number"]}
    if isinstance(column, models.IntegerField):
        return {"type": "integer", **integer_range(column)}
    if isinstance(column, models.UUIDField):
        return {"type": "string", "format": "uuid"}
    longest = {"maxLength": column.max_length} if getattr(column, "max_length", None) else {}
    return {"type": "string", "minLength": 1, **longest}


def plain_key_schema(column: models.Field[Any, Any]) -> Schema:
    """Return the schema of a key in an answer: its type, without bounds that matter to writers only."""
    return {name: value for name, value in key_schema(column).items() if name in ("type", "format")}


def integer_range(column: models.Field[Any, Any] | None) -> Schema:
    """Return format, minimum and maximum of a column of integers; 64 bits where no column says."""
    column = None if column is None or converts(column) else column
    kind = column.get_internal_type() if column is not None else "BigIntegerField"
    least, most = BaseDatabaseOperations.integer_field_ranges.get(kind, (-(2**63), 2**63 - 1))
    narrowed = bounds(column, ("minimum", least), ("maximum", most))
    return {"format": "int32" if most <= INT32 else "int64", **narrowed}


def bounds(column: models.Field[Any, Any] | None, *others: tuple[str, Any]) -> Schema:
    """Return the narrowest bounds of those given and those that validators and check constraints put on a column."""
    limits = others if column is None else (*others, *_validated(column), *_checked(column))
    narrowest: Schema = {}
    for name, value in limits:
        narrowest[name] = NARROWER[name](narrowest.get(name, value), value)
    return narrowest


def _validated(column: models.Field[Any, Any]) -> Iterator[tuple[str, Any]]:
    # Only those that were declared: Django adds the range of the database that is in use.
    for validator in column._validators:  # type: ignore[attr-defined]
        if isinstance(validator, validators.MinValueValidator):
            yield "minimum", validator.limit_value
        elif isinstance(validator, validators.MaxValueValidator):
            yield "maximum", validator.limit_value


def _checked(column: models.Field[Any, Any]) -> Iterator[tuple[str, Any]]:
    for constraint in column.model._meta.constraints:
        if isinstance(constraint, CheckConstraint) and isinstance(constraint.condition, Q):
            yield from _compared(constraint.condition, column.name)


def _compared(condition: Q, name: str) -> Iterator[tuple[str, Any]]:
    """Read comparisons with constants that must hold whenever the column has a value."""
    parts = [part for part in condition.children if part != (f"{name}__isnull", True)]
    if condition.negated or (condition.connector != Q.AND and len(parts) > 1):
        return
    for part in parts:
        if isinstance(part, Q):
            yield from _compared(part, name)
        elif isinstance(part, tuple):
            path, value = part
            yield from _comparison(path, value, name)


def _comparison(path: str, value: Any, name: str) -> Iterator[tuple[str, Any]]:
    column, _, lookup = path.partition("__")
    if column != name:
        return
    if lookup == "range":
        yield from (("minimum", value[0]), ("maximum", value[1]))
    elif lookup in BOUNDS and isinstance(value, int | float):
        yield BOUNDS[lookup], value
