"""The lookups a filter may use: which are natural to each type of column, and what each means to the database.

One table per question. A lookup that stands here is offered alike on every database; Django's other
lookups can be named in a `filterset_fields` dict and are passed on as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import models

from api.core import formfields
from resources.core.text import fold_case


@dataclass(frozen=True, slots=True)
class Column:
    """How values of one type of column are read, and the lookups natural to it."""

    field: Callable[[models.Field[Any, Any]], formfields.Strict]
    natural: tuple[str, ...]


EQUAL = ("exact", "in")
ORDERED = (*EQUAL, "gt", "gte", "lt", "lte")
TEXTUAL = (*EQUAL, "iexact", "contains", "icontains", "startswith", "istartswith", "endswith", "iendswith")


def _integer(column: models.Field[Any, Any]) -> formfields.Strict:
    return formfields.Integer()


COLUMNS: dict[type[models.Field[Any, Any]], Column] = {
    models.BooleanField: Column(lambda _: formfields.Boolean(), ("exact",)),
    models.IntegerField: Column(_integer, ORDERED),
    models.DecimalField: Column(lambda _: formfields.Number(), ORDERED),
    models.FloatField: Column(lambda _: formfields.Number(convert=float), ORDERED),
    models.DateTimeField: Column(lambda _: formfields.Instant(), ORDERED),
    models.DateField: Column(lambda _: formfields.Date(), ORDERED),
    models.TimeField: Column(lambda _: formfields.Time(), ORDERED),
    models.DurationField: Column(lambda _: formfields.Duration(), ORDERED),
    models.UUIDField: Column(lambda _: formfields.Uuid(), EQUAL),
    models.CharField: Column(lambda _: formfields.Text(), TEXTUAL),
    models.TextField: Column(lambda _: formfields.Text(), TEXTUAL),
}


def column(field: models.Field[Any, Any]) -> Column | None:
    """Return how a column is filtered; a foreign key is filtered as the key it refers to.

    Returns:
        None for a type that has no natural filters (JSON, files, binary).
    """
    if field.is_relation:
        return Column(column(_key(field)).field, EQUAL)  # type: ignore[union-attr]
    if field.choices:
        values = [value for value, _ in field.flatchoices]
        return Column(lambda _: formfields.OneOf(values), EQUAL)
    return next((COLUMNS[kind] for kind in type(field).__mro__ if kind in COLUMNS), None)


def _key(relation: Any) -> models.Field[Any, Any]:
    """Return the column that values of a relation are compared with."""
    field = relation.related_model._meta.pk
    return _key(field) if field.is_relation else field


def natural(field: models.Field[Any, Any]) -> tuple[str, ...]:
    """Return the lookups natural to a column; `isnull` where it may be null."""
    known = column(field)
    if known is None:
        return ()
    return (*known.natural, "isnull") if getattr(field, "null", False) else known.natural


def value_field(field: models.Field[Any, Any], lookup: str) -> formfields.Strict:
    """Return the form field that reads the value of a lookup on a column."""
    if lookup == "isnull":
        return formfields.Boolean()
    known = column(field)
    if known is None or lookup in ("regex", "iregex", "search"):
        return formfields.Text()
    if lookup in SHAPES:
        return SHAPES[lookup](known.field(field))
    if lookup == "exact" and isinstance(field, models.CharField | models.TextField) and not field.choices:
        return formfields.Text(allow_empty=True)
    if lookup not in (*ORDERED, "exact", "iexact") and not isinstance(field, models.CharField | models.TextField):
        return formfields.Integer()  # a part of a date: year, month, day ...
    return known.field(field)


SHAPES: dict[str, Callable[[formfields.Strict], formfields.Strict]] = {
    "in": formfields.Several,
    "range": lambda item: formfields.Several(item, exactly=2),
}


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a lookup is to the database: the expression, and how the value is prepared for it."""

    expression: str
    prepare: Callable[[Any], Any] = lambda value: value


MEANINGS = {
    "iexact": Meaning("fold_case__exact", fold_case),
    "contains": Meaning("holds"),
    "icontains": Meaning("fold_case__holds", fold_case),
    "startswith": Meaning("begins"),
    "istartswith": Meaning("fold_case__begins", fold_case),
    "endswith": Meaning("ends"),
    "iendswith": Meaning("fold_case__ends", fold_case),
}


def meaning(field: models.Field[Any, Any], lookup: str) -> Meaning:
    """Return what a lookup on a column is to the database; Django's own where nothing else is said."""
    textual = isinstance(field, models.CharField | models.TextField)
    return MEANINGS.get(lookup, Meaning(lookup)) if textual else Meaning(lookup)
