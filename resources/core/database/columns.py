"""What is known of a column by its class: asked of the class whose conversion the column really has.

A table that is keyed by Django's classes of columns speaks of their conversions. A class of a project's own inherits a
row of it only while it converts nothing itself: `class Cents(IntegerField)` that stores 1250 for 12.50 is no integer.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from django.db import models

type Column = models.Field[Any, Any]

CONVERSIONS = (
    *("from_db_value", "get_db_converters", "get_prep_value", "get_db_prep_value", "get_db_prep_save"),
    *("to_python", "get_internal_type", "get_placeholder", "get_placeholder_sql", "select_format", "descriptor_class"),
)
"""What decides, of a class of columns, how values travel between Python and the database."""
KNOWN_MODULES = ("django.db.models.", "resources.core.")
"""Where the conversions are defined that the tables know."""


def value_column(column: Any) -> Any:
    """Return the column that says what values are stored.

    Of a relation it is the one that it refers to, of a generated column the one that it is declared to give.
    """
    while column.is_relation:
        column = column.target_field
    return value_column(column.output_field) if column.generated else column


def row_of[Row](table: Mapping[type[Column], Row], column: Any) -> Row | None:
    """Return what a table keyed by classes of columns says of one, or None where it does not know its conversion."""
    own: Any = type(value_column(column))
    kind = next((kind for kind in own.__mro__ if kind in table), None)
    return None if kind is None or not _converts_as(own, kind) else table[kind]


def is_a(column: Any, *kinds: type[Column]) -> bool:
    """Whether a column is of one of some classes, and converts values as the nearest of them does."""
    own: Any = type(value_column(column))
    return _is_a(own, kinds)


@cache
def _is_a(kind: Any, kinds: tuple[type[Column], ...]) -> bool:
    nearest = next((each for each in kind.__mro__ if each in kinds), None)
    return nearest is not None and _converts_as(kind, nearest)


def converts(column: Any) -> bool:
    """Whether the class of a column has a conversion of its own."""
    own: Any = type(value_column(column))
    return not _converts_as(own, models.Field)


@cache
def _converts_as(kind: Any, ancestor: Any) -> bool:
    """Whether no class between the two, and none mixed in, has a conversion that the tables do not know."""
    between = kind.__mro__[: kind.__mro__.index(ancestor)]
    own = (each for each in between if not f"{each.__module__}.".startswith(KNOWN_MODULES))
    return not any(name in vars(each) for each in own for name in CONVERSIONS)
