"""Django-filter's FilterSet with strict values, natural lookups, and conditions that never repeat a row."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import django_filters
from django.db import models
from django.db.models import Q
from django_filters.utils import get_all_model_fields, get_model_field

from api.core import formfields, lookups


class LookupFilter(django_filters.Filter):
    """One lookup on one column, perhaps across relations: `country__continent__in`.

    Attributes:
        column: the model field at the end of the path.
        in_shape: whether the value changes the SQL text, so that it belongs to the shape of a request.
    """

    def __init__(self, column: models.Field[Any, Any], **options: Any) -> None:
        """Take the column and django-filter's own options."""
        super().__init__(**options)
        self.column = column
        self.in_shape = self.lookup_expr == "isnull"
        self._field: formfields.Strict = lookups.value_field(column, self.lookup_expr)

    def condition(self, path: str, value: Any) -> Q:
        """Return the condition at a path, which may be the whole or the last part of the filter's own."""
        meaning = lookups.meaning(self.column, self.lookup_expr)
        value = list(value) if isinstance(value, tuple) else value
        return Q(**{f"{path}__{meaning.expression}": meaning.prepare(value)})


class ResourceFilterSet(django_filters.FilterSet):
    """The filters of a viewset's `filterset_fields`; a base for one's own with `method=` filters."""

    @classmethod
    def get_fields(cls) -> OrderedDict[str, Any]:
        """Give a list of names the lookups natural to each column; a dict keeps exactly those it names."""
        named = cls._meta.fields
        if isinstance(named, dict):
            return OrderedDict(named)
        names = get_all_model_fields(cls._meta.model) if named in (None, "__all__") else named
        return OrderedDict((name, cls._natural(name)) for name in names)

    @classmethod
    def _natural(cls, name: str) -> tuple[str, ...]:
        column = get_model_field(cls._meta.model, name)
        return () if column is None else lookups.natural(column)

    @classmethod
    def filter_for_field(cls, field: Any, field_name: str, lookup_expr: str | None = None) -> django_filters.Filter:
        """Make the strict filter of a column."""
        return LookupFilter(field, field_name=field_name, lookup_expr=lookup_expr or "exact")


STRICT_FORMS: dict[type[django_filters.Filter], Any] = {
    django_filters.BooleanFilter: lambda _: formfields.Boolean(),
    django_filters.UUIDFilter: lambda _: formfields.Uuid(),
    django_filters.DateTimeFilter: lambda _: formfields.Instant(),
    django_filters.DateFilter: lambda _: formfields.Date(),
    django_filters.NumberFilter: lambda _: formfields.Number(),
    django_filters.ChoiceFilter: lambda f: formfields.OneOf([value for value, _ in f.extra.get("choices") or ()]),
    django_filters.CharFilter: lambda _: formfields.Text(allow_empty=True),
}
"""Stock filters of one's own FilterSet whose form fields are lenient, with the strict field put in its place."""


def strict_field(filter_: django_filters.Filter) -> Any:
    """Return the form field that reads a filter's value: ours where a stock one would be lenient."""
    if isinstance(filter_, LookupFilter):
        return filter_.field
    strict = STRICT_FORMS.get(type(filter_))
    return strict(filter_) if strict else filter_.field


def filterset_of(model: type[models.Model], fields: Any, own: type[django_filters.FilterSet] | None) -> Any:
    """Return the FilterSet class of a viewset: its own, or one made from its `filterset_fields`."""
    if own is not None:
        return own
    meta = type("Meta", (), {"model": model, "fields": fields or ()})
    return type(f"{model.__name__}Filters", (ResourceFilterSet,), {"Meta": meta})
