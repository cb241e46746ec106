"""How many streams are open in this process, and whose they are. May refuse: more than one may have, or the process."""

import threading
from collections import Counter

from api.core.limits.admission import network
from resources.core.actor import Actor
from resources.core.setting import setting
from serializers.core.problems import refuse

PAUSE = "5"
"""Seconds after which somebody who was refused may come again."""


def who_of(actor: Actor, address: str) -> str:
    """Return for whom streams count: a person or a key, or the address of somebody unknown."""
    return f"address:{network(address)[0]}" if actor.anonymous else f"actor:{actor.key or actor.id}"


class StreamPlace:
    """One stream's place. It is given back by `leave`, or when nobody holds it any more."""

    __slots__ = ("_room", "_who")

    def __init__(self, room: "Room", who: str) -> None:
        """Take where it is, and whose."""
        self._room: Room | None = room
        self._who = who

    def leave(self) -> None:
        """Give it back, once."""
        room, self._room = self._room, None
        if room is not None:
            room.leave(self._who)

    __del__ = leave  # a request may fail after its view has answered


class Room:
    """The places of one process."""

    def __init__(self) -> None:
        """Begin with none taken."""
        self._lock = threading.RLock()  # the garbage collector may find a place that nobody holds while it is held
        self._taken: Counter[str] = Counter()
        self._count = 0

    def enter(self, actor: Actor, address: str) -> StreamPlace:
        """Take a place, for a person or a key, or for the address of somebody unknown.

        Raises:
            Refusal: there is none.
        """
        who, most = who_of(actor, address), setting("MAX_STREAMS_ADDRESS" if actor.anonymous else "MAX_STREAMS_ACTOR")
        with self._lock:
            if self._count >= setting("MAX_STREAMS"):
                raise refuse("unavailable", "The server has as many streams as it takes.", retry_after=PAUSE)
            if self._taken[who] >= most:
                told = f"You have {most} streams open. One stream can carry several subscriptions."
                raise refuse("too-many-requests", told, retry_after=PAUSE)
            self._taken[who] += 1
            self._count += 1
        return StreamPlace(self, who)

    def leave(self, who: str) -> None:
        """Take a place back."""
        with self._lock:
            self._count -= 1
            self._taken[who] -= 1
            if self._taken[who] <= 0:
                del self._taken[who]


ROOM = Room()
"""That of this process."""
