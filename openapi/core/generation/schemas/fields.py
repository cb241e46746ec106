"""JSON Schemas of serializer fields: drf-spectacular's, mended where they would say less or other than what is true.

The mended kinds stand in one table. Requests have bounds, answers have types only, so that a column may be
widened without breaking a client.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.db import models
from django.db.models.expressions import DatabaseDefault
from drf_spectacular.drainage import has_override
from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from rest_framework import ISO_8601, serializers
from rest_framework.fields import empty
from rest_framework.settings import api_settings

from api.core.query.filters.form_fields import TIME
from openapi.core.generation.schemas.columns import bounds, integer_range, key_schema, plain_key_schema
from openapi.core.generation.schemas.enums import enum_of
from openapi.core.generation.schemas.registry import Components, described, nullable
from resources.core.database.columns import is_a
from serializers.core.fields import UUIDv7
from serializers.core.json import decode, encode
from serializers.core.json_types import (
    DECIMAL,
    INTEGER,
    KNOWN_MODULES,
    UUIDS,
    has_custom_formats,
    has_custom_reading,
    shows_iso,
    shows_text,
)
from serializers.core.read.compiled.columns import definer_of
from serializers.core.write.defaults import constant

Schema = dict[str, Any]

UUID_7 = "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-7[0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}$"
ANSWERED_DECIMAL = r"^(-?[0-9]+(\.[0-9]+)?|NaN|-?Infinity)$"
NO_NUL, NOT_BLANK = r"^[^\x00]*$", r"^[^\x00]*[^\s\x00][^\x00]*$"


def mended(components: Components, field: Any, direction: str, found: Schema) -> Schema:
    """Return the schema of a field, given the one that drf-spectacular found."""
    make = next((make for kind, make in KINDS if isinstance(field, kind)), None)
    if _is_bare_decimal(field):
        make = _as_python_has_it
    if make is None or hasattr(type(field), "_spectacular_annotation"):
        plain = {**{name: value for name, value in found.items() if name != "title"}, **_least(field, direction)}
        return nullable(plain) if is_nullable(field, direction) and not field.allow_null else plain
    schema = {**make(components, field, direction == "request"), **_least(field, direction)}
    flags = {name: True for name, said in (("readOnly", field.read_only), ("writeOnly", field.write_only)) if said}
    return described({**(nullable(schema) if is_nullable(field, direction) else schema), **flags}, field.help_text)


def _least(field: Any, direction: str) -> Schema:
    """Say of a writer's list that it may not be empty; drf-spectacular knows of `min_length` only."""
    return {"minItems": 1} if direction == "request" and getattr(field, "allow_empty", True) is False else {}


def is_nullable(field: Any, direction: str) -> bool:
    """Whether a field may be null: in a request as declared, in an answer also where its column gives some."""
    if field.allow_null or field.default is None:
        return True
    if direction == "request":
        return False
    column = column_of(field)
    told = column is None or not (column.null or may_be_untold(column))
    return not told or any(_is_one_to_one_from_elsewhere(step) for step in _steps(field))


def may_be_untold(column: models.Field[Any, Any]) -> bool:
    """Whether an answer may have null for what JSON cannot tell: an infinite number or time, a missing key.

    In a table that Django made nobody stores such; another program may have, in one of its own.
    """
    if column.model._meta.managed:
        return False
    return column.primary_key or is_a(column, models.FloatField, models.DateField, models.TimeField)


def is_unknown(field: Any) -> bool:
    """Whether nothing tells what a field shows: it is read from an annotation of the queryset, such as a count."""
    model = getattr(getattr(field.parent, "Meta", None), "model", None)
    return type(field) is serializers.ReadOnlyField and model is not None and not hasattr(model, field.source_attrs[0])


def is_decided_in_code(field: Any, direction: str) -> bool:
    """Whether code of somebody's own shows a value, or reads it, and no decorator or extension says in what form."""
    kind = field.__class__
    if has_override(field, "field") or OpenApiSerializerFieldExtension.get_match(field) is not None:
        return False
    if direction == "request":
        return has_custom_reading(kind)
    return not definer_of(kind, "to_representation").__module__.startswith(KNOWN_MODULES)


