"""Where references in a body may lead: to rows that the writer may read, or that the row refers to already."""

from collections.abc import Callable, Iterable

from django.db.models import Manager, Model, Q, QuerySet
from rest_framework import serializers
from rest_framework.fields import SkipField

from resources.core.keys import Key
from resources.core.policy import ALL, either
from serializers.core.kinds import Field

type Readable = Callable[[type[Model]], Q]


def restrict(fields: Iterable[Field], readable: Readable, row: Model | None) -> None:
    """Restrict the references among some fields.

    One to a row that the writer may not read is the same error as one to a row that does not exist.

    Args:
        fields: of a serializer that reads a body.
        readable: says which rows of a model the writer may read.
        row: the row that is stored, or None for a new one.
    """
    for field in fields:
        reference: Field = getattr(field, "child_relation", field)
        queryset: QuerySet[Model] | Manager[Model] | None = getattr(reference, "queryset", None)
        if queryset is None:
            continue
        allowed = readable(queryset.model)
        if allowed is not ALL:
            now = [] if row is None else _references_of(field, row)
            vars(reference)["queryset"] = queryset.all().filter(either(allowed, Q(pk__in=now)))


def _references_of(field: Field, row: Model) -> list[Key]:
    """Return the keys that a row refers to now."""
    try:
        found = field.get_attribute(row)
    except (AttributeError, SkipField):
        return []
    related = (found or ()) if isinstance(field, serializers.ManyRelatedField) else [found]
    return [one.pk for one in related if one is not None]
