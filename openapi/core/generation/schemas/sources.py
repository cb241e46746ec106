"""What stands behind a serializer's field, and what that says of its values: null, blank, missing, unknown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import models
from django.db.models.expressions import DatabaseDefault
from drf_spectacular.drainage import has_override
from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from rest_framework import serializers
from rest_framework.fields import empty

from resources.core.database.columns import is_a
from serializers.core.json_types import KNOWN_MODULES, has_custom_reading
from serializers.core.read.compiled.columns import definer_of
from serializers.core.write.defaults import constant


def column_of(field: Any) -> models.Field[Any, Any] | None:
    """Return the model field that a serializer field shows, or None."""
    steps = [*steps_of(field)]
    return steps[-1] if steps and isinstance(steps[-1], models.Field) else None


def steps_of(field: Any) -> Iterator[Any]:
    """Yield the columns and relations that a field's source leads along; None for what is neither."""
    item = field.parent if isinstance(field.parent, serializers.ManyRelatedField) else field
    model = getattr(getattr(item.parent, "Meta", None), "model", None)
    for name in (item.source or "").split("."):
        names = {each.name: each for each in model._meta.get_fields()} if model is not None else {}
        step: Any = names.get(name)
        model = getattr(step, "related_model", None)
        yield step


def _is_one_to_one_from_elsewhere(step: Any) -> bool:
    """Whether a relation leads to a row that refers here, of which there may be none."""
    return bool(getattr(step, "one_to_one", False)) and not step.concrete


def is_nullable(field: Any, direction: str) -> bool:
    """Whether a field may be null: in a request as declared, in an answer also where its column gives some."""
    if field.allow_null or field.default is None:
        return True
    if direction == "request":
        return False
    column = column_of(field)
    always_has_value = column is None or not (column.null or may_show_null(column))
    return not always_has_value or any(_is_one_to_one_from_elsewhere(step) for step in steps_of(field))


def may_show_null(column: models.Field[Any, Any]) -> bool:
    """Whether an answer may have null for what JSON cannot tell: an infinite number or time, a missing key.

    In a table that Django made nobody stores such; another program may have, in one of its own.
    """
    if column.model._meta.managed:
        return False
    return column.primary_key or is_a(column, models.FloatField, models.DateField, models.TimeField)


def may_be_blank(field: Any, *, is_request: bool) -> bool:
    """Whether a text may be empty: in a request as declared, in an answer also where its column may hold such texts."""
    column = column_of(field)
    return bool(getattr(field, "allow_blank", False) or (not is_request and column is not None and column.blank))


def is_always_there(field: Any) -> bool:
    """Whether every row shows a field: DRF leaves one out when there is nothing to read it from."""
    return len(field.source_attrs) < 2 or field.allow_null or field.default is not empty


def is_unknown(field: Any) -> bool:
    """Whether nothing tells what a field shows: it is read from an annotation of the queryset, such as a count."""
    model = getattr(getattr(field.parent, "Meta", None), "model", None)
    return type(field) is serializers.ReadOnlyField and model is not None and not hasattr(model, field.source_attrs[0])


def is_decided_in_code(field: Any, direction: str) -> bool:
    """Whether custom code shows a value, or reads it, and no decorator or extension says in what form."""
    kind = field.__class__
    if has_override(field, "field") or OpenApiSerializerFieldExtension.get_match(field) is not None:
        return False
    if direction == "request":
        return has_custom_reading(kind)
    return not definer_of(kind, "to_representation").__module__.startswith(KNOWN_MODULES)


def fixed_default(column: models.Field[Any, Any]) -> list[Any]:
    """Return what a new row has that is not told otherwise, alone; nothing where that differs, as the time does."""
    default = getattr(column, "default", None)
    if not hasattr(column, "get_default") or (callable(default) and not isinstance(default, type)):
        return []
    value = constant(column.get_default())
    return [] if isinstance(value, DatabaseDefault) else [value]