def may_be_blank(field: Any, *, asked: bool) -> bool:
    """Whether a text may be empty: in a request as declared, in an answer also where its column may hold such texts."""
    column = column_of(field)
    return bool(getattr(field, "allow_blank", False) or (not asked and column is not None and column.blank))


def fixed_default(column: models.Field[Any, Any]) -> list[Any]:
    """Return what a new row has that is not told otherwise, alone; nothing where that differs, as the time does."""
    own = getattr(column, "default", None)
    if not hasattr(column, "get_default") or (callable(own) and not isinstance(own, type)):
        return []
    value = constant(column.get_default())
    return [] if isinstance(value, DatabaseDefault) else [value]


def _unsendable_default(field: Any, may_be_sent: Callable[[Any], bool]) -> list[Any]:
    """Return the default that rows may have and show, alone, where no body may hold it."""
    column = column_of(field)
    if column is None or not (column.has_default() or column.has_db_default()):
        return []
    defaults = [decode(encode(value)) for value in fixed_default(column)]
    return [value for value in defaults if isinstance(value, str | int) and not may_be_sent(value)]


def _or_else(schema: Schema, *others: Any) -> Schema:
    return {"anyOf": [schema, *({"const": other} for other in dict.fromkeys(others))]} if others else schema


def is_always_there(field: Any) -> bool:
    """Whether every row shows a field: DRF leaves one out when there is nothing to read it from."""
    return len(field.source_attrs) < 2 or field.allow_null or field.default is not empty


def column_of(field: Any) -> models.Field[Any, Any] | None:
    """Return the model field that a serializer field shows, or None."""
    steps = [*_steps(field)]
    return steps[-1] if steps and isinstance(steps[-1], models.Field) else None


def _steps(field: Any) -> Iterator[Any]:
    """Yield the columns and relations that a field's source leads along; None for what is neither."""
    shown = field.parent if isinstance(field.parent, serializers.ManyRelatedField) else field
    model = getattr(getattr(shown.parent, "Meta", None), "model", None)
    for step in (shown.source or "").split("."):
        names = {each.name: each for each in model._meta.get_fields()} if model is not None else {}
        found: Any = names.get(step)
        model = getattr(found, "related_model", None)
        yield found


def _is_one_to_one_from_elsewhere(step: Any) -> bool:
    """Whether a relation leads to a row that refers here, of which there may be none."""
    return bool(getattr(step, "one_to_one", False)) and not step.concrete


def _choice(components: Components, field: Any, asked: bool) -> Schema:
    column = column_of(field)
    of_column = [value for value, _ in column.flatchoices] if column is not None and column.choices else []
    if column is None or not of_column or (asked and of_column != list(field.choices)):
        schema: Schema = {"enum": list(field.choices)}
    else:
        schema = components.schema(*enum_of(column))
    blank = [""] if may_be_blank(field, asked=asked) else []
    known = (*field.choices, *of_column)
    return _or_else(schema, *blank, *([] if asked else _unsendable_default(field, known.__contains__)))


def _integer(components: Components, field: Any, asked: bool) -> Schema:
    known = integer_range(column_of(field))
    plain = {"type": "integer", **(known if asked else {"format": known["format"]})}
    if not shows_text(field):
        return plain
    text = {"type": "string", "pattern": f"^{INTEGER.pattern}$"}
    return {"anyOf": [text, plain]} if asked else text


def _number(components: Components, field: Any, asked: bool) -> Schema:
    return {"type": "number", "format": "double", **(bounds(column_of(field)) if asked else {})}


def _decimal(components: Components, field: Any, asked: bool) -> Schema:
    """Describe a decimal: a text in answers; in requests a text or a number."""
    if not asked:
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


def _key(components: Components, field: Any, asked: bool) -> Schema:
    if field.pk_field is not None:
        return _by_itself(field.pk_field)
    queryset = field.get_queryset()
    related: Any = [*_steps(field)][-1].related_model if queryset is None else queryset.model
    key = related._meta.pk
    return key_schema(key) if asked else plain_key_schema(key)


def _by_itself(field: Any) -> Schema:
    """Describe what a field without a column of its own shows and takes, as far as its kind tells."""
    kinds = {serializers.CharField: "string", serializers.UUIDField: "string", serializers.IntegerField: "integer"}
    return next(({"type": name} for kind, name in kinds.items() if isinstance(field, kind)), {})


