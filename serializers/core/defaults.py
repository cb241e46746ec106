"""What a body means beside the row that is stored: the whole of it (PUT), or a patch of its JSON columns (PATCH)."""

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.db.models import Value
from django.db.models.expressions import DatabaseDefault
from rest_framework import serializers
from rest_framework.fields import empty

from serializers.core.rules import model_of


def completed(serializer: Any, body: Any) -> Any:
    """Complete the body of a PUT: a member that was left out takes its default.

    A default of the serializer's own is left to DRF. Where only the database knows the default, the stored value stays.
    """
    model = model_of(serializer)
    if model is None or not isinstance(body, Mapping):
        return body
    columns = {column.name: column for column in model._meta.get_fields()}
    defaults = {}
    for name, field in serializer.fields.items():
        column = columns.get(field.source)
        if name in body or field.read_only or field.required or field.default is not empty or column is None:
            continue
        known, value = _default(column, field)
        if known:
            defaults[name] = value
    return {**defaults, **body}


def _default(column: Any, field: Any) -> tuple[bool, Any]:
    """Return whether the default of a column can be told, and its value as a client would send it."""
    if isinstance(field, serializers.ManyRelatedField):
        return True, []
    if not isinstance(column, models.Field):
        return False, None
    value = column.get_default()
    if isinstance(value, DatabaseDefault):
        value = column.db_default
    if isinstance(value, Value):
        value = value.value
    if hasattr(value, "resolve_expression") or (value is None and not field.allow_null):
        return False, None
    plain = value is None or isinstance(field, serializers.RelatedField)
    return True, value if plain else field.to_representation(value)


def merged(stored: Any, patch: Any) -> Any:
    """Apply a JSON Merge Patch (RFC 7396, section 2)."""
    if not isinstance(patch, Mapping):
        return patch
    result = dict(stored) if isinstance(stored, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result


def with_merged_columns(serializer: Any, body: Any) -> Any:
    """Merge the members of a patch that are JSON columns with what the row holds."""
    if not isinstance(body, Mapping):
        return body
    return {name: _merged_column(serializer, name, value) for name, value in body.items()}


def _merged_column(serializer: Any, name: str, value: Any) -> Any:
    field = serializer.fields.get(name)
    if not isinstance(field, serializers.JSONField) or field.read_only or value is None:
        return value
    return merged(field.get_attribute(serializer.instance), value)
