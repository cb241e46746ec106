"""`GET /v1/changes` as a stream: what delta sync would answer, told as it happens.

Who may know of what is decided once for all streams of one person, key or nobody that follow the same resources.
"""

import re
from collections.abc import Hashable, Sequence
from functools import partial

import msgspec

from api.core.changes.feed import Events, events_after
from api.core.changes.participants import Participant
from api.core.http.event_stream import Event, Identity, Subscriber, Turns
from api.core.limits.streams import StreamPlace
from api.core.live.live_feed import LiveFeed
from api.core.live.tail import Tail
from api.core.live.topic import EventAt, News, Topic, ending_of
from resources.core.actor import Actor
from resources.core.database.budget import Budget
from resources.core.journal.cursor import Cursor
from resources.core.setting import setting
from serializers.core.problems import Refusal

MOST = 1000
"""Changes that are read in one go."""
ID = re.compile(r'"id":"(([0-9]+)-[0-9a-f]+)","type":')
"""Where an event has its cursor; nothing of a row comes before it."""


class ChangeTopic(Topic):
    """The changes that somebody may know of."""

    def __init__(self, key: Hashable, participants: Sequence[Participant]) -> None:
        """Take the resources that they follow."""
        super().__init__(key, frozenset[str]().union(*(each.tables for each in participants)))
        self._participants = participants

    def advance(self, news: News) -> Sequence[EventAt]:
        """Return the events after the cursor."""
        told, cursor, more = list[EventAt](), self.cursor, True
        while more and cursor.position < news.end.position:
            page = events_after(self._participants, cursor, MOST)
            told += events_of(page)
            cursor, more = page.next, page.more
        self.cursor = cursor
        return told


class ChangeFeed(LiveFeed[ChangeTopic]):
    """One stream of changes."""

    def __init__(
        self,
        identity: Identity,
        place: StreamPlace | None,
        key: Hashable,
        participants: Sequence[Participant],
        since: Cursor,
    ) -> None:
        """Take what is followed, and from where on."""
        super().__init__(identity, place)
        self._key, self._since = key, since
        self._participants: Sequence[Participant] = participants

    async def _join(self, tail: Tail) -> ChangeTopic:
        return await tail.join(self._key, ChangeTopic, partial(ChangeTopic, self._key, self._participants))

    def _forget_request(self) -> None:
        self._participants, self._key = (), None

    async def _begin(self, topic: ChangeTopic, subscriber: Subscriber, turns: Turns) -> None:
        """Send what happened since; then `ready`, when it is told as it happens."""
        cursor = self._since
        while cursor.position < topic.cursor.position:
            try:
                page = await turns(partial(_read, self._participants, cursor))
            except Refusal as refusal:
                subscriber.end(ending_of(refusal, "gone", 4410))
                return
            for each in events_of(page):
                if self.closed:
                    return
                await subscriber.write(each.event)
            cursor = page.next
        if self.closed:
            return
        topic.subscribe(subscriber, cursor.position)
        subscriber.push(Event("ready", msgspec.json.encode({"cursor": str(cursor)}).decode(), str(cursor)))


def _read(participants: Sequence[Participant], cursor: Cursor) -> Events:
    with Budget.of(setting("TIME_BUDGET")):
        return events_after(participants, cursor, MOST)


def events_of(page: Events) -> list[EventAt]:
    """Return the events of a page, each with its position; after them `reset`, where lists are to be read again."""
    told = list[EventAt]()
    for text in page.events:
        match = ID.search(text)
        assert match is not None  # noqa: S101 - as `Writer.write` writes it
        told.append(EventAt(int(match[2]), Event("", text, match[1])))
    if page.reset:
        data = msgspec.json.encode({"resources": list(page.reset)}).decode()
        told.append(EventAt(page.next.position, Event("reset", data, str(page.next))))
    return told


def key_of(participants: Sequence[Participant], actor: Actor, origin: str) -> Hashable:
    """Return what streams of changes have in common; custom code that knows the request shares nothing."""
    resources = tuple(each.resource.plural for each in participants)
    alone = any(each.resource.custom_code or each.resource.permissions for each in participants)
    return ("changes", actor, resources, origin, object() if alone else None)
