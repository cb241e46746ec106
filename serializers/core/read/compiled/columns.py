"""Which kinds of DRF field show a column just as its form in SQL does, and which options make a difference."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Never, TypeGuard

from django.conf import settings
from django.db import models
from django.db.models.expressions import BaseExpression
from django.db.models.fields.files import FieldFile
from rest_framework import ISO_8601, serializers
from rest_framework.settings import api_settings

from resources.core.database.columns import Column, converts, is_a, value_column
from serializers.core.kinds import Field

type DecimalColumn = models.DecimalField[Never, object]

TEXTS = (models.CharField, models.TextField, models.GenericIPAddressField)
UNLIKE = (models.BinaryField, models.DecimalField, models.DurationField, models.FileField)
"""The columns whose values are written otherwise by JSON than by DRF's own fields."""


type Look = Callable[[Field, Column], str | None]
"""Says why a field shows a column in another form than SQL would; None where it does not."""


def _no_fault(field: Field, column: Column) -> str | None:
    return None


def _iso(setting: str) -> Look:
    """Refuse a form of dates and times other than ISO 8601."""

    def fault(field: Field, column: Column) -> str | None:
        form: str | None = getattr(field, "format", getattr(api_settings, setting))
        return None if form is not None and form.lower() == ISO_8601 else f"its format is {form!r}"

    return fault


def _instant(field: Field, column: Column) -> str | None:
    if settings.TIME_ZONE != "UTC" or str(getattr(field, "timezone", "UTC")) != "UTC":
        return "it is not shown in UTC"
    return _iso("DATETIME_FORMAT")(field, column)


def _big(field: Field, column: Column) -> str | None:
    return "it is shown as a text" if getattr(field, "coerce_to_string", False) else None


def _uuid(field: Field, column: Column) -> str | None:
    form: str = getattr(field, "uuid_format", "hex_verbose")
    return None if form == "hex_verbose" else "its format is its own"


def _plain(field: Field, column: Column) -> str | None:
    return "it is shown as Python writes it" if isinstance(column, UNLIKE) else None


def _decimal(field: Field, column: Column) -> str | None:
    assert isinstance(field, serializers.DecimalField)  # noqa: S101 - as the table says
    assert isinstance(column, models.DecimalField)  # noqa: S101 - as the table says
    if not getattr(field, "coerce_to_string", api_settings.COERCE_DECIMAL_TO_STRING):
        return "it is shown as a number"
    if field.localize or field.normalize_output or field.decimal_places != column.decimal_places:
        return "it is rounded, normalised or localised"
    return None


def _json(field: Field, column: Column) -> str | None:
    assert isinstance(field, serializers.JSONField)  # noqa: S101 - as the table says
    assert isinstance(column, models.JSONField)  # noqa: S101 - as the table says
    return "it has an encoder of its own" if field.binary or field.encoder or column.encoder or column.decoder else None


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns that a kind of field shows as they are, and what may speak against it.

    Attributes:
        columns: the types of column.
        fault: says why not, for a field and its column.
    """

    columns: tuple[type[Column], ...]
    fault: Look = _no_fault


FIELDS: dict[type, Columns] = {
    serializers.BooleanField: Columns((models.BooleanField,)),
    serializers.CharField: Columns(TEXTS),
    serializers.ChoiceField: Columns((models.CharField, models.TextField, models.IntegerField)),
    serializers.IntegerField: Columns((models.IntegerField,)),
    serializers.BigIntegerField: Columns((models.IntegerField,), _big),
    serializers.FloatField: Columns((models.FloatField,)),
    serializers.DecimalField: Columns((models.DecimalField,), _decimal),
    serializers.DateTimeField: Columns((models.DateTimeField,), _instant),
    serializers.DateField: Columns((models.DateField,), _iso("DATE_FORMAT")),
    serializers.TimeField: Columns((models.TimeField,), _iso("TIME_FORMAT")),
    serializers.DurationField: Columns((models.DurationField,), _iso("DURATION_FORMAT")),
    serializers.UUIDField: Columns((models.UUIDField,), _uuid),
    serializers.JSONField: Columns((models.JSONField,), _json),
    serializers.ReadOnlyField: Columns((models.Field,), _plain),
}
"""By the class that defines how a field is shown; a class that says it anew is not in the table."""


def fault_of(field: Field, column: Column | models.ForeignObjectRel) -> str | None:
    """Say why SQL cannot stand in for a field, or None where it can."""
    definer = definer_of(type(field))
    known = FIELDS.get(definer)
    if known is None:
        return f"{definer.__name__} decides in Python how it is shown"
    if converts(column):
        return f"{type(value_column(column)).__name__} converts its values in Python"
    column = value_column(column)
    instant = isinstance(column, models.DateTimeField)  # which is a kind of DateField, to Django
    if not is_a(column, *known.columns) or (instant and definer is serializers.DateField):
        return f"{definer.__name__} shows a {type(column).__name__} in another form"
    return known.fault(field, column)


def definer_of(kind: type, *methods: str) -> type:
    """Return the class in a field's line of descent that defines how it is shown."""
    methods = methods or ("to_representation", "get_attribute")
    return next(ancestor for ancestor in kind.__mro__ if any(method in vars(ancestor) for method in methods))


def is_plain_file(column: Column | models.ForeignObjectRel) -> TypeGuard[models.FileField]:
    """Whether a column holds a file whose URL is its storage's."""
    return isinstance(column, models.FileField) and (
        is_a(column, models.FileField) and definer_of(column.attr_class, "url") is FieldFile
    )


def keeps_places(expression: BaseExpression, column: DecimalColumn) -> bool:
    """Whether an expression gives decimals with the places of a column: it is one, or the sum or an end of one."""
    [*parts] = expression.get_source_expressions()
    if isinstance(expression, (models.Sum, models.Min, models.Max)):
        return keeps_places(parts[0], column)
    target = getattr(expression, "target", None)
    return isinstance(target, models.DecimalField) and target.decimal_places == column.decimal_places
