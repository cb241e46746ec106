"""The second step of reading: a Query becomes a Plan, and a Plan gives Pages.

May refuse: an actor who may read nothing here, a cursor that belongs to another request.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from api.core.http.links import absolute
from api.core.query.grammar import Grammar
from api.core.query.order.cursors import Cursor, decode
from api.core.query.parameters.reader import DEFAULT_LIMIT, MOST_NUMBERED
from api.core.query.shape import Query
from api.core.read import row_count
from api.core.read.estimate_access import is_open
from api.core.read.pipeline import Pipeline
from api.core.read.rendering import Row
from api.core.read.row_count import Total
from api.core.read.strategies import Level, Reading, total
from api.core.read.ways import Read, Ways
from api.core.resource.resource_type import RowSource
from resources.core.actor import Actor
from serializers.core.kinds import Serializer
from serializers.core.problems import Fault, refuse
from serializers.core.read.selection import MOST_OBJECTS

CHUNK = 500
MOST_IN_CHUNK = 4000
"""Rows that one statement of a stream reads at most: with so many, what is done once for a chunk costs nothing."""
QUICK = 0.1
"""Seconds within which a chunk has to be read for the next one to be larger: each has a time budget of its own."""
ENOUGH = 2**21
"""Bytes of rows with lists inside after which a page ends, be it shorter than its limit: `next` leads on."""


@dataclass(frozen=True, slots=True)
class Page:
    """What a read returns.

    Attributes:
        rows: the JSON of each row, as text.
        level: how the rows were read.
        next: the cursor of the page after this one, or the number of the classic page; None at the end.
        previous: the same, before.
        count: how many rows there are in all, where asked.
        shorter: makes the same page of fewer rows; None where its neighbours are counted in rows.
    """

    rows: Sequence[str]
    level: Level
    next: str | None = None
    previous: str | None = None
    count: Total | None = None
    shorter: Callable[[int], Page] | None = None

    def within(self, most: int) -> Page:
        """Return the same page, of as many rows as have so many bytes together, but one at least.

        Raises:
            Refusal: it is a classic page, and cannot end early.
        """
        if self.shorter is not None:
            return self.shorter(most)
        told = f"The {len(self.rows)} rows of this page have over {most} bytes together. Ask for fewer, or by cursor."
        raise refuse("invalid-parameters", told, [Fault("max_value", told, parameter="page_size")])


class StandsStill(RuntimeError):
    """The rows after a position lead back to it: what they are ordered by does not compare as it is stored."""

    def __init__(self, cursor: Cursor | None) -> None:
        """Take the position."""
        super().__init__(f"The order of these rows leads back to {cursor}: no page would be the last.")


class Passed:
    """Notices, with the memory of one position, where positions repeat, after however many (Brent's algorithm)."""

    def __init__(self, start: Cursor | None) -> None:
        """Take the first position."""
        self.remembered, self.steps, self.most = start, 0, 1

    def go_on(self, cursor: Cursor) -> None:
        """Go on to a position.

        Raises:
            StandsStill: it was passed before.
        """
        if cursor == self.remembered:
            raise StandsStill(cursor)
        self.steps += 1
        if self.steps == self.most:
            self.remembered, self.steps, self.most = cursor, 0, 2 * self.most


class Plan(NamedTuple):
    """How the rows of one query are read.

    Attributes:
        query: what was asked.
        pipeline: the rows it leaves.
        origin: scheme and host of the request, for links.
        start: where reading begins; None for the beginning.
    """

    query: Query
    pipeline: Pipeline
    origin: str
    start: Cursor | None = None

    def page(self) -> Page:
        """Read one page."""
        if self.query.shape.paging == "pages":
            return self._numbered()
        if self._is_broad:
            return self._broad()
        level, rows = self._read(self.start, self._limit + 1)
        return self._keyset(level, rows, self._limit, self._total(rows, self._limit))

    def traced_page(self) -> Page | None:
        """Read one page by a statement that is kept; None where there is none, or where it takes more than that."""
        shape, limit = self.query.shape, self._limit
        if shape.paging == "pages" or shape.count == "estimated" or self._is_broad:
            return None
        read = Ways(self.query, self.pipeline, self.origin, traced=True).rows(self.start, limit + 1)
        if read is None:
            return None
        level, rows = read
        return self._keyset(level, rows, limit, self._total(rows, limit))

    def serializer(self) -> Serializer:
        """Return what shows rows: the resource's serializer with the selection."""
        return self.pipeline.source.presentation(self.query.shape.selection)

    def chunks(self) -> Iterator[list[str]]:
        """Read everything, a bounded number of rows at a time, each chunk by a statement of its own.

        No row stands twice, whatever is written meanwhile. Where the request has a limit, it is kept.
        """
        most = CHUNK if self._slice < CHUNK else MOST_IN_CHUNK
        for _, rows in self._slices(self.query.values.limit, largest=most):
            yield [row[0] for row in rows]

    def _slices(self, most: int | None, *, largest: int = CHUNK) -> Iterator[tuple[Level, Sequence[Row]]]:
        """Read rows in slices, of which each shows few objects, by what its rows might show and the last ones did.

        Args:
            most: how many rows in all; None for all.
            largest: how many rows a slice has at most, once small ones have been read quickly.
        """
        cursor, size, left = self.start, self._slice, most
        passed = Passed(cursor)
        while left is None or left > 0:
            asked = size if left is None else min(size, left)
            began = time.monotonic()
            level, rows = self._read(cursor, asked, on=True)
            if not rows:
                return
            took = time.monotonic() - began
            cursor = self._at(rows[-1], backwards=cursor is not None and cursor.backwards)
            passed.go_on(cursor)
            yield level, rows
            if len(rows) < asked:
                return
            left = None if left is None else left - len(rows)
            usual = max(1, sum(len(row[0]) for row in rows) // len(rows))
            allowed = largest if took < QUICK else CHUNK
            size = min(allowed, max(self._slice, min(2 * size, ENOUGH // usual)))

    @property
    def _slice(self) -> int:
        """How many rows may be shown by one statement, whatever their lists hold."""
        return min(CHUNK, max(2, MOST_OBJECTS // self.query.shape.objects))

    @property
    def _is_broad(self) -> bool:
        """Whether rows have lists inside that may hold more than one statement shows."""
        size = self._slice
        return size < CHUNK and size <= self._limit

    def _broad(self) -> Page:
        """Read one page, slice by slice: it ends where it is full, and not before its second row."""
        found: list[Row] = []
        size, level, shown = 0, Level.TRACED, self._limit
        for level, rows in self._slices(shown + 1):  # noqa: B007 - the last one counts
            found += rows
            size += sum(len(row[0]) for row in rows)
            if size >= ENOUGH and len(found) > 1:
                shown = len(found) - 1
                break
        return self._keyset(level, found, shown, self._total(found, shown))

    @property
    def _limit(self) -> int:
        """The rows to show at most. One more is read, which tells whether there is another page."""
        return self.query.values.limit or DEFAULT_LIMIT

    def _keyset(self, level: Level, read: Sequence[Row], most: int, count: Total | None) -> Page:
        """Make a page of the rows that were read, of so many at most; the one after them tells that there are more."""
        more, rows, start = len(read) > most, read[:most], self.start
        backwards, position = (False, ()) if start is None else (start.backwards, start.values)
        if backwards:
            rows = rows[::-1]
        if position and any(row[1 : 1 + len(position)] == position for row in rows):
            raise StandsStill(start)
        inside = bool(position)
        later, earlier = (inside, more) if backwards else (more, inside)
        return Page(
            [row[0] for row in rows],
            level,
            next=self._at(rows[-1] if rows else None, backwards=False).encode() if later else None,
            previous=self._at(rows[0] if rows else None, backwards=True).encode() if earlier else None,
            count=count,
            shorter=partial(self._shorter, level, read, count),
        )

    def _shorter(self, level: Level, read: Sequence[Row], count: Total | None, most: int) -> Page:
        shown = 0
        while shown < len(read) and (most := most - len(read[shown][0].encode()) - 1) >= 0:
            shown += 1
        return self._keyset(level, read, min(max(1, shown), self._limit), count)

    def _numbered(self) -> Page:
        values, size = self.query.values, self._limit
        start = (values.page - 1) * size
        level, read = self._read(None, size + 1, start)
        rows = read[:size]
        if len(read) <= size and (rows or not start):  # the last page ends where the rows do
            count = Total(start + len(rows))
        else:
            count = row_count.count_rows(self._count_of, self._database, start + len(read) if rows else 0)
        if not rows and values.page > 1:
            last = f"; the last one is {-(-count.rows // size) or 1}" if count.exact else ""
            raise refuse("not-found", f"There is no page {values.page}{last}.")
        following = str(values.page + 1) if len(read) > size and start + size < MOST_NUMBERED else None
        preceding = str(values.page - 1) if values.page > 1 else None
        return Page([row[0] for row in rows], level, following, preceding, count)

    def _total(self, read: Sequence[Row], most: int) -> Total | None:
        """Count all rows, where asked; a first page that is not full holds them all."""
        how = self.query.shape.count
        if how is None:
            return None
        if self.start is None and len(read) <= most:
            return Total(len(read))
        if how == "exact":
            return row_count.count_rows(self._count_of, self._database, len(read))
        rows = self.pipeline.rows if is_open(self.pipeline) else None
        return row_count.count_or_estimate(self._count_of, rows, self._database, len(read))

    @property
    def _database(self) -> str:
        return self.pipeline.rows.db

    def _count_of(self, most: int | None) -> int:
        counted = total(most, Ways(self.query, self.pipeline, self.origin).way_of_all())
        _, rows = Reading(self.pipeline, counted, self.origin).rows(1)
        return int(rows[0][0] or 0) if rows else 0

    def _read(self, cursor: Cursor | None, most: int, start: int = 0, *, on: bool = False) -> Read:
        read = Ways(self.query, self.pipeline, self.origin).rows(cursor, most, start, on=on)
        assert read is not None  # noqa: S101 - statements are made where none are kept
        return read

    def _at(self, row: Row | None, *, backwards: bool) -> Cursor:
        """Return the position of a row; without one, the end that lies in the direction travelled from."""
        length = len(self.query.shape.order)
        return Cursor(self.query.digest(), backwards, () if row is None else row[1 : 1 + length])


def plan(source: RowSource, grammar: Grammar, query: Query, actor: Actor, origin: str = "") -> Plan:
    """Make the plan of a query for an actor, who may be given links to an origin."""
    pipeline = Pipeline(source, grammar, query.shape, actor, query.values.filters, query.values.words)
    text = query.values.cursor
    return Plan(query, pipeline, origin or absolute(""), None if text is None else _start(query, text))


def _start(query: Query, text: str) -> Cursor:
    try:
        return decode(text, query.digest(), len(query.shape.order))
    except ValueError as error:
        raise refuse("invalid-parameters", str(error), [Fault("invalid", str(error), parameter="cursor")]) from None
