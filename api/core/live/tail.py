"""The one reader of the log in a process: it waits for hints, reads what was written, and brings topics up to date.

It runs while there are streams. A lost hint delays by a second.
"""

import asyncio
from collections.abc import Callable, Hashable, Sequence
from contextlib import AsyncExitStack, suppress
from functools import partial
from itertools import batched
from weakref import WeakKeyDictionary

import structlog
from django.db import DatabaseError

from api.core.http.event_stream import Ending, Turns
from api.core.live.identities import Identities
from api.core.live.topic import EventAt, News, Topic, ending_of
from resources.core.database.budget import Budget
from resources.core.journal import log
from resources.core.journal.cursor import Cursor, CursorGone
from resources.core.journal.wakeups import LATEST, WAKEUPS
from resources.core.setting import setting
from serializers.core.problems import Refusal

logger = structlog.get_logger("headwater")

MOST = 2000
"""Changes that are looked at in one go."""
AT_ONCE = 2
"""Threads that bring topics up to date at once: the others answer requests."""
IN_A_TURN = 50
"""Topics that one of them brings up to date in one turn."""
GONE = Ending("gone", "The log of changes begins anew: read everything again.", 4410, None)
UNREAD = Ending("unavailable", "The changes could not be read.", 4500, 2.0)


class Tail:
    """That of one event loop.

    Attributes:
        identities: who has streams.
    """

    def __init__(self, turns: Turns) -> None:
        """Take where code that waits takes its turns."""
        self._turns = turns
        self.identities = Identities(turns)
        self._topics: dict[Hashable, Topic] = {}
        self._task: asyncio.Task[None] | None = None
        self._cursor: Cursor | None = None
        self._room = asyncio.Semaphore(AT_ONCE)

    async def join[T: Topic](self, key: Hashable, kind: type[T], make: Callable[[], T]) -> T:
        """Return the topic that streams with a key have in common; whoever joins leaves it once."""
        while self._cursor is None:
            latest = await self._turns(log.latest)
            self._cursor = self._cursor or latest
        topic = self._topics.get(key)
        if topic is None:
            topic = self._topics[key] = make()
            topic.cursor = self._cursor
        topic.holders += 1
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run())
        assert isinstance(topic, kind)  # noqa: S101 - its key says so
        return topic

    def leave(self, topic: Topic) -> None:
        """Let go of a topic."""
        topic.holders -= 1
        if not topic.holders:
            self._remove(topic)

    def _remove(self, topic: Topic) -> None:
        """Forget a topic, in whose place there may be another by now."""
        if self._topics.get(topic.key) is topic:
            del self._topics[topic.key]

    def _end(self, topic: Topic, ending: Ending) -> None:
        """End a topic. Who comes from now on begins another, which knows nothing of what went wrong with this one."""
        self._remove(topic)
        topic.end(ending)

    def _end_all(self, ending: Ending) -> None:
        for topic in [*self._topics.values()]:
            self._end(topic, ending)
        self._cursor = None

    async def _run(self) -> None:
        woken = asyncio.Event()
        forget = WAKEUPS.subscribe(woken.set)
        try:
            while self._topics:
                woken.clear()
                more = await self._read()
                if not more:
                    with suppress(TimeoutError):
                        async with asyncio.timeout(LATEST):
                            await woken.wait()
        except Exception:  # nobody waits for this task: without an end its streams would be silent for good
            logger.exception("the log could not be read")
            self._end_all(UNREAD)
        finally:
            forget()
            self._task = self._cursor = None

    async def _read(self) -> bool:
        """Read what was written, and tell it; say whether there is more."""
        assert self._cursor is not None  # noqa: S101 - who joins has looked
        try:
            page = await self._turns(partial(_page, self._cursor))
        except CursorGone:
            self._end_all(GONE)
            return False
        except DatabaseError as error:
            logger.warning("the log could not be read", error=str(error))
            await asyncio.sleep(LATEST)
            return False
        if page.next == self._cursor:
            return False
        entries = dict[str, list[log.Entry]]()
        for entry in page.entries:
            entries.setdefault(entry.table, []).append(entry)
        news = News(entries, self._cursor, page.next, {})
        self._cursor = page.next
        topics = [*self._topics.values()]
        concerned = [topic for topic in topics if topic.concerns(news)]
        await asyncio.gather(*[self._advance(some, news) for some in batched(concerned, IN_A_TURN)])
        for topic in topics:
            if topic.cursor.position < news.end.position:
                topic.cursor = news.end
        return page.more

    async def _advance(self, topics: Sequence[Topic], news: News) -> None:
        """Bring some topics up to date in one turn of a thread, and tell what came of it."""
        async with self._room, AsyncExitStack() as stack:
            for topic in topics:
                await stack.enter_async_context(topic.lock)
            for topic, told in zip(topics, await self._turns(partial(_advance, topics, news)), strict=True):
                if isinstance(told, Ending):
                    self._end(topic, told)
                else:
                    await topic.publish(told)
                    topic.cursor = max(topic.cursor, news.end)


def _page(cursor: Cursor) -> log.Page:
    with Budget.of(setting("TIME_BUDGET")):
        return log.page_after(cursor, None, MOST)


def _advance(topics: Sequence[Topic], news: News) -> list[Sequence[EventAt] | Ending]:
    return [_advance_one(topic, news) for topic in topics]


def _advance_one(topic: Topic, news: News) -> Sequence[EventAt] | Ending:
    try:
        with Budget.of(setting("TIME_BUDGET")):
            return topic.advance(news)
    except Refusal as refusal:
        return ending_of(refusal, "gone", 4410)
    except Exception:
        logger.exception("a topic could not be brought up to date")
        return UNREAD


_TAILS: WeakKeyDictionary[asyncio.AbstractEventLoop, Tail] = WeakKeyDictionary()


def tail_of(turns: Turns) -> Tail:
    """Return the one of the event loop that is running."""
    loop = asyncio.get_running_loop()
    tail = _TAILS.get(loop)
    if tail is None:
        tail = _TAILS[loop] = Tail(turns)
    return tail
