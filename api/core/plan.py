"""The second step of reading: a Query becomes a Plan, and a Plan gives Pages.

May refuse: an actor who may read nothing here, a cursor that belongs to another request.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

from api.core.conditions import Conditions
from api.core.counting import estimate
from api.core.cursors import Cursor, decode
from api.core.expanding import load
from api.core.ordering import OrderTerm, after
from api.core.parameters import DEFAULT_LIMIT
from api.core.search import searching
from api.core.shape import Query
from resources.core.actor import Actor
from serializers.core.problems import Fault, refuse

if TYPE_CHECKING:
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
        serializer: shows rows; takes `many=True`.
        actor: who asks.
    """

    query: Query
    rows: QuerySet[Any]
    viewset: ResourceView
    actor: Actor

    @property
    def order(self) -> tuple[OrderTerm, ...]:
        """Return the total order of the rows."""
        return self.query.shape.order

    def page(self) -> Page:
        """Read one page."""
        return self._classic() if self.query.shape.paging == "pages" else self._keyset()

    def chunks(self) -> Iterator[list[Any]]:
        """Read everything, a bounded number of rows at a time, each chunk by a statement of its own.

        No row stands twice, whatever is written meanwhile. Where the request has a limit, it is kept.
        """
        values = self.query.values
        left, cursor = values.limit, self._cursor(values.cursor) if values.cursor else None
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
        values = self.query.values
        limit = values.limit or DEFAULT_LIMIT
        cursor = self._cursor(values.cursor) if values.cursor else None
        rows = self._slice(cursor, limit + 1)
        more, rows = len(rows) > limit, rows[:limit]
        backwards = cursor is not None and cursor.backwards
        if backwards:
            rows.reverse()
        later = more or backwards
        earlier = (more and backwards) or (cursor is not None and not backwards)
        return Page(
            self._show(rows),
            next=self._at(rows[-1], backwards=False).encode() if rows and later else None,
            previous=self._at(rows[0], backwards=True).encode() if rows and earlier else None,
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
        if cursor is None:
            return list(self._ordered(self.order)[:most])
        order = [term.reversed() for term in self.order] if cursor.backwards else self.order
        return list(self._ordered(order).filter(after(order, cursor.values))[:most])

    def _ordered(self, order: Sequence[OrderTerm]) -> QuerySet[Any]:
        related = [term.path.rpartition("__")[0] for term in order if "__" in term.path]
        rows = self.rows.select_related(*related) if related else self.rows
        serializer = self.viewset.presentation(self.query.shape.selection)
        return load(rows, serializer, self.query.shape.selection, self.actor).order_by(*(t.order_by for t in order))

    def _show(self, rows: Sequence[Any]) -> list[Any]:
        serializer = self.viewset.presentation(self.query.shape.selection)
        return [serializer.to_representation(row) for row in rows]

    def _at(self, row: Any, *, backwards: bool) -> Cursor:
        return Cursor(self.query.digest(), backwards, tuple(term.value(row) for term in self.order))

    def _cursor(self, text: str) -> Cursor:
        try:
            return decode(text, self.query.digest(), [term.column for term in self.order])
        except ValueError as error:
            raise refuse("invalid-parameters", str(error), [Fault("invalid", str(error), parameter="cursor")]) from None


def plan(viewset: ResourceView, query: Query, actor: Actor) -> Plan:
    """Make the plan of a query for an actor: policy, filters and search run over the viewset's own queryset."""
    grammar = viewset.grammar()
    filters = grammar.filters_for(viewset.request)
    conditions = Conditions(grammar.model, filters, query.values.filters, actor)
    rows = viewset.readable_rows(actor)
    for node in query.shape.conditions:
        rows = rows.filter(conditions.rows(node))
    if query.values.words:
        rows = rows.filter(searching(grammar.model, grammar.search, query.values.words))
    return Plan(query, rows, viewset, actor)
