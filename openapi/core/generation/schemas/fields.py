"""JSON Schemas of serializer fields: drf-spectacular's, mended where they would say less or other than what is true.

The mended kinds stand in one table. Requests have bounds, answers have types only, so that a column may be
widened without breaking a client.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import models
from rest_framework import ISO_8601, serializers
from rest_framework.settings import api_settings

from api.core.query.filters.form_fields import TIME
from openapi.core.generation.schemas.columns import INT32, bounds, integer_range, key_schema, plain_key_schema
from openapi.core.generation.schemas.enums import enum_of
from openapi.core.generation.schemas.registry import Components, described, nullable
from openapi.core.generation.schemas.sources import column_of, fixed_default, is_nullable, may_be_blank, steps_of
from resources.core.database.columns import is_a
from serializers.core.fields import UUIDv7
from serializers.core.json import decode, encode
from serializers.core.json_types import (
    DECIMAL,
    INTEGER,
    UUIDS,
    has_custom_formats,
    shows_iso,
    shows_text,
)

Schema = dict[str, Any]

UUID_7 = "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-7[0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}$"
ANSWERED_DECIMAL = r"^(-?[0-9]+(\.[0-9]+)?|NaN|-?Infinity)$"
NO_NUL, NOT_BLANK = r"^[^\x00]*$", r"^[^\x00]*[^\s\x00][^\x00]*$"


def field_schema(components: Components, field: Any, direction: str, usual: Schema) -> Schema:
    """Return the schema of a field, given the one that drf-spectacular found."""
    make = next((make for kind, make in KINDS if isinstance(field, kind)), None)
    if _is_bare_decimal(field):
        make = _as_python_has_it
    if make is None or hasattr(type(field), "_spectacular_annotation"):
        plain = {**{name: value for name, value in usual.items() if name != "title"}, **_min_items(field, direction)}
        return nullable(plain) if is_nullable(field, direction) and not field.allow_null else plain
    schema = {**make(components, field, direction == "request"), **_min_items(field, direction)}
    flags = {name: True for name, is_set in (("readOnly", field.read_only), ("writeOnly", field.write_only)) if is_set}
    return described({**(nullable(schema) if is_nullable(field, direction) else schema), **flags}, field.help_text)


def _min_items(field: Any, direction: str) -> Schema:
    """Say of a writer's list that it may not be empty; drf-spectacular knows of `min_length` only."""
    return {"minItems": 1} if direction == "request" and getattr(field, "allow_empty", True) is False else {}


def _unsendable_default(field: Any, is_sendable: Callable[[Any], bool]) -> list[Any]:
    """Return the default that rows may have and show, alone, where no body may hold it."""
    column = column_of(field)
    if column is None or not (column.has_default() or column.has_db_default()):
        return []
    defaults = [decode(encode(value)) for value in fixed_default(column)]
    return [value for value in defaults if isinstance(value, str | int) and not is_sendable(value)]


def _or_else(schema: Schema, *others: Any) -> Schema:
    return {"anyOf": [schema, *({"const": other} for other in dict.fromkeys(others))]} if others else schema


def _choice(components: Components, field: Any, is_request: bool) -> Schema:
    column = column_of(field)
    of_column = [value for value, _ in column.flatchoices] if column is not None and column.choices else []
    if column is None or not of_column or (is_request and of_column != list(field.choices)):
        schema: Schema = {"enum": list(field.choices)}
    else:
        schema = components.schema(*enum_of(column))
    blank = [""] if may_be_blank(field, is_request=is_request) else []
    values = (*field.choices, *of_column)
    return _or_else(schema, *blank, *([] if is_request else _unsendable_default(field, values.__contains__)))


def _integer(components: Components, field: Any, is_request: bool) -> Schema:
    column = column_of(field)
    limits = integer_range(column)
    if column is not None and not is_a(column, models.IntegerField):
        most = getattr(field, "max_value", None)  # as the column said when it held whole numbers
        limits = {**limits, "format": "int32"} if most is not None and most <= INT32 else limits
    plain = {"type": "integer", **(limits if is_request else {"format": limits["format"]})}
    if not shows_text(field):
        return plain
    text = {"type": "string", "pattern": f"^{INTEGER.pattern}$"}
    return {"anyOf": [text, plain]} if is_request else text


def _number(components: Components, field: Any, is_request: bool) -> Schema:
    return {"type": "number", "format": "double", **(bounds(column_of(field)) if is_request else {})}


def _decimal(components: Components, field: Any, is_request: bool) -> Schema:
    """Describe a decimal: a text in answers; in requests a text or a number."""
    if not is_request:
        as_text = getattr(field, "coerce_to_string", api_settings.COERCE_DECIMAL_TO_STRING)
        return {"type": "string", "format": "decimal", "pattern": ANSWERED_DECIMAL} if as_text else {"type": "number"}
    if field.decimal_places is None:
        text = {"type": "string", "format": "decimal", "pattern": f"^{DECIMAL.pattern}$"}
        return {"anyOf": [text, {"type": "number", **bounds(column_of(field))}]}
    places = field.decimal_places
    whole = (field.max_digits or 38) - places
    most = float(10**whole) - 10.0**-places
    limits = bounds(column_of(field), ("minimum", -most), ("maximum", most))
    sign = "" if limits["minimum"] == 0 else "-?"
    fraction = rf"(\.[0-9]{{1,{places}}})?" if places else ""
    text = {"type": "string", "format": "decimal", "pattern": rf"^{sign}[0-9]{{1,{whole}}}{fraction}$"}
    return {"anyOf": [text, {"type": "number", **limits, "multipleOf": 10.0**-places if places else 1}]}


