"""What is known of a column by its class: asked of the class whose conversion the column really has.

A table that is keyed by Django's classes of columns speaks of their conversions. A custom class inherits a
row of it only while it converts nothing itself: `class Cents(IntegerField)` that stores 1250 for 12.50 is no integer.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Never

from django.db import models
from django.db.models import ForeignObjectRel
from django.db.models.fields.related import RelatedField

type Column = models.Field[Never, object]
"""A column of whatever class: only when it is there can be told what may be set to it, and what it gives."""

CONVERSIONS = (
    *("from_db_value", "get_db_converters", "get_prep_value", "get_db_prep_value", "get_db_prep_save"),
    *("to_python", "get_internal_type", "get_placeholder", "get_placeholder_sql", "select_format", "descriptor_class"),
)
"""What decides, of a class of columns, how values travel between Python and the database."""
KNOWN_MODULES = ("django.db.models.", "resources.core.")
"""Where the conversions are defined that the tables know."""


def value_column(column: Column | ForeignObjectRel) -> Column:
    """Return the column that says what values are stored.

    Of a relation it is the one that it refers to, of a generated column the one that it is declared to give.
    """
    while isinstance(column, RelatedField | ForeignObjectRel):
        column = column.target_field
    if isinstance(column, models.GeneratedField) and column.output_field is not None:
        return value_column(column.output_field)
    return column


def entry_for[Entry](table: Mapping[type[Column], Entry], column: Column | ForeignObjectRel) -> Entry | None:
    """Return what a table keyed by classes of columns says of one, or None where it does not know its conversion."""
    kind: type = type(value_column(column))
    nearest = next((each for each in kind.__mro__ if issubclass(each, models.Field) and each in table), None)
    if nearest is None:
        return None
    ancestor: type = nearest
    return table[nearest] if _converts_as(kind, ancestor) else None


def is_a(column: Column | ForeignObjectRel, *kinds: type[Column]) -> bool:
    """Whether a column is of one of some classes, and converts values as the nearest of them does."""
    kind: type = type(value_column(column))
    any_of: tuple[type, ...] = kinds
    return _is_a(kind, any_of)


@cache
def _is_a(kind: type, kinds: tuple[type, ...]) -> bool:
    nearest = next((each for each in kind.__mro__ if each in kinds), None)
    return nearest is not None and _converts_as(kind, nearest)


def converts(column: Column | ForeignObjectRel) -> bool:
    """Whether the class of a column has a conversion of its own."""
    kind: type = type(value_column(column))
    ancestor: type = models.Field
    return not _converts_as(kind, ancestor)


@cache
def _converts_as(kind: type, ancestor: type) -> bool:
    """Whether no class between the two, and none mixed in, has a conversion that the tables do not know."""
    between = kind.__mro__[: kind.__mro__.index(ancestor)]
    custom = (each for each in between if not f"{each.__module__}.".startswith(KNOWN_MODULES))
    return not any(name in vars(each) for each in custom for name in CONVERSIONS)
