"""One live list of somebody: all rows, or what became of them since a cursor; then `ready`, and what happens."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from functools import partial

from api.core.http.event_stream import LAGGING, Ending, Event, Identity, Subscriber, Turns
from api.core.limits.streams import StreamPlace
from api.core.live.lists import KEPT, Arrival, ListTopic, LiveList
from api.core.live.live_feed import LiveFeed
from api.core.live.resuming import since
from api.core.live.tail import Tail
from api.core.live.topic import ending_of
from resources.core.database.budget import Budget
from resources.core.journal.cursor import Cursor, CursorGone
from resources.core.setting import setting
from serializers.core.json import encode
from serializers.core.problems import Refusal

MOST_KEPT = 1000
"""Events that wait for somebody who is still sent the rows."""


class ListFeed(LiveFeed[ListTopic]):
    """One live list of somebody."""

    def __init__(
        self,
        identity: Identity,
        place: StreamPlace | None,
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
        backlog = _Backlog(subscriber)
        try:
            first, cursor = await asyncio.shield(self._take_part(topic, backlog, turns))
            for event in first:
                if self.closed:
                    return
                await subscriber.write(event)
            async with topic.publishing:  # or what is told just now might pass by the backlog and its subscriber
                if self.closed:
                    return
                subscriber.push(Event("ready", encode({"cursor": str(cursor)}).decode(), str(cursor)))
                backlog.flush()
                topic.subscribe(subscriber, -1)
        except Refusal as refusal:
            subscriber.end(ending_of(refusal, "refused", 4400))
        finally:
            topic.unsubscribe(backlog)
            asyncio.get_running_loop().call_later(KEPT, topic.forget_snapshot)

    async def _take_part(self, topic: ListTopic, backlog: _Backlog, turns: Turns) -> tuple[Sequence[Event], Cursor]:
        """Return what comes first, and up to where that leads; what is told meanwhile is kept.

        It is not broken off when its client leaves: what the list is found to hold, the others must be told, too.
        """
        cursor = self._cursor
        async with topic.lock:
            if self.closed:
                return (), topic.cursor
            if cursor is not None:
                topic.forget_snapshot()
            told, first = await turns(partial(_read, topic))
            await topic.publish(told)
            if cursor is not None:
                first = await turns(partial(_resume, topic, cursor, first))
            if not self.closed:
                topic.subscribe(backlog, -1)
            return first, topic.cursor


def _read(topic: ListTopic) -> Arrival:
    with Budget.of(setting("TIME_BUDGET")):
        return topic.read()


def _resume(topic: ListTopic, cursor: Cursor, snapshot: Sequence[Event]) -> Sequence[Event]:
    """Return what became of the rows since a cursor; all of them where that cannot be told."""
    with Budget.of(setting("TIME_BUDGET")), suppress(CursorGone):
        resumed = since(topic, cursor, topic.cursor)
        if resumed is not None:
            return resumed
    gone = "What decides about this list has changed, or the log does not reach back: begin anew."
    return [Event("gone", encode({"detail": gone}).decode()), *snapshot]


class _Backlog:
    """Keeps what is told while somebody is still sent the rows."""

    def __init__(self, subscriber: Subscriber) -> None:
        """Take who is sent them."""
        self._subscriber = subscriber
        self._events: list[Event] = []

    def push(self, event: Event) -> None:
        """Keep an event; who falls too far behind is let go, as later."""
        if len(self._events) < MOST_KEPT:
            self._events.append(event)
        else:
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
