"""JSON Schemas of serializer fields: drf-spectacular's, mended where they would say less or other than what is true.

The mended kinds stand in one table. Requests have bounds, answers have types only, so that a column may be
widened without breaking a client.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import models
from rest_framework import serializers
from rest_framework.fields import empty

from api.core.filters.formfields import TIME
from openapi.core.generation.schemas.columns import bounds, integer_range, key_schema, plain_key_schema
from openapi.core.generation.schemas.enums import enum_of
from openapi.core.generation.schemas.registry import Components, described, nullable
from resources.core.columns import is_a
from serializers.core.fields import UUIDv7
from serializers.core.strict import shows_iso, shows_text

Schema = dict[str, Any]

UUID_7 = "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-7[0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}$"
ANSWERED_DECIMAL = r"^(-?[0-9]+(\.[0-9]+)?|NaN|-?Infinity)$"
NO_NUL, NOT_BLANK = r"^[^\x00]*$", r"^[^\x00]*[^\s\x00][^\x00]*$"


def mended(components: Components, field: Any, direction: str, found: Schema) -> Schema:
    """Return the schema of a field, given the one that drf-spectacular found."""
    if isinstance(field, serializers.ModelField) and is_a(field.model_field, models.DecimalField):
        found = {"type": "number"}  # which DRF shows as it is, of a generated column, and not as a text
    make = next((make for kind, make in KINDS if isinstance(field, kind)), None)
    if make is None or hasattr(type(field), "_spectacular_annotation"):
        plain = {**{name: value for name, value in found.items() if name != "title"}, **_least(field, direction)}
        untold = direction == "response" and may_be_untold(field)
        return nullable(plain) if (is_nullable(field) or untold) and not field.allow_null else plain
    schema = {**make(components, field, direction == "request"), **_least(field, direction)}
    may_be_null = is_nullable(field) or (direction == "response" and may_be_untold(field))
    flags = {name: True for name, said in (("readOnly", field.read_only), ("writeOnly", field.write_only)) if said}
    return described({**(nullable(schema) if may_be_null else schema), **flags}, field.help_text)


def _least(field: Any, direction: str) -> Schema:
    """Say of a writer's list that it may not be empty; drf-spectacular knows of `min_length` only."""
    return {"minItems": 1} if direction == "request" and getattr(field, "allow_empty", True) is False else {}


def is_nullable(field: Any) -> bool:
    """Whether a field may be null: as declared, or, where it is only read, as its column may be."""
    if field.allow_null or field.default is None:
        return True
    column = column_of(field)
    return bool(field.read_only and column is not None and column.null)


def may_be_untold(field: Any) -> bool:
    """Whether an answer may have null for what JSON cannot tell: an infinite number or time, a missing key.

    In a table that Django made nobody stores such; another program may have, in one of its own.
    """
    column = column_of(field)
    if column is None or column.model._meta.managed:
        return False
    return column.primary_key or is_a(column, models.FloatField, models.DateField, models.TimeField)


def is_unknown(field: Any) -> bool:
    """Whether nothing tells what a field shows: it is read from an annotation of the queryset, such as a count."""
    model = getattr(getattr(field.parent, "Meta", None), "model", None)
    return type(field) is serializers.ReadOnlyField and model is not None and not hasattr(model, field.source_attrs[0])


def is_always_there(field: Any) -> bool:
    """Whether every row shows a field: DRF leaves one out when there is nothing to read it from."""
    return len(field.source_attrs) < 2 or field.allow_null or field.default is not empty


def column_of(field: Any) -> models.Field[Any, Any] | None:
    """Return the model field that a serializer field shows, or None."""
    parent = field.parent if not isinstance(field.parent, serializers.ManyRelatedField) else field.parent.parent
    model = getattr(getattr(parent, "Meta", None), "model", None)
    found: Any = None
    for step in (field.source or "").split("."):
        names = {column.name: column for column in model._meta.get_fields()} if model is not None else {}
        found = names.get(step)
        model = getattr(found, "related_model", None)
    return found if isinstance(found, models.Field) else None


