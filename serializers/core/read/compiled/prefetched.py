"""Which related rows a queryset chose itself to be shown, by a `Prefetch` with a queryset of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Model, Prefetch, QuerySet

from resources.core.database.related import LOOKUP_SEPARATOR, named_by_rows
from serializers.core.read.compiled.refusals import Interpreted

Chosen = Mapping[str, QuerySet[Any]]
"""Rows, by the path of attributes that shows them."""


def chosen_by(rows: QuerySet[Any]) -> Chosen:
    """Return the rows that a queryset chose for its lists.

    Raises:
        Interpreted: it chose, too, which row a to-one relation leads to.
    """
    lookups: Any = rows._prefetch_related_lookups  # type: ignore[attr-defined]
    found = {
        lookup.prefetch_to: lookup.queryset
        for lookup in lookups
        if isinstance(lookup, Prefetch) and lookup.queryset is not None
    }
    for path in found:
        if _leads_to_one(rows.model, path):
            raise Interpreted(f"a Prefetch chooses which row {path} leads to")
    return found


def rows_of(path: str, chosen: Chosen, everything: QuerySet[Any]) -> QuerySet[Any]:
    """Return the rows that a list shows: those chosen for its path, or everything.

    Raises:
        Interpreted: they cannot be asked for row by row.
    """
    if any(other.startswith(path + LOOKUP_SEPARATOR) for other in chosen):
        raise Interpreted("a Prefetch chooses rows inside of it")
    rows = chosen.get(path, everything)
    if rows.query.is_sliced or rows.query.combinator:
        raise Interpreted("a Prefetch chooses some of its rows by their place")
    return rows


def _leads_to_one(model: type[Model], path: str) -> bool:
    field: Any = None
    for name in path.split(LOOKUP_SEPARATOR):
        field = named_by_rows(model, name)
        if field is None:
            return False
        model = field.related_model
    return bool(field.many_to_one or field.one_to_one)


def in_default_order(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Order related rows as they, or their model, say; by the key where neither does."""
    return rows if rows.ordered else rows.order_by("pk")
