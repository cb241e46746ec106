"""What every feed of this room does: it takes part in a topic, and gives back what it took."""

from abc import ABC, abstractmethod

from api.core.http.event_stream import Identity, Subscriber, Turns
from api.core.limits.streams import StreamPlace
from api.core.live.tail import Tail, tail_of
from api.core.live.topic import Topic


class LiveFeed[T: Topic](ABC):
    """One subscription of somebody.

    Attributes:
        closed: whether it pushes nothing more; it may be closed while it begins.
    """

    def __init__(self, identity: Identity, place: StreamPlace | None) -> None:
        """Take whose it is, and the place that it has; None where it is one of several of a stream."""
        self._identity, self._place = identity, place
        self._subscriber: Subscriber | None = None
        self._tail: Tail | None = None
        self._topic: T | None = None
        self.closed = False

    async def open(self, subscriber: Subscriber, turns: Turns) -> None:
        """Send what comes first, and see to it that what comes later is pushed."""
        self._subscriber, self._tail = subscriber, tail_of(turns)
        self._tail.identities.add(self._identity, subscriber)
        topic = await self._join(self._tail)
        if self.closed:
            self._tail.leave(topic)
            return
        self._topic = topic
        await self._begin(topic, subscriber, turns)
        self._forget_request()

    @abstractmethod
    async def _join(self, tail: Tail) -> T:
        """Take part in a topic."""

    @abstractmethod
    async def _begin(self, topic: T, subscriber: Subscriber, turns: Turns) -> None:
        """Send what comes first, and subscribe."""

    @abstractmethod
    def _forget_request(self) -> None:
        """Let go of what only the beginning needs: it is larger than all the rest of a stream."""

    def close(self) -> None:
        """Push nothing more, and give back what was taken."""
        place, self._place = self._place, None
        if place is not None:
            place.leave()
        if self.closed:
            return
        self.closed = True
        if self._tail is not None and self._subscriber is not None:
            self._tail.identities.remove(self._identity, self._subscriber)
            if self._topic is not None:
                self._topic.unsubscribe(self._subscriber)
                self._tail.leave(self._topic)
                self._topic = None
