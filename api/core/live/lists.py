"""A live list: its rows, then every row that enters, changes or leaves, in the order of the log.

What is stored when a change is met is what is told: a row that changed twice meanwhile is told once. So nothing is sent
that may not be read at that moment. Rows are compared with what the streams of the list were told before, by a digest:
what changed outside of the rows' own table (a membership, a country that is expanded) has all of them compared.
"""

from __future__ import annotations

import time
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple
from weakref import WeakValueDictionary

from xxhash import xxh3_64_intdigest

from api.core.http.event_stream import Event
from api.core.limits.live_rows import LIVE_ROWS, Share
from api.core.live.list_rows import MOST_ROWS, ListRows, Row, statement_of, too_many
from api.core.live.prefilter import Comparison, comparisons_of, may_concern
from api.core.live.shared_rows import SharedRows, shared_rows_of
from api.core.live.topic import EventAt, News, Topic, pieces
from resources.core.journal.cursor import Cursor

KEPT = 0.2
"""Seconds for which rows are kept for others who join."""


class RowDigest(NamedTuple):
    """What streams were told of a row: its id, and a digest of it."""

    id: str
    digest: int


class Arrival(NamedTuple):
    """What comes of somebody joining.

    Attributes:
        told: what others are told.
        snapshot: the events that show all rows.
    """

    told: Sequence[EventAt]
    snapshot: Sequence[Event]


class LiveList(NamedTuple):
    """A list that is to be live, as far as one request knows it.

    Attributes:
        key: what makes it the same as that of others.
        rows: reads its rows.
        others: the tables beside its own that it reads; None for any.
        comparisons: conditions that all its rows meet.
        shared: reads its rows together with other lists; None where that cannot be.
        who: for whom its rows count, if it is not live yet.
    """

    key: Hashable
    rows: ListRows
    others: frozenset[str] | None
    comparisons: Sequence[Comparison]
    shared: SharedRows | None
    who: str


def live_list(rows: ListRows, who: str) -> LiveList:
    """Find out what makes a list. Runs in a thread, before anything is sent."""
    statement = statement_of(rows)
    key = ("list", statement.text or object(), rows.window, rows.plan.origin)
    return LiveList(key, rows, statement.tables, comparisons_of(rows.plan.pipeline), shared_rows_of(rows), who)


def make_room(live: LiveList) -> None:
    """Make sure that a list may be live, before anything is sent; of one that is, all who join would read all rows.

    Raises:
        Refusal: it has too many rows, by itself or together with other lists.
    """
    topic = _TOPICS.get(live.key)
    if topic is None or not topic.is_live:
        window = live.rows.window
        LIVE_ROWS.check(live.who, len(live.rows.all()) if window is None else window)


_TOPICS: WeakValueDictionary[Hashable, ListTopic] = WeakValueDictionary()
"""The lists that are live, by their keys."""


