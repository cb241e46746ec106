"""The filters of somebody's own FilterSet, as strict as ours: each value is read whole, or refused.

A filter that only compares a column becomes one of ours, a range becomes two; the others keep their meaning.
May refuse: filters that order rows instead of choosing among them, or that read two parameters at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeGuard

import django_filters
from django import forms
from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.db.models import Model, QuerySet
from django_filters import fields
from django_filters.utils import get_model_field

from api.core.query.filters import form_fields
from api.core.query.filters.filter_sets import LookupFilter
from api.core.query.filters.strict import ParameterValue, Strict, ValueField
from resources.core.database.related import LOOKUP_SEPARATOR

STRICT: dict[type[forms.Field], Callable[[], ValueField]] = {
    forms.CharField: form_fields.Text,
    forms.DateField: form_fields.Date,
    forms.DateTimeField: form_fields.Instant,
    forms.DecimalField: form_fields.Number,
    forms.DurationField: form_fields.Duration,
    forms.NullBooleanField: form_fields.Boolean,
    forms.TimeField: form_fields.Time,
    forms.UUIDField: form_fields.Uuid,
    fields.IsoDateTimeField: form_fields.Instant,
}
"""The form fields of stock filters, which are lenient, and the strict one in the place of each."""

MADE_OF_RELATIONS = (django_filters.ModelChoiceFilter, django_filters.ModelMultipleChoiceFilter)
"""What django-filter makes of the name of a relation: the rows that it leads to are named by their keys."""

REFUSED = (django_filters.OrderingFilter, django_filters.LookupChoiceFilter)
"""No conditions on rows; an OrderingFilter that only names columns is among `orders_of`."""


class Custom(Strict[object]):
    """Reads a value with the filter's own form field, which is strict by itself: a choice, a row."""

    def __init__(self, form: forms.Field) -> None:
        """Take the form field."""
        super().__init__()
        self.form = form
        self.repeats = isinstance(form, forms.MultipleChoiceField | forms.ModelMultipleChoiceField)
        if self.repeats:
            self.schema = {"type": "array", "items": {"type": "string"}, "minItems": 1}

    def value_of(self, sent: ParameterValue) -> object:  # whatever the form field makes of it
        """Read one text, or several of them; django-filter would ignore an empty one.

        Raises:
            ValidationError: of the form field's own.
        """
        several = self.repeats or isinstance(self.form, fields.BaseCSVField)
        texts = sent if isinstance(sent, list) else sent.split(",") if several and not self.repeats else [sent]
        texts = [form_fields.Text().clean(text) for text in texts]
        if not texts or (len(texts) > 1 and not several):
            raise ValueError
        value: object = self.form.clean(texts if several else texts[0])
        return value


class End(django_filters.Filter):
    """One end of a range: `price_min`."""

    def __init__(self, whole: django_filters.RangeFilter, place: int) -> None:
        """Take the filter of the whole range, and which of its two ends this is."""
        super().__init__(field_name=whole.field_name, lookup_expr=("gte", "lte")[place])
        both = whole.field
        assert isinstance(both, forms.MultiValueField)  # noqa: S101 - one of two values
        self.whole, self.place, self.both = whole, place, both
        self._field = both.fields[place]

    def filter(self, qs: QuerySet[Model], value: object) -> QuerySet[Model]:  # as the form field of this end reads it
        """Ask the filter of the range, with the other end open."""
        ends = [value, None] if self.place == 0 else [None, value]
        return self.whole.filter(qs, self.both.compress(ends))


def strict_field(filter_: django_filters.Filter) -> ValueField:
    """Return the form field that reads a filter's value: ours where a stock one would be lenient."""
    form = filter_.field
    if isinstance(form, Strict):
        return form
    make = STRICT.get(_plain(type(form)))
    if make is None:
        return Custom(form)
    if isinstance(form, fields.BaseCSVField):
        return form_fields.Several(make(), exactly=2 if isinstance(form, fields.BaseRangeField) else None)
    return make()


