"""Which way the rows of a page are found: along their order until the page is full, or all of them first.

A planner that walks along an order hopes that what is wanted lies evenly among the rest, and of conditions behind
relations or within groups it hardly knows how many rows meet them. So what is wanted is counted first, up to what costs
no more than a page of a good walk does; and a walk that takes long is broken off for the other way. What came of it is
remembered for a minute, for the very same values. Whichever way is taken, the rows are the same.
"""

from __future__ import annotations

import time
from collections.abc import Hashable, Sequence
from functools import partial
from typing import NamedTuple

from django.db import connections
from django.db.models import CompositePrimaryKey

from api.core.query.filters.conditions import Condition
from api.core.query.filters.filter_sets import LookupFilter
from api.core.query.filters.lookups import COMPARISONS
from api.core.query.order.cursors import Cursor
from api.core.query.order.ordering import may_lack_key
from api.core.query.shape import Query
from api.core.read.pipeline import Pipeline, Way
from api.core.read.rendering import Row
from api.core.read.row_count import in_time
from api.core.read.strategies import Level, Part, Reading, page, sighted
from resources.core.database.budget import ENDLESS
from resources.core.database.related import LOOKUP_SEPARATOR
from resources.core.database.remembered import Remembered
from resources.core.database.table_size import LEAST_FEW, few_among, table_size
from resources.core.policy import ALL

SMALL = 250_000
"""Rows of a table that are walked from one end to the other within a tenth of a second."""
COUNTING = 0.2
"""Seconds after which it is counted no further whether rows are few."""
USUAL, SLOWEST = 0.02, 4.0
"""Seconds that counting takes on a quiet day; and how many times as long everything else may take at most, where
PostgreSQL is busy and counting takes longer: where all that is begun is broken off, it only becomes busier. What SQLite
does is told in seconds of a processor."""


class Read(NamedTuple):
    """How rows were read, and they."""

    level: Level
    rows: Sequence[Row]


class Try(NamedTuple):
    """A way, and the seconds after which another is tried."""

    way: Way
    seconds: float = ENDLESS


FEW = (Try(Way.FEW),)
SOME = (Try(Way.PLANNED, 0.05), *FEW)
"""For rows that are few, and yet so many that an index which happens to serve the order may cost less."""
LONGER = (Try(Way.EVERY, 1.2), Try(Way.WALK, 1.2), Try(Way.EVERY), Try(Way.PLANNED))
MANY = {
    "postgresql": (Try(Way.PLANNED, 0.1), Try(Way.WALK, 0.1), *LONGER),
    "sqlite": (Try(Way.WALK, 0.1), Try(Way.PLANNED, 0.4), *LONGER),
}
"""What takes long one way may take little another, and nobody knows which. So each is given more time than those before
it, and all that was spent before the best is a few times what that takes. SQLite's planner knows of no limit, and finds
every row; so the walk comes first there."""
PATIENCE = 4
"""How many times as long a way may take that was quick enough once, when those before it were not."""
TRIES: Remembered[tuple[Try, ...]] = Remembered()
"""What to try, by what was asked of late."""


