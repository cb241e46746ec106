"""A live list: its rows, then every row that enters, changes or leaves, in the order of the log.

What is stored when a change is met is what is told: a row that changed twice meanwhile is told once. So nothing is sent
that may not be read at that moment. Rows are compared with what the streams of the list were told before, by a digest:
what changed outside of the rows' own table (a membership, a country that is expanded) has all of them compared.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import batched
from typing import NamedTuple

from xxhash import xxh3_64_intdigest

from api.core.http.event_stream import LAGGING, Ending, Event, Identity, Subscriber, Turns
from api.core.limits.streams import Place
from api.core.live.list_rows import ListRows, Row, statement_of
from api.core.live.live_feed import LiveFeed
from api.core.live.prefilter import Comparison, comparisons_of, may_concern
from api.core.live.resuming import since
from api.core.live.shared_rows import SharedRows, shared_rows_of
from api.core.live.tail import Tail
from api.core.live.topic import News, Placed, Topic
from resources.core.database.budget import Budget
from resources.core.journal.cursor import Cursor, CursorGone
from resources.core.setting import setting
from serializers.core.json import encode
from serializers.core.problems import Refusal

AT_ONCE = 200
"""Rows in one event of a snapshot."""
MOST_KEPT = 1000
"""Events that wait for somebody who is still sent the rows."""
KEPT = 0.2
"""Seconds for which rows are kept for others who join."""


class Told(NamedTuple):
    """What streams were told of a row: its id, and a digest of it."""

    id: str
    digest: int


class Joined(NamedTuple):
    """What comes of somebody joining.

    Attributes:
        told: what others are told.
        snapshot: the events that show all rows.
    """

    told: Sequence[Placed]
    snapshot: Sequence[Event]


class LiveList(NamedTuple):
    """A list that is to be live, as far as one request knows it.

    Attributes:
        key: what makes it the same as that of others.
        rows: reads its rows.
        others: the tables beside its own that it reads; None for any.
        comparisons: conditions that all its rows meet.
        shared: reads its rows together with other lists; None where that cannot be.
    """

    key: Hashable
    rows: ListRows
    others: frozenset[str] | None
    comparisons: Sequence[Comparison]
    shared: SharedRows | None


def live_list(rows: ListRows) -> LiveList:
    """Find out what makes a list. Runs in a thread, before anything is sent."""
    statement = statement_of(rows)
    key = ("list", statement.text or object(), rows.window, rows.plan.origin)
    return LiveList(key, rows, statement.tables, comparisons_of(rows.plan.pipeline), shared_rows_of(rows))


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
        self._told: dict[str, Told] | None = None
        self.snapshot: Sequence[Event] | None = None
        self._read_at = 0.0

    @property
    def rows(self) -> ListRows:
        """Return what reads its rows."""
        return self._rows

    @property
    def is_window(self) -> bool:
        """Whether only the first rows are shown."""
        return self._rows.window is not None

    def advance(self, news: News) -> Sequence[Placed]:
        """Return who enters, changes and leaves."""
        if self._told is None:
            return ()
        entries = news.entries.get(self._rows.table, ())
        touched = self.is_touched(news) or any(entry.operation == "R" for entry in entries)
        if not touched and self._comparisons:
            entries = [entry for entry in entries if may_concern(self._comparisons, entry)]
        if touched or (self.is_window and entries):
            events = self._compare(self._rows.all())
        else:
            last = dict.fromkeys(self._rows.key(entry.key) for entry in reversed(entries))  # each at its last change
            keys = [*last][::-1]
            found = self._with_keys(keys, news)
            events = [event for key in keys for event in self._compare_row(key, found.get(key))]
        return self._placed(events, news.end)

    def _with_keys(self, keys: Sequence[str], news: News) -> Mapping[str, Row]:
        """Read the rows with some keys, together with other lists where that can be."""
        found = self._shared.with_keys(keys, news.cache) if self._shared else None
        return self._rows.with_keys(keys) if found is None else found

    def is_touched(self, news: News) -> bool:
        """Whether something changed that decides about rows which did not."""
        return bool(news.entries) if self._others is None else not self._others.isdisjoint(news.entries)

    def read(self) -> Joined:
        """Read the list for somebody who joins. Others are told first of what is new in it. Runs in a thread.

        All who join in one moment are sent the same, unless something was told since: thousands may come at once. It
        is a short one, as on PostgreSQL what other programs have written has its place in the log half a second later.
        """
        now = time.monotonic()
        if self.snapshot is not None and now - self._read_at < KEPT:
            return Joined((), self.snapshot)
        self._read_at, rows = now, self._rows.all()
        is_first, self._told = self._told is None, self._told or {}
        events = self._compare(rows)
        told = () if is_first else self._placed(events, self.cursor)
        self.snapshot = [_snapshot(some) for some in batched(rows, AT_ONCE)] or [_snapshot(())]
        return Joined(told, self.snapshot)

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
            self._told[key] = Told(row.id, digest)
            yield Event("enter" if before is None else "change", row.json)

    def _placed(self, events: Sequence[Event], cursor: Cursor) -> list[Placed]:
        """Give the last event the cursor: who goes on after it has had all the others."""
        if events:
            self.snapshot = None
            last = events[-1]
            events = [*events[:-1], Event(last.name, last.data, str(cursor))]
        return [Placed(cursor.position, event) for event in events]


def _snapshot(rows: Iterable[Row]) -> Event:
    return Event("snapshot", f'{{"results":[{",".join(row.json for row in rows)}]}}')


def left(id_: str) -> Event:
    """Return what tells that a row is no more in a list."""
    return Event("leave", f'{{"id":{id_}}}')


class ListFeed(LiveFeed[ListTopic]):
    """One live list of somebody."""

    def __init__(
        self,
        identity: Identity,
        place: Place | None,
        live: LiveList,
        cursor: Cursor | None,
    ) -> None:
        """Take the list, and from where somebody goes on; None to begin."""
        super().__init__(identity, place)
        self._live: LiveList | None = live
        self._cursor = cursor

    async def _join(self, tail: Tail) -> ListTopic:
        assert self._live is not None  # noqa: S101 - it is opened once
        return await tail.join(self._live.key, ListTopic, partial(ListTopic, self._live))

    def _forget_request(self) -> None:
        self._live = self._cursor = None

    async def _begin(self, topic: ListTopic, subscriber: Subscriber, turns: Turns) -> None:
        """Send the rows, or what became of them since; then `ready`."""
        async with topic.lock:
            try:
                told, first = await turns(partial(self._read, topic))
            except Refusal as refusal:
                return subscriber.end(Ending("refused", refusal.problem.detail, 4400, None))
            await topic.publish(told)
            cursor, backlog = topic.cursor, _Backlog(subscriber)
            topic.subscribe(backlog, -1)
        try:
            for event in first:
                await subscriber.write(event)
        finally:
            topic.unsubscribe(backlog)
        asyncio.get_running_loop().call_later(KEPT, topic.forget_snapshot)
        subscriber.push(Event("ready", encode({"cursor": str(cursor)}).decode(), str(cursor)))
        topic.subscribe(subscriber, -1)
        return backlog.flush()

    def _read(self, topic: ListTopic) -> Joined:
        with Budget.of(setting("TIME_BUDGET")):
            if self._cursor is not None:
                topic.forget_snapshot()
            joined = topic.read()
            if self._cursor is None:
                return joined
            try:
                resumed = since(topic, self._cursor, topic.cursor)
            except CursorGone:
                resumed = None
            if resumed is not None:
                return Joined(joined.told, resumed)
            gone = "What decides about this list has changed, or the log does not reach back: begin anew."
            return Joined(joined.told, [Event("gone", encode({"detail": gone}).decode()), *joined.snapshot])


class _Backlog:
    """Keeps what is told while somebody is still sent the rows."""

    def __init__(self, subscriber: Subscriber) -> None:
        """Take who is sent them."""
        self._subscriber = subscriber
        self._events: list[Event] = []

    def push(self, event: Event) -> None:
        """Keep an event; who falls too far behind is let go, as later."""
        self._events.append(event)
        if len(self._events) > MOST_KEPT:
            self._subscriber.end(LAGGING)

    async def write(self, event: Event) -> None:
        """Keep an event."""
        self.push(event)

    def end(self, ending: Ending) -> None:
        """Tell the end at once."""
        self._subscriber.end(ending)

    def flush(self) -> None:
        """Send what was kept."""
        for event in self._events:
            self._subscriber.push(event)
