"""The second step of reading: a Query becomes a Plan, and a Plan gives Pages.

May refuse: an actor who may read nothing here, a cursor that belongs to another request.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

from api.core.filters.conditions import Conditions, seen_by
from api.core.filters.search import searching
from api.core.pages.counting import estimate
from api.core.pages.cursors import Cursor, decode
from api.core.pages.ordering import OrderTerm, after, ordered
from api.core.queries.expanding import load
from api.core.queries.parameters import DEFAULT_LIMIT
from api.core.queries.shape import Query
from resources.core.actor import Actor
from serializers.core.problems import Fault, refuse

if TYPE_CHECKING:
    from api.core.queries.grammar import Grammar
    from api.core.resource import ResourceView

CHUNK = 500


@dataclass(frozen=True, slots=True)
class Page:
    """What a read returns.

    Attributes:
        rows: the members of each row, ready to be written.
        next: the cursor of the page after this one, or the number of the classic page; None at the end.
        previous: the same, before.
        count: how many rows there are in all, where asked.
    """

    rows: Sequence[Any]
    next: str | None = None
    previous: str | None = None
    count: int | None = None


@dataclass(frozen=True)
class Plan:
    """How the rows of one query are read: by Django and DRF, row by row.

    Attributes:
        query: what was asked.
        rows: the rows that the policy and the conditions leave, in no order.
        viewset: shows rows.
        actor: who asks.
        start: where reading begins; None for the beginning.
    """

    query: Query
    rows: QuerySet[Any]
    viewset: ResourceView
    actor: Actor
    start: Cursor | None = None

    @cached_property
    def order(self) -> tuple[OrderTerm, ...]:
        """Return the total order of the rows."""
        return seen_by(self.actor, self.rows.model, self.query.shape.order)

    @cached_property
    def serializer(self) -> Any:
        """Return what shows rows: the viewset's serializer with the selection."""
        return self.viewset.presentation(self.query.shape.selection)

    def page(self) -> Page:
        """Read one page."""
        return self._classic() if self.query.shape.paging == "pages" else self._keyset()

    def chunks(self) -> Iterator[list[Any]]:
        """Read everything, a bounded number of rows at a time, each chunk by a statement of its own.

        No row stands twice, whatever is written meanwhile. Where the request has a limit, it is kept.
        """
        left, cursor = self.query.values.limit, self.start
        while left is None or left > 0:
            rows = self._slice(cursor, min(CHUNK, left or CHUNK))
            if not rows:
                return
            yield self._show(rows)
            left = None if left is None else left - len(rows)
            cursor = self._at(rows[-1], backwards=False)

    def count(self) -> int | None:
        """Count the rows, where asked."""
        how = "exact" if self.query.shape.paging == "pages" else self.query.shape.count
        if how is None:
            return None
        return self.rows.count() if how == "exact" else estimate(self.rows)

    def _keyset(self) -> Page:
        limit = self.query.values.limit or DEFAULT_LIMIT
        rows = self._slice(self.start, limit + 1)
        more, rows = len(rows) > limit, rows[:limit]
        backwards = self.start is not None and self.start.backwards
        if backwards:
            rows.reverse()
        inside = self.start is not None and bool(self.start.values)
        later, earlier = (inside, more) if backwards else (more, inside)
        return Page(
            self._show(rows),
            next=self._at(rows[-1] if rows else None, backwards=False).encode() if later else None,
            previous=self._at(rows[0] if rows else None, backwards=True).encode() if earlier else None,
            count=self.count(),
        )

    def _classic(self) -> Page:
        values, count = self.query.values, self.count() or 0
        size = values.limit or DEFAULT_LIMIT
        start = (values.page - 1) * size
        if start >= count and values.page > 1:
            raise refuse("not-found", f"There is no page {values.page}; the last one is {max(1, -(-count // size))}.")
        rows = list(self._ordered(self.order)[start : start + size])
        following = str(values.page + 1) if start + size < count else None
        preceding = str(values.page - 1) if values.page > 1 else None
        return Page(self._show(rows), following, preceding, count)

    def _slice(self, cursor: Cursor | None, most: int) -> list[Any]:
        """Read up to a number of rows beyond a position, in the order of travel."""
        backwards = cursor is not None and cursor.backwards
        order = [term.reversed() for term in self.order] if backwards else self.order
        everything = self._ordered(order)
        if cursor is None or not cursor.values:
            return list(everything[:most])
        rows: list[Any] = []
        for stretch in after(order, cursor.values):
            rows += everything.filter(stretch)[: most - len(rows)]
            if len(rows) == most:
                break
        return rows

    def _ordered(self, order: Sequence[OrderTerm]) -> QuerySet[Any]:
        return ordered(load(self.rows, self.serializer, self.query.shape.selection, self.actor), order)

    def _show(self, rows: Sequence[Any]) -> list[Any]:
        return [self.serializer.to_representation(row) for row in rows]

    def _at(self, row: Any, *, backwards: bool) -> Cursor:
        """Return the position of a row; without one, the end that lies in the direction travelled from."""
        values = () if row is None else tuple(term.value(row) for term in self.order)
        return Cursor(self.query.digest(), backwards, values)


def plan(viewset: ResourceView, grammar: Grammar, query: Query, actor: Actor) -> Plan:
    """Make the plan of a query for an actor: policy, filters and search run over the viewset's own queryset."""
    conditions = Conditions(grammar.model, grammar.filters, query.values.filters, actor, viewset.get_queryset())
    rows = viewset.readable_rows(actor)
    for node in query.shape.conditions:
        rows = rows.filter(conditions.rows(node))
    if query.values.words:
        rows = rows.filter(searching(grammar.model, grammar.search, query.values.words, actor))
    return Plan(query, rows, viewset, actor, _start(query))


def _start(query: Query) -> Cursor | None:
    text = query.values.cursor
    try:
        return None if text is None else decode(text, query.digest(), [term.column for term in query.shape.order])
    except ValueError as error:
        raise refuse("invalid-parameters", str(error), [Fault("invalid", str(error), parameter="cursor")]) from None
