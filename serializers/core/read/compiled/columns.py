"""Which kinds of DRF field show a column just as its form in SQL does, and which options make a difference."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.fields.files import FieldFile
from rest_framework import ISO_8601, serializers
from rest_framework.settings import api_settings

from resources.core.database.columns import converts, is_a, value_column

TEXTS = (models.CharField, models.TextField, models.GenericIPAddressField)
UNLIKE = (models.BinaryField, models.DecimalField, models.DurationField, models.FileField)
"""The columns whose values are written otherwise by JSON than by DRF's own fields."""


def _no_fault(field: Any, column: Any) -> str | None:
    return None


def _iso(setting: str) -> Callable[[Any, Any], str | None]:
    """Refuse a form of dates and times other than ISO 8601."""

    def fault(field: Any, column: Any) -> str | None:
        form = getattr(field, "format", getattr(api_settings, setting))
        return None if form is not None and form.lower() == ISO_8601 else f"its format is {form!r}"

    return fault


def _instant(field: Any, column: Any) -> str | None:
    if settings.TIME_ZONE != "UTC" or str(getattr(field, "timezone", "UTC")) != "UTC":
        return "it is not shown in UTC"
    return _iso("DATETIME_FORMAT")(field, column)


def _big(field: Any, column: Any) -> str | None:
    return "it is shown as a text" if getattr(field, "coerce_to_string", False) else None


def _decimal(field: Any, column: Any) -> str | None:
    if not getattr(field, "coerce_to_string", api_settings.COERCE_DECIMAL_TO_STRING):
        return "it is shown as a number"
    if field.localize or field.normalize_output or field.decimal_places != column.decimal_places:
        return "it is rounded, normalised or localised"
    return None


def _json(field: Any, column: Any) -> str | None:
    return "it has an encoder of its own" if field.binary or field.encoder or column.encoder or column.decoder else None


@dataclass(frozen=True, slots=True)
class Shown:
    """The columns that a kind of field shows as they are, and what may speak against it.

    Attributes:
        columns: the types of column.
        fault: says why not, for a field and its column.
    """

    columns: tuple[type[Any], ...]
    fault: Callable[[Any, Any], str | None] = _no_fault


SHOWN: dict[type[Any], Shown] = {
    serializers.BooleanField: Shown((models.BooleanField,)),
    serializers.CharField: Shown(TEXTS),
    serializers.ChoiceField: Shown((models.CharField, models.TextField, models.IntegerField)),
    serializers.IntegerField: Shown((models.IntegerField,)),
    serializers.BigIntegerField: Shown((models.IntegerField,), _big),
    serializers.FloatField: Shown((models.FloatField,)),
    serializers.DecimalField: Shown((models.DecimalField,), _decimal),
    serializers.DateTimeField: Shown((models.DateTimeField,), _instant),
    serializers.DateField: Shown((models.DateField,), _iso("DATE_FORMAT")),
    serializers.TimeField: Shown((models.TimeField,), _iso("TIME_FORMAT")),
    serializers.DurationField: Shown((models.DurationField,), _iso("DURATION_FORMAT")),
    serializers.UUIDField: Shown(
        (models.UUIDField,), lambda field, _: None if field.uuid_format == "hex_verbose" else "its format is its own"
    ),
    serializers.JSONField: Shown((models.JSONField,), _json),
    serializers.ReadOnlyField: Shown(
        (models.Field,), lambda _, column: "it is shown as Python writes it" if isinstance(column, UNLIKE) else None
    ),
}
"""By the class that defines how a field is shown; a class that says it anew is not in the table."""


def fault_of(field: Any, column: models.Field[Any, Any]) -> str | None:
    """Say why SQL cannot stand in for a field, or None where it can."""
    definer = definer_of(type(field))
    known = SHOWN.get(definer)
    if known is None:
        return f"{definer.__name__} decides in Python how it is shown"
    if converts(column):
        return f"{type(value_column(column)).__name__} converts its values in Python"
    column = value_column(column)
    instant = isinstance(column, models.DateTimeField)  # which is a kind of DateField, to Django
    if not is_a(column, *known.columns) or (instant and definer is serializers.DateField):
        return f"{definer.__name__} shows a {type(column).__name__} in another form"
    return known.fault(field, column)


def definer_of(kind: type[Any], *methods: str) -> type[Any]:
    """Return the class in a field's line of descent that defines how it is shown."""
    methods = methods or ("to_representation", "get_attribute")
    return next(ancestor for ancestor in kind.__mro__ if any(method in vars(ancestor) for method in methods))


def is_plain_file(column: Any) -> bool:
    """Whether a column holds a file whose URL is its storage's."""
    return is_a(column, models.FileField) and definer_of(column.attr_class, "url") is FieldFile


def keeps_places(expression: Any, column: models.DecimalField[Any, Any]) -> bool:
    """Whether an expression gives decimals with the places of a column: it is one, or the sum or an end of one."""
    [*parts] = expression.get_source_expressions()
    if isinstance(expression, (models.Sum, models.Min, models.Max)):
        return keeps_places(parts[0], column)
    found = getattr(expression, "target", None)
    return isinstance(found, models.DecimalField) and found.decimal_places == column.decimal_places