class Ways(NamedTuple):
    """Reads rows of a query, each time the better way.

    Attributes:
        query: what was asked.
        pipeline: the rows it leaves.
        origin: scheme and host of the request, for links.
        traced: whether to make do with statements that are kept.
    """

    query: Query
    pipeline: Pipeline
    origin: str
    traced: bool = False

    def rows(self, cursor: Cursor | None, most: int, start: int = 0, *, on: bool = False) -> Read | None:
        """Read up to a number of rows from a position on; None where (`traced`) no statement is kept.

        Args:
            cursor: the position; None for the beginning.
            most: how many.
            start: how many are left out before them.
            on: whether it goes on to the end, so that however far the rows lie apart, each is passed once.
        """
        if not has_ways(self.pipeline):
            return self._read(Way.PLANNED, cursor, most, start)
        here = *self._question, cursor is not None, cursor is not None and cursor.backwards
        tries = TRIES.get(here) or self.tries()
        if tries is None:
            return None
        if on or start:
            return self._read(Way.FEW if tries[-1].way is Way.FEW else Way.PLANNED, cursor, most, start)
        for place, (way, seconds) in enumerate(tries[:-1]):
            read = in_time(partial(self._tried, way, cursor, most), self.pipeline.resource.queryset.db, seconds)
            if read is not None:
                if place:  # which is known to be the best one, and is given time on a busy day
                    TRIES.keep(here, (Try(way, PATIENCE * seconds), *tries[place + 1 :]))
                return read[0]
            TRIES.keep(here, tries[place + 1 :])
        return self._read(tries[-1].way, cursor, most)

    def way_of_all(self) -> Way:
        """Return the way in which all rows are found quickest."""
        tries = self.tries() if has_ways(self.pipeline) else None
        return Way.FEW if tries and tries[-1].way is Way.FEW else Way.EVERY

    def tries(self) -> tuple[Try, ...] | None:
        """Return the ways to try, which are remembered; None where (`traced`) no statement is kept that tells."""
        tries = TRIES.get(self._question)
        if tries is None:
            tries = self._choose()
            if tries is not None:
                TRIES.keep(self._question, tries)
        return tries

    @property
    def _question(self) -> tuple[Hashable, ...]:
        return self.query.resource, self.query.digest(), self.pipeline.actor

    def _choose(self) -> tuple[Try, ...] | None:
        """Count what is wanted, up to what is few, and say what to try."""
        using = self.pipeline.resource.queryset.db
        many = MANY[connections[using].vendor]
        if self.pipeline.whole:  # there is no condition to ask on a walk
            return tuple(each for each in many if each.way is not Way.WALK)
        most, began = few_among(table_size(self.pipeline.grammar.model, using)), time.monotonic()
        counted = in_time(lambda: (self._of(sighted(most + 1), 1),), using, COUNTING)
        took = time.monotonic() - began
        pace = 1.0 if connections[using].vendor == "sqlite" else min(SLOWEST, max(1.0, took / USUAL))
        if counted is None:
            return _at(pace, many)
        [found] = counted
        if found is None:
            return None
        number = int(found.rows[0][0] or 0) if found.rows else 0
        return FEW if number <= LEAST_FEW else _at(pace, SOME if number <= most else many)

    def _tried(self, way: Way, cursor: Cursor | None, most: int) -> tuple[Read | None]:
        return (self._read(way, cursor, most),)

    def _read(self, way: Way, cursor: Cursor | None, most: int, start: int = 0) -> Read | None:
        backwards, position = (False, ()) if cursor is None else (cursor.backwards, cursor.values)
        return self._of(page(backwards=backwards, position=position, way=way), most, start)

    def _of(self, part: Part, most: int, start: int = 0) -> Read | None:
        reading = Reading(self.pipeline, part, self.origin)
        if not self.traced:
            return Read(*reading.rows(most, start))
        rows = reading.traced_rows(most)
        return None if rows is None else Read(Level.TRACED, rows)


def _at(pace: float, tries: tuple[Try, ...]) -> tuple[Try, ...]:
    """Return what to try where everything takes so many times as long as usual."""
    return tuple(each._replace(seconds=pace * each.seconds) for each in tries)


def has_ways(pipeline: Pipeline) -> bool:
    """Whether there is a choice: the table is large, and its rows are found by their keys, but not by one index."""
    shape, resource, model = pipeline.shape, pipeline.resource, pipeline.grammar.model
    if table_size(model, resource.queryset.db) <= SMALL or resource.custom_code is not None:
        return False
    if pipeline.whole and resource.allowed("read", pipeline.actor) is ALL:
        return False
    if isinstance(model._meta.pk, CompositePrimaryKey) or may_lack_key(model, model._meta.pk):
        return False
    query = resource.queryset.query
    if len(query.alias_map) > 1 or query.is_sliced or query.distinct or query.group_by is not None:
        return False
    filters = [pipeline.grammar.filters[name] for name in shape.filters()]
    if not all(isinstance(each, LookupFilter) for each in filters) or _one_index_serves(pipeline):
        return False
    # Whoever has few rows of their own has them gathered already.
    return not resource.in_scope("read", pipeline.actor).has_few(resource.own_rows)


def _one_index_serves(pipeline: Pipeline) -> bool:
    """Whether one index finds the rows in their order: of a single condition on a column of theirs."""
    shape, model = pipeline.shape, pipeline.grammar.model
    if pipeline.words or len(shape.conditions) != 1:
        return False
    [condition] = shape.conditions
    if not isinstance(condition, Condition) or condition.negated:
        return False
    filter_ = pipeline.grammar.filters[condition.name]
    path = str(filter_.field_name)
    if LOOKUP_SEPARATOR in path or filter_.lookup_expr not in ("exact", *COMPARISONS):
        return False
    names = {field.name: field.attname for field in model._meta.concrete_fields}
    column, order = names.get(path, model._meta.pk.attname), [term.path for term in shape.order]
    if column == order[0]:
        return True
    columns = [column, *order] if filter_.lookup_expr == "exact" else []
    whole = (index.fields for index in model._meta.indexes if index.condition is None)
    indexes = ([names.get(name, name) for name in fields] for fields in whole)
    return bool(columns) and any(columns == index[: len(columns)] for index in indexes)