class ListTopic(Topic):
    """One list.

    Attributes:
        snapshot: the events that show all rows as they were told; None where they are to be read.
    """

    def __init__(self, live: LiveList) -> None:
        """Take the list."""
        others = live.others
        super().__init__(live.key, None if others is None else others | {live.rows.table})
        self._rows, self._others, self._comparisons, self._shared = live.rows, others, live.comparisons, live.shared
        self._told: dict[str, RowDigest] | None = None
        self._share = Share(LIVE_ROWS, live.who)
        self.snapshot: Sequence[Event] | None = None
        self._read_at = 0.0
        _TOPICS[live.key] = self

    @property
    def rows(self) -> ListRows:
        """Return what reads its rows."""
        return self._rows

    @property
    def is_live(self) -> bool:
        """Whether its rows are known, and will be."""
        return self._told is not None and not self.ended

    @property
    def is_window(self) -> bool:
        """Whether only the first rows are shown."""
        return self._rows.window is not None

    def advance(self, news: News) -> Sequence[EventAt]:
        """Return who enters, changes and leaves."""
        if self._told is None:
            return ()
        entries = news.entries.get(self._rows.table, ())
        touched = self.is_touched(news) or any(entry.operation == "R" for entry in entries)
        if not touched and self._comparisons:
            entries = [entry for entry in entries if may_concern(self._comparisons, entry)]
        if touched or (self.is_window and entries) or not all(self._rows.reads(entry.key) for entry in entries):
            rows = self._rows.all()
            self._hold(len(rows))
            events = self._compare(rows)
        else:
            last = dict.fromkeys(self._rows.key(entry.key) for entry in reversed(entries))  # each at its last change
            keys = [*last][::-1]
            found = self._with_keys(keys, news)
            events = [event for key in keys for event in self._compare_row(key, found.get(key))]
            self._hold(len(self._told))
        return self._at(events, news.end)

    def _with_keys(self, keys: Sequence[str], news: News) -> Mapping[str, Row]:
        """Read the rows with some keys, together with other lists where that can be."""
        found = self._shared.with_keys(keys, news.cache) if self._shared else None
        return self._rows.with_keys(keys) if found is None else found

    def is_touched(self, news: News) -> bool:
        """Whether something changed that decides about rows which did not."""
        return bool(news.entries) if self._others is None else not self._others.isdisjoint(news.entries)

    def read(self) -> Arrival:
        """Read the list for somebody who joins. Others are told first of what is new in it. Runs in a thread.

        All who join in one moment are sent the same, unless something was told since: thousands may come at once. It
        is a short one, as on PostgreSQL what other programs have written has its place in the log half a second later.
        """
        snapshot = self.snapshot  # which the event loop may let go of meanwhile
        if snapshot is not None and time.monotonic() - self._read_at < KEPT:
            return Arrival((), snapshot)
        rows = self._rows.all()
        self._read_at = time.monotonic()  # and not when that began: of a long list all would wait for all to read it
        self._hold(len(rows))
        is_first, self._told = self._told is None, self._told or {}
        events = self._compare(rows)
        told = () if is_first else self._at(events, self.cursor)
        snapshot = [_snapshot(some) for some in pieces(rows, lambda row: len(row.json))] or [_snapshot(())]
        self.snapshot = snapshot
        return Arrival(told, snapshot)

    def _hold(self, number: int) -> None:
        """Know of so many rows.

        Raises:
            Refusal: these are too many.
        """
        if number > MOST_ROWS:
            raise too_many()
        self._share.resize(number)

    def forget_snapshot(self) -> None:
        """Let go of the rows that were read for those who joined."""
        self.snapshot = None

    def _compare(self, rows: Iterable[Row]) -> list[Event]:
        """Compare all rows with what was told: first who leaves, so that a window never shows too many."""
        assert self._told is not None  # noqa: S101 - it is asked for by whom it was read before
        now = {row.key: row for row in rows}
        left = [key for key in self._told if key not in now]
        return [
            *(event for key in left for event in self._compare_row(key, None)),
            *(event for key, row in now.items() for event in self._compare_row(key, row)),
        ]

    def _compare_row(self, key: str, row: Row | None) -> Iterator[Event]:
        assert self._told is not None  # noqa: S101 - as above
        before = self._told.get(key)
        if row is None:
            if before is not None:
                del self._told[key]
                yield left(before.id)
            return
        digest = xxh3_64_intdigest(row.json.encode())
        if before is None or before.digest != digest:
            self._told[key] = RowDigest(row.id, digest)
            yield Event("enter" if before is None else "change", row.json)

    def _at(self, events: Sequence[Event], cursor: Cursor) -> list[EventAt]:
        """Give the last event the cursor: who goes on after it has had all the others."""
        if events:
            self.snapshot = None
            last = events[-1]
            events = [*events[:-1], Event(last.name, last.data, str(cursor))]
        return [EventAt(cursor.position, event) for event in events]


def _snapshot(rows: Iterable[Row]) -> Event:
    return Event("snapshot", f'{{"results":[{",".join(row.json for row in rows)}]}}')


def left(id_: str) -> Event:
    """Return what tells that a row is no more in a list."""
    return Event("leave", f'{{"id":{id_}}}')
