"""What several streams have in common: it is brought up to date once, and told to all of them."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from api.core.http.event_stream import Ending, Event, Subscriber
from api.core.live.list_rows import Cache
from resources.core.journal.cursor import Cursor
from resources.core.journal.log import Entry
from serializers.core.problems import Refusal

AT_ONCE = 500
"""Clients that are told in one turn of the event loop."""
IN_A_ROW, PAUSE = 2**15, 0.01
"""Characters that are told without a pause, and its seconds: a large write leaves nobody behind who reads quickly.

An event of many rows has no more of them either: some clients take no line of 128 KB, and no message of a megabyte.
"""


class News(NamedTuple):
    """Some of the log.

    Attributes:
        entries: by the names of their tables, in order.
        start: the cursor before the first.
        end: from where to read on.
        cache: what was read of rows while these changes were looked at, for all topics.
    """

    entries: Mapping[str, Sequence[Entry]]
    start: Cursor
    end: Cursor
    cache: Cache


class EventAt(NamedTuple):
    """An event, and its position in the log: who has read further does not need it."""

    position: int
    event: Event


def ending_of(refusal: Refusal, reason: str, code: int) -> Ending:
    """Return the end of a stream that cannot go on, for a reason; another where its client may come back later."""
    problem = refusal.problem
    pause = dict(problem.headers).get("Retry-After")
    if pause is None:
        return Ending(reason, problem.detail, code, None)
    return Ending(problem.kind.slug, problem.detail, 4000 + problem.kind.status, float(pause))


def pieces[T](items: Iterable[T], size_of: Callable[[T], int]) -> Iterator[Sequence[T]]:
    """Yield items in pieces that a client can keep while it reads."""
    piece, size = list[T](), 0
    for each in items:
        if size > IN_A_ROW:
            yield piece
            piece, size = [], 0
        piece.append(each)
        size += size_of(each)
    if piece:
        yield piece


class Topic(ABC):
    """What some streams carry.

    Attributes:
        key: what its streams have in common.
        tables: those whose changes have to do with it; None for all.
        cursor: up to where its streams have been told of changes.
        lock: held while it is brought up to date, or read for somebody who joins.
        publishing: held while its streams are told, so that none takes the place of another in the middle of that.
        holders: how many streams carry it, or are about to.
    """

    def __init__(self, key: Hashable, tables: frozenset[str] | None) -> None:
        """Begin without streams."""
        self.key, self.tables = key, tables
        self.cursor = Cursor(0, "0")
        self.lock = asyncio.Lock()
        self.publishing = asyncio.Lock()
        self.holders = 0
        self._subscribers: dict[Subscriber, int] = {}
        self._ending: Ending | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing is told any more."""
        return self._ending is not None

    @abstractmethod
    def advance(self, news: News) -> Sequence[EventAt]:
        """Return what is to be told of changes. Runs in a thread.

        Raises:
            Refusal: nothing can be told from here on.
        """

    def concerns(self, news: News) -> bool:
        """Whether changes have to do with it."""
        return bool(news.entries) if self.tables is None else not self.tables.isdisjoint(news.entries)

    def subscribe(self, subscriber: Subscriber, after: int) -> None:
        """Tell somebody from now on what stands after a position; or that it has ended meanwhile."""
        if self._ending is None:
            self._subscribers[subscriber] = after
        else:
            subscriber.end(self._ending)

    def unsubscribe(self, subscriber: Subscriber) -> None:
        """Tell somebody nothing more."""
        self._subscribers.pop(subscriber, None)

    async def publish(self, told: Sequence[EventAt]) -> None:
        """Tell everybody."""
        async with self.publishing:
            await self._publish(told)

    async def _publish(self, told: Sequence[EventAt]) -> None:
        for place, some in enumerate(pieces(told, lambda each: len(each.event.data))):
            if place:
                await asyncio.sleep(PAUSE)
            for number, (subscriber, after) in enumerate([*self._subscribers.items()]):
                if number % AT_ONCE == AT_ONCE - 1:
                    await asyncio.sleep(0)
                if subscriber not in self._subscribers:
                    continue
                for position, event in some:
                    if position > after:
                        subscriber.push(event)

    def end(self, ending: Ending) -> None:
        """End all its streams, and those that are about to be."""
        self._ending = ending
        for subscriber in [*self._subscribers]:
            subscriber.end(ending)