def _plain(form: type[forms.Field]) -> type:
    """Return the type of one value, of a form field that may read several of them separated by commas."""
    return next(base for base in form.__mro__ if not issubclass(base, fields.BaseCSVField))


def filters_of(filterset: django_filters.FilterSet) -> Mapping[str, django_filters.Filter]:
    """Return what stands in the place of the filters of a FilterSet, by the names of their parameters.

    Raises:
        ImproperlyConfigured: one of them cannot be asked as a condition on rows.
    """
    filters: dict[str, django_filters.Filter] = {}
    for name, filter_ in filterset.filters.items():
        if _only_orders(filter_):
            continue
        if isinstance(filter_, REFUSED):
            kind = type(filter_).__name__
            raise ImproperlyConfigured(
                f"{type(filterset).__name__}.{name} is a {kind}, which is no condition on rows. "
                "Declare ordering_fields, or filterset_fields with the lookups, on the viewset instead."
            )
        if isinstance(filter_, django_filters.RangeFilter):
            suffixes = filter_.field.widget.suffixes
            filters |= {f"{name}_{suffix}": End(filter_, place) for place, suffix in enumerate(suffixes)}
        else:
            filters[name] = _on_a_column(filterset, filter_, made=name not in filterset.declared_filters) or filter_
    return filters


def orders_of(filterset: django_filters.FilterSet) -> dict[str, Mapping[str, str]]:
    """Return the parameters that ask for an order, and what each calls which path."""
    return {name: dict(each.param_map or {}) for name, each in filterset.filters.items() if _only_orders(each)}


def _only_orders(filter_: django_filters.Filter) -> TypeGuard[django_filters.OrderingFilter]:
    """Whether a filter is django-filter's for orders, and nothing of it is custom."""
    stock, kind = django_filters.OrderingFilter, type(filter_)
    if not issubclass(kind, stock):
        return False
    return kind.filter is stock.filter and kind.get_ordering_value is stock.get_ordering_value


def _on_a_column(
    filterset: django_filters.FilterSet, filter_: django_filters.Filter, *, made: bool
) -> LookupFilter | None:
    """Return one of our filters for one that only compares a column, or was made from the name of a relation."""
    if isinstance(filter_, LookupFilter) or filter_.exclude or not _only_compares(filter_, made=made):
        return None
    assert filterset.queryset is not None  # noqa: S101 - django-filter would ask the model for all rows
    model = filterset.queryset.model
    path, lookup = _split_lookup(model, str(filter_.field_name), str(filter_.lookup_expr))
    column = get_model_field(model, path)
    if not isinstance(column, models.Field | models.ForeignObjectRel):
        return None
    lookup = "in" if type(filter_) is django_filters.ModelMultipleChoiceFilter else lookup
    return LookupFilter(column, field_name=path, lookup_expr=lookup)


def _split_lookup(model: type[models.Model], path: str, lookup: str) -> tuple[str, str]:
    """Tell the way to a column from what is asked of it: `tags` and `name__iexact` are `tags__name` and `iexact`."""
    step, _, rest = lookup.partition(LOOKUP_SEPARATOR)
    further = f"{path}{LOOKUP_SEPARATOR}{step}"
    column = get_model_field(model, path)
    if column is None or not column.is_relation or get_model_field(model, further) is None:
        return path, lookup
    return _split_lookup(model, further, rest or "exact")


def _only_compares(filter_: django_filters.Filter, *, made: bool) -> bool:
    if made and type(filter_) in MADE_OF_RELATIONS:
        return True
    stock = django_filters.Filter
    same = type(filter_).filter is stock.filter and type(filter_).get_method is stock.get_method
    plain = _plain(filter_.field_class) in STRICT and not filter_.extra.keys() - {"required", "help_text"}
    return same and plain and filter_.method is None
