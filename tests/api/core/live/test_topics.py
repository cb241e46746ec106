"""What becomes of who joins, leaves and is told in the same moment."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from api.core.http.event_stream import Ending, Event, Identity
from api.core.live import changes, tail
from api.core.live.changes import ChangeFeed, ChangeTopic
from api.core.live.list_feed import ListFeed
from api.core.live.lists import Arrival, ListTopic
from api.core.live.tail import UNREAD, Tail
from api.core.live.topic import AT_ONCE, EventAt, News, Topic
from resources.core.actor import ANONYMOUS
from resources.core.journal.cursor import Cursor
from serializers.core.problems import refuse

SNAPSHOT, CHANGE = Event("snapshot", '{"results":[]}'), Event("change", '{"id":1}', "1-a")


class Client:
    """Remembers what it is told; what is written to it is taken when `reads` is set."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.ending: Ending | None = None
        self.reads = asyncio.Event()

    def push(self, event: Event) -> None:
        self.told.append(event.name)

    async def write(self, event: Event) -> None:
        self.push(event)
        await self.reads.wait()

    def end(self, ending: Ending) -> None:
        self.ending = ending


class Rows(Topic):
    """A list, as far as a feed asks."""

    def __init__(self, told: Sequence[EventAt] = ()) -> None:
        super().__init__("list", None)
        self.told = told

    def advance(self, news: News) -> Sequence[EventAt]:
        return [EventAt(1, CHANGE)]

    def read(self) -> Arrival:
        return Arrival(self.told, [SNAPSHOT])

    def forget_snapshot(self) -> None:
        pass


class Feed(ListFeed):
    """A feed of a list that there is."""

    def __init__(self, rows: Rows) -> None:
        super().__init__(Identity(ANONYMOUS), None, None, None)  # type: ignore[arg-type]  # it joins by itself
        self.rows = rows

    async def _join(self, tail: Tail) -> ListTopic:
        return self.rows  # type: ignore[return-value]


async def at_once(call: Callable[[], Any]) -> Any:
    return call()


async def turns_of_the_loop(number: int = 10) -> None:
    for _ in range(number):
        await asyncio.sleep(0)


def test_who_joins_while_many_are_told_is_told_too():
    async def story() -> None:
        topic, client = Rows(), Client()
        opening = asyncio.create_task(Feed(topic).open(client, at_once))  # type: ignore[arg-type]
        await turns_of_the_loop()
        assert client.told == ["snapshot"]
        before = topic._subscribers
        topic._subscribers = {Client(): -1 for _ in range(AT_ONCE)} | before
        client.reads.set()
        async with topic.lock:
            await topic.publish([EventAt(1, CHANGE)])
        await opening
        assert client.told == ["snapshot", "ready", "change"]

    asyncio.run(story())


def test_who_leaves_while_the_list_is_read_keeps_nothing_from_the_others():
    async def story() -> None:
        topic, other, read = Rows([EventAt(1, CHANGE)]), Client(), asyncio.Event()
        topic.subscribe(other, -1)
        feed = Feed(topic)

        async def turns(call: Callable[[], Any]) -> Any:
            await read.wait()
            return call()

        opening = asyncio.create_task(feed.open(Client(), turns))  # type: ignore[arg-type]
        await turns_of_the_loop()
        opening.cancel()
        feed.close()
        read.set()
        await turns_of_the_loop()
        assert other.told == ["change"]
        assert [*topic._subscribers] == [other]

    asyncio.run(story())


def test_who_is_closed_while_they_begin_is_told_nothing_more():
    async def story() -> None:
        topic, client = Rows(), Client()
        feed = Feed(topic)
        opening = asyncio.create_task(feed.open(client, at_once))  # type: ignore[arg-type]
        await turns_of_the_loop()
        feed.close()
        client.reads.set()
        await opening
        assert client.told == ["snapshot"]
        assert not topic._subscribers

    asyncio.run(story())


def test_who_falls_behind_before_they_have_the_rows_is_let_go():
    async def story() -> None:
        topic, client = Rows(), Client()
        opening = asyncio.create_task(Feed(topic).open(client, at_once))  # type: ignore[arg-type]
        await turns_of_the_loop()
        [backlog] = topic._subscribers
        for _ in range(2000):
            backlog.push(CHANGE)
        assert client.ending is not None
        assert client.ending.reason == "lagging"
        assert len(backlog._events) == 1000  # type: ignore[attr-defined]
        opening.cancel()

    asyncio.run(story())


def test_who_comes_to_a_topic_that_has_ended_is_told_so():
    async def story() -> None:
        topic, client = Rows(), Client()
        topic.end(UNREAD)
        topic.subscribe(client, -1)
        assert client.ending is UNREAD

    asyncio.run(story())


@pytest.mark.parametrize("name", ["_page", "_advance"])
def test_a_fault_ends_streams_and_the_next_ones_begin_anew(monkeypatch: pytest.MonkeyPatch, name: str):
    """Silence would be worse: nobody knows of a reader that has died."""

    def fail(*_: object) -> None:
        raise LookupError

    monkeypatch.setattr(tail.log, "latest", lambda: Cursor(5, "a"))
    page = tail.log.Page([], Cursor(6, "b"), more=False)
    monkeypatch.setattr(tail, "_page", lambda _: page)
    monkeypatch.setattr(tail, name, fail)
    monkeypatch.setattr(Rows, "concerns", lambda *_: True)

    async def story() -> None:
        reader, client = Tail(at_once), Client()  # type: ignore[arg-type]
        topic = await reader.join("list", Rows, Rows)
        topic.subscribe(client, -1)
        await turns_of_the_loop()
        assert client.ending is UNREAD
        another = await reader.join("list", Rows, Rows)
        assert another is not topic
        reader.leave(topic)
        assert (await reader.join("list", Rows, Rows)) is another

    asyncio.run(story())


def test_changes_that_are_not_to_be_had_end_a_stream_for_good(monkeypatch: pytest.MonkeyPatch):
    def gone(*_: object) -> None:
        raise refuse("changes-gone", "A table was changed as a whole.")

    monkeypatch.setattr(changes, "_read", gone)

    async def story() -> None:
        topic, client = ChangeTopic("changes", ()), Client()
        topic.cursor = Cursor(9, "b")

        class Changes(ChangeFeed):
            async def _join(self, tail: Tail) -> ChangeTopic:
                return topic

        await Changes(Identity(ANONYMOUS), None, "changes", (), Cursor(5, "a")).open(client, at_once)  # type: ignore[arg-type]
        assert client.ending is not None
        assert (client.ending.reason, client.ending.pause) == ("gone", None)
        assert not topic._subscribers

    asyncio.run(story())