def _choice(components: Components, field: Any, asked: bool) -> Schema:
    column = column_of(field)
    if column is None or not column.choices:
        schema: Schema = {"enum": list(field.choices)}
    else:
        schema = components.schema(*enum_of(column))
    return {"anyOf": [schema, {"const": ""}]} if field.allow_blank else schema


def _integer(components: Components, field: Any, asked: bool) -> Schema:
    known = integer_range(column_of(field))
    plain = {"type": "integer", **(known if asked else {"format": known["format"]})}
    if not shows_text(field):
        return plain
    text = {"type": "string", "pattern": "^-?[0-9]{1,19}$"}
    return {"anyOf": [text, plain]} if asked else text


def _number(components: Components, field: Any, asked: bool) -> Schema:
    return {"type": "number", "format": "double", **(bounds(column_of(field)) if asked else {})}


def _decimal(components: Components, field: Any, asked: bool) -> Schema:
    """Describe a decimal: a text in answers; in requests a text or a number."""
    if not asked:
        return {"type": "string", "format": "decimal", "pattern": ANSWERED_DECIMAL}
    if field.max_digits is None and field.decimal_places is None:
        text = {"type": "string", "format": "decimal", "pattern": r"^-?[0-9]{1,1000}(\.[0-9]{1,1000})?$"}
        return {"anyOf": [text, {"type": "number", **bounds(column_of(field))}]}
    places = field.decimal_places or 0
    whole = (field.max_digits or 38) - places
    most = float(10**whole) - 10.0**-places
    limits = bounds(column_of(field), ("minimum", -most), ("maximum", most))
    sign = "" if limits["minimum"] == 0 else "-?"
    fraction = rf"(\.[0-9]{{1,{places}}})?" if places else ""
    text = {"type": "string", "format": "decimal", "pattern": rf"^{sign}[0-9]{{1,{whole}}}{fraction}$"}
    return {"anyOf": [text, {"type": "number", **limits, "multipleOf": 10.0**-places if places else 1}]}


def _key(components: Components, field: Any, asked: bool) -> Schema:
    column = column_of(field)
    related: Any = field.get_queryset().model if column is None else column.related_model
    key = related._meta.pk
    return key_schema(key) if asked else plain_key_schema(key)


def _duration(components: Components, field: Any, asked: bool) -> Schema:
    return {"type": "string", "format": "duration"} if shows_iso(field) else {"type": "string"}


def _time(components: Components, field: Any, asked: bool) -> Schema:
    return {"type": "string", "format": "time-local", "pattern": TIME.pattern}


def _uuid_7(components: Components, field: Any, asked: bool) -> Schema:
    return {"type": "string", "format": "uuid", "pattern": UUID_7}


def _json(components: Components, field: Any, asked: bool) -> Schema:
    """Describe any JSON; that a writer may not send null is said here, since there is no type to add null to."""
    return {"not": {"type": "null"}} if asked and not field.allow_null else {}


KINDS: tuple[tuple[type[Any], Callable[[Components, Any, bool], Schema]], ...] = (
    (serializers.MultipleChoiceField, lambda components, field, asked: {"type": "array", "items": _choice(
        components, field, asked)}),
    (serializers.ChoiceField, _choice),
    (serializers.IntegerField, _integer),
    (serializers.FloatField, _number),
    (serializers.DecimalField, _decimal),
    (serializers.PrimaryKeyRelatedField, _key),
    (serializers.DurationField, _duration),
    (serializers.TimeField, _time),
    (UUIDv7, _uuid_7),
    (serializers.JSONField, _json),
)  # fmt: skip
"""What each kind of field is. The first kind that fits a field counts; of others drf-spectacular knows enough."""


def with_text_rules(field: Any, schema: Schema) -> Schema:
    """Say what a writer's text must hold: never a NUL character, and something that is not white space."""
    if schema.get("type") not in ("string", ["string", "null"]) or "pattern" in schema or "format" in schema:
        return schema
    return {**schema, "pattern": NO_NUL if getattr(field, "allow_blank", True) else NOT_BLANK}
