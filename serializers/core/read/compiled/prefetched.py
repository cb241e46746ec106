"""Which related rows a queryset chose itself to be shown, by a `Prefetch` with a queryset of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.db.models import Model, Prefetch, QuerySet

from resources.core.database.related import LOOKUP_SEPARATOR, named_by_rows
from serializers.core.read.compiled.refusals import NotCompiled

type Chosen = Mapping[str, QuerySet[Model]]
"""Rows, by the path of attributes that shows them."""


def _prefetches(rows: QuerySet[Model]) -> tuple[str | Prefetch[str], ...]:
    """Return what a queryset loads along with its rows."""
    lookups: tuple[str | Prefetch[str], ...] = getattr(rows, "_prefetch_related_lookups", ())
    return lookups


def prefetch_paths(rows: QuerySet[Model]) -> Iterator[str]:
    """Yield the paths of attributes that a queryset loads along with its rows."""
    for lookup in _prefetches(rows):
        yield lookup if isinstance(lookup, str) else lookup.prefetch_to


def chosen_by(rows: QuerySet[Model]) -> Chosen:
    """Return the rows that a queryset chose for its lists.

    Raises:
        NotCompiled: it chose, too, which row a to-one relation leads to.
    """
    chosen = {
        lookup.prefetch_to: lookup.queryset
        for lookup in _prefetches(rows)
        if isinstance(lookup, Prefetch) and lookup.queryset is not None
    }
    for path in chosen:
        if _leads_to_one(rows.model, path):
            raise NotCompiled(f"a Prefetch chooses which row {path} leads to")
    return chosen


def rows_of(path: str, chosen: Chosen, everything: QuerySet[Model]) -> QuerySet[Model]:
    """Return the rows that a list shows: those chosen for its path, or everything.

    Raises:
        NotCompiled: they cannot be asked for row by row.
    """
    if any(other.startswith(path + LOOKUP_SEPARATOR) for other in chosen):
        raise NotCompiled("a Prefetch chooses rows inside of it")
    rows = chosen.get(path, everything)
    if rows.query.is_sliced or rows.query.combinator:
        raise NotCompiled("a Prefetch chooses some of its rows by their place")
    return rows


def _leads_to_one(model: type[Model], path: str) -> bool:
    to_one = False
    for name in path.split(LOOKUP_SEPARATOR):
        field = named_by_rows(model, name)
        if field is None:
            return False
        to_one, model = field.many_to_one or field.one_to_one, field.related_model
    return to_one


def in_default_order(rows: QuerySet[Model]) -> QuerySet[Model]:
    """Order related rows as they, or their model, say; by the key where neither does."""
    return rows if rows.ordered else rows.order_by("pk")