def _text_of_a_form(components: Components, field: Any, asked: bool) -> Schema:
    """Describe a text of a known form, or an empty one where there may be such."""
    kind, form = next((kind, form) for kind, form in FORMATS.items() if isinstance(field, kind))
    longest = {"maxLength": field.max_length} if asked and field.max_length else {}
    schema = {"type": "string", "format": form, **longest}
    blank = [""] if may_be_blank(field, asked=asked) else []

    def may_be_sent(value: Any) -> bool:
        try:
            kind().run_validation(value)
        except serializers.ValidationError:
            return False
        return True

    return _or_else(schema, *blank, *([] if asked else _unsendable_default(field, may_be_sent)))


def _slug(components: Components, field: Any, asked: bool) -> Schema:
    """Describe a slug; what letters are in one with those of all languages, no pattern says alike everywhere."""
    longest = {"maxLength": field.max_length} if asked and field.max_length else {}
    schema: Schema = {"type": "string", **longest}
    if not asked or field.allow_unicode:
        return schema
    schema |= {"pattern": "^[-a-zA-Z0-9_]+$"}
    return _or_else(schema, "") if field.allow_blank else schema


def _duration(components: Components, field: Any, asked: bool) -> Schema:
    return {"type": "string", "format": "duration"} if shows_iso(field) else {"type": "string"}


def _dated(setting: str, known: Schema) -> Callable[[Components, Any, bool], Schema]:
    """Describe a date or time: of its known form, or a text where the field has formats of its own."""

    def schema(components: Components, field: Any, asked: bool) -> Schema:
        form = getattr(field, "format", getattr(api_settings, setting))
        iso = form is None or form.lower() == ISO_8601
        own = has_custom_formats(field) if asked else not iso
        return {"type": "string"} if own else known

    return schema


def _uuid(components: Components, field: Any, asked: bool) -> Schema:
    """Describe a UUID in the form that its field shows and takes; the usual one has a format of JSON Schema."""
    if field.uuid_format == "hex_verbose":
        return {"type": "string", "format": "uuid"}
    return {"type": "string", "pattern": f"^{UUIDS.get(field.uuid_format, UUIDS['hex'])[0].pattern}$"}


def _as_python_has_it(components: Components, field: Any, asked: bool) -> Schema:
    """Describe a decimal that no field makes a text of, a generated column's among them: a number, as DRF writes it."""
    return {"type": "number"}


def _is_bare_decimal(field: Any) -> bool:
    column = column_of(field) if type(field) in (serializers.ReadOnlyField, serializers.ModelField) else None
    return column is not None and is_a(column, models.DecimalField)


def _uuid_7(components: Components, field: Any, asked: bool) -> Schema:
    return {"type": "string", "format": "uuid", "pattern": UUID_7}


def _json(components: Components, field: Any, asked: bool) -> Schema:
    """Describe any JSON; that a writer may not send null is said here, since there is no type to add null to."""
    return {"not": {"type": "null"}} if asked and not field.allow_null else {}


FORMATS: dict[type[Any], str] = {serializers.EmailField: "email", serializers.URLField: "uri"}

KINDS: tuple[tuple[type[Any], Callable[[Components, Any, bool], Schema]], ...] = (
    (serializers.MultipleChoiceField, lambda components, field, asked: {"type": "array", "items": _choice(
        components, field, asked)}),
    (serializers.FilePathField, lambda components, field, asked: {"type": "string"}),
    (serializers.ChoiceField, _choice),
    (serializers.EmailField, _text_of_a_form),
    (serializers.URLField, _text_of_a_form),
    (serializers.SlugField, _slug),
    (serializers.IntegerField, _integer),
    (serializers.FloatField, _number),
    (serializers.DecimalField, _decimal),
    (serializers.PrimaryKeyRelatedField, _key),
    (serializers.DurationField, _duration),
    (serializers.TimeField, _dated("TIME_FORMAT", {
        "type": "string", "format": "time-local", "pattern": TIME.pattern})),
    (serializers.DateTimeField, _dated("DATETIME_FORMAT", {"type": "string", "format": "date-time"})),
    (serializers.DateField, _dated("DATE_FORMAT", {"type": "string", "format": "date"})),
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