def _key(components: Components, field: Any, is_request: bool) -> Schema:
    if field.pk_field is not None:
        return _by_itself(field.pk_field)
    queryset = field.get_queryset()
    related: Any = [*steps_of(field)][-1].related_model if queryset is None else queryset.model
    key = related._meta.pk
    return key_schema(key) if is_request else plain_key_schema(key)


def _by_itself(field: Any) -> Schema:
    """Describe what a field without a column of its own shows and takes, as far as its kind tells."""
    kinds = {serializers.CharField: "string", serializers.UUIDField: "string", serializers.IntegerField: "integer"}
    return next(({"type": name} for kind, name in kinds.items() if isinstance(field, kind)), {})


def _text_of_a_form(components: Components, field: Any, is_request: bool) -> Schema:
    """Describe a text of a known form, or an empty one where there may be such."""
    kind, form = next((kind, form) for kind, form in FORMATS.items() if isinstance(field, kind))
    longest = {"maxLength": field.max_length} if is_request and field.max_length else {}
    schema = {"type": "string", "format": form, **longest}
    blank = [""] if may_be_blank(field, is_request=is_request) else []

    def is_sendable(value: Any) -> bool:
        try:
            kind().run_validation(value)
        except serializers.ValidationError:
            return False
        return True

    return _or_else(schema, *blank, *([] if is_request else _unsendable_default(field, is_sendable)))


def _slug(components: Components, field: Any, is_request: bool) -> Schema:
    """Describe a slug; what letters are in one with those of all languages, no pattern says alike everywhere."""
    longest = {"maxLength": field.max_length} if is_request and field.max_length else {}
    schema: Schema = {"type": "string", **longest}
    if not is_request or field.allow_unicode:
        return schema
    schema |= {"pattern": "^[-a-zA-Z0-9_]+$"}
    return _or_else(schema, "") if field.allow_blank else schema


def _duration(components: Components, field: Any, is_request: bool) -> Schema:
    return {"type": "string", "format": "duration"} if shows_iso(field) else {"type": "string"}


def _date_or_time(setting: str, usual: Schema) -> Callable[[Components, Any, bool], Schema]:
    """Describe a date or time: of its known form, or a text where the field has formats of its own."""

    def schema(components: Components, field: Any, is_request: bool) -> Schema:
        form = getattr(field, "format", getattr(api_settings, setting))
        iso = form is None or form.lower() == ISO_8601
        is_custom = has_custom_formats(field) if is_request else not iso
        return {"type": "string"} if is_custom else usual

    return schema


def _uuid(components: Components, field: Any, is_request: bool) -> Schema:
    """Describe a UUID in the form that its field shows and takes; the usual one has a format of JSON Schema."""
    if field.uuid_format == "hex_verbose":
        return {"type": "string", "format": "uuid"}
    return {"type": "string", "pattern": f"^{UUIDS.get(field.uuid_format, UUIDS['hex'])[0].pattern}$"}


def _as_python_has_it(components: Components, field: Any, is_request: bool) -> Schema:
    """Describe a decimal that no field makes a text of, a generated column's among them: a number, as DRF writes it."""
    return {"type": "number"}


def _is_bare_decimal(field: Any) -> bool:
    column = column_of(field) if type(field) in (serializers.ReadOnlyField, serializers.ModelField) else None
    return column is not None and is_a(column, models.DecimalField)


def _uuid_7(components: Components, field: Any, is_request: bool) -> Schema:
    return {"type": "string", "format": "uuid", "pattern": UUID_7}


def _json(components: Components, field: Any, is_request: bool) -> Schema:
    """Describe any JSON; that a writer may not send null is said here, since there is no type to add null to."""
    return {"not": {"type": "null"}} if is_request and not field.allow_null else {}


FORMATS: dict[type[Any], str] = {serializers.EmailField: "email", serializers.URLField: "uri"}

KINDS: tuple[tuple[type[Any], Callable[[Components, Any, bool], Schema]], ...] = (
    (serializers.MultipleChoiceField, lambda components, field, is_request: {"type": "array", "items": _choice(
        components, field, is_request)}),
    (serializers.FilePathField, lambda components, field, is_request: {"type": "string"}),
    (serializers.ChoiceField, _choice),
    (serializers.EmailField, _text_of_a_form),
    (serializers.URLField, _text_of_a_form),
    (serializers.SlugField, _slug),
    (serializers.IntegerField, _integer),
    (serializers.FloatField, _number),
    (serializers.DecimalField, _decimal),
    (serializers.PrimaryKeyRelatedField, _key),
    (serializers.DurationField, _duration),
    (serializers.TimeField, _date_or_time("TIME_FORMAT", {
        "type": "string", "format": "time-local", "pattern": TIME.pattern})),
    (serializers.DateTimeField, _date_or_time("DATETIME_FORMAT", {"type": "string", "format": "date-time"})),
    (serializers.DateField, _date_or_time("DATE_FORMAT", {"type": "string", "format": "date"})),
    (UUIDv7, _uuid_7),
    (serializers.UUIDField, _uuid),
    (serializers.JSONField, _json),
)  # fmt: skip
"""What each kind of field is. The first kind that fits a field counts; of others drf-spectacular knows enough."""


def with_text_rules(field: Any, schema: Schema) -> Schema:
    """Say what a writer's text must hold: never a NUL character, and something that is not white space."""
    if schema.get("type") not in ("string", ["string", "null"]) or "pattern" in schema or "format" in schema:
        return schema
    return {**schema, "pattern": NO_NUL if getattr(field, "allow_blank", True) else NOT_BLANK}
