"""Django-filter's FilterSet with strict values, natural lookups, and conditions that never repeat a row."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

import django_filters
from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.db.models import Q
from django_filters.utils import get_all_model_fields, get_model_field

from api.core.query.filters import lookups
from api.core.query.filters.strict import ValueField
from api.core.resource.resource_type import FilterFields
from resources.core.database.columns import Column, is_a
from resources.core.database.related import LOOKUP_SEPARATOR


class LookupFilter(django_filters.Filter):
    """One lookup on one column, perhaps across relations: `country__continent__in`.

    Attributes:
        column: the model field at the end of the path.
        in_shape: whether the value changes the SQL text, so that it belongs to the shape of a request.
        traceable: whether a slot may stand in the place of the value.
    """

    def __init__(self, column: lookups.Target, *, field_name: str, lookup_expr: str) -> None:
        """Take the column, the path that leads there, and the lookup."""
        super().__init__(field_name, lookup_expr)
        self.column = column
        yes_or_no = is_a(column, models.BooleanField) and self.lookup_expr == "exact"
        self.in_shape = yes_or_no or self.lookup_expr.split(LOOKUP_SEPARATOR)[-1] == "isnull"
        self.traceable = self.in_shape or lookups.traceable(column, self.lookup_expr)
        self._field: ValueField = lookups.value_field(column, self.lookup_expr)

    def condition(self, path: str, value: object) -> Q:  # as the column reads it, or its slot
        """Return the condition at a path, which may be the whole or the last part of the filter's own."""
        return lookups.condition(self.column, path, self.lookup_expr, value)


class ResourceFilterSet(django_filters.FilterSet):
    """The filters of a viewset's `filterset_fields`; a base for custom ones with `method=` filters."""

    @classmethod
    def get_fields(cls) -> OrderedDict[str, Sequence[str]]:  # type: ignore[override]  # the stubs say columns
        """Give a list of names the lookups natural to each column; a dict keeps exactly those it names."""
        meta = cls._meta  # type: ignore[attr-defined]  # which its metaclass makes
        model: type[models.Model] = meta.model
        if isinstance(meta.fields, dict):
            for name in meta.fields:
                _refuse_path_into_json(model, name)
            return OrderedDict(meta.fields)
        every = meta.fields in (None, "__all__")
        names = get_all_model_fields(model) if meta.fields is None or every else meta.fields
        return OrderedDict((name, _natural(model, name, every=every)) for name in names)

    @classmethod
    def filter_for_field(cls, field: Column, field_name: str, lookup_expr: str | None = None) -> django_filters.Filter:
        """Make the strict filter of a column."""
        return LookupFilter(field, field_name=field_name, lookup_expr=lookup_expr or "exact")


def _natural(model: type[models.Model], name: str, *, every: bool) -> tuple[str, ...]:
    """Return the lookups natural to a column; one that was named by itself must have some."""
    _refuse_path_into_json(model, name)
    column = get_model_field(model, name)
    if column is None:
        return ()
    natural = lookups.natural(column)
    if not (natural or every):
        raise ImproperlyConfigured(
            f"{name} is a {type(column).__name__}, which no lookups are natural to. Name them in a dict, such as  "
            f'filterset_fields = {{"{name}": ["isnull"]}}'
        )
    return natural


def _refuse_path_into_json(model: type[models.Model], name: str) -> None:
    """Refuse a path that goes on inside a column of JSON, which has no columns; a lookup may lead there."""
    before, _, inside = name.rpartition(LOOKUP_SEPARATOR)
    while before:
        column = get_model_field(model, before)
        if column is not None and not column.is_relation and get_model_field(model, name) is None:
            raise ImproperlyConfigured(
                f"{name} leads into {before}, a {type(column).__name__}. Write the way inside as a lookup:  "
                f'filterset_fields = {{"{before}": ["{inside}"]}}'
            )
        before, _, step = before.rpartition(LOOKUP_SEPARATOR)
        inside = f"{step}{LOOKUP_SEPARATOR}{inside}"


def filterset_of(
    model: type[models.Model], fields: FilterFields, custom: type[django_filters.FilterSet] | None
) -> type[django_filters.FilterSet]:
    """Return the FilterSet class of a viewset: a custom one, or one made from its `filterset_fields`."""
    if custom is not None:
        return custom

    class Filters(ResourceFilterSet):
        Meta = type("Meta", (), {"model": model, "fields": fields or ()})

    Filters.__name__ = f"{model.__name__}Filters"
    return Filters
