"""The connections of a process: how many there may be, and how long each may be idle.

May refuse: where all are taken and none of them is idle, whatever but a look at whether the process lives.
"""

import asyncio
from collections import Counter
from typing import Protocol as Interface
from weakref import WeakKeyDictionary

import structlog

log = structlog.get_logger("headwater")

ROOM = 16
"""Connections beyond the bound, for those who ask whether the process lives, and to tell the others that it is full."""
SPARE = 64
"""Descriptors that are left to the database, the log, and whatever a library opens."""
MOST = 10_000
INTERVAL = 0.5
"""Seconds between two looks at all connections: one timer for all of them, in the place of several for each request."""


class Connection(Interface):
    """A connection, as far as its bounds are concerned."""

    @property
    def idle_since(self) -> float | None:
        """Return when it began to wait for a head, on the clock of the loop; None while a request is under way."""
        ...

    def review(self, now: float) -> str | None:
        """Close the connection where one of its deadlines is over, and say which."""
        ...

    def abort(self) -> None:
        """Close it at once."""
        ...


class Connections:
    """Those of one process. They are looked through as long as there are any.

    Attributes:
        most: how many there may be.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, most: int) -> None:
        """Take the loop that they belong to, and the bound."""
        self.most = most
        self._loop = loop
        self._all: set[Connection] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._closed: Counter[str] = Counter()

    def add(self, connection: Connection) -> bool:
        """Take a connection in, and say whether it may be served; let those go that have been idle longest.

        Beyond the bound it is to be told whether the process lives, and else that there is no room.
        """
        self._all.add(connection)
        if self._timer is None:
            self._timer = self._loop.call_later(INTERVAL, self._review)
        if len(self._all) > self.most:
            self._make_room(connection)
        if len(self._all) > self.most + ROOM:
            self._closed["refused"] += 1
            connection.abort()
        return len(self._all) <= self.most

    def remove(self, connection: Connection) -> None:
        """Forget a connection that has ended."""
        self._all.discard(connection)

    def _make_room(self, newest: Connection) -> None:
        idle = [
            (each.idle_since, id(each), each)
            for each in self._all
            if each is not newest and each.idle_since is not None
        ]
        for _, _, connection in sorted(idle)[: max(1, self.most // 32)]:
            self._closed["no room"] += 1
            self._all.discard(connection)
            connection.abort()

    def _review(self) -> None:
        now = self._loop.time()
        for connection in [*self._all]:
            if reason := connection.review(now):
                self._closed[reason] += 1
        for reason, number in self._closed.items():
            log.warning("connections let go", reason=reason, number=number, open=len(self._all))
        self._closed.clear()
        self._timer = self._loop.call_later(INTERVAL, self._review) if self._all else None


_CONNECTIONS: WeakKeyDictionary[asyncio.AbstractEventLoop, Connections] = WeakKeyDictionary()


def connections_of(loop: asyncio.AbstractEventLoop, most: int) -> Connections:
    """Return the connections of a loop.

    Args:
        loop: of which a server process has one.
        most: how many there may be; 0 for as many as the descriptors of the process allow.
    """
    connections = _CONNECTIONS.get(loop)
    if connections is None:
        connections = _CONNECTIONS[loop] = Connections(loop, most or _most_by_descriptors())
    return connections


def _most_by_descriptors() -> int:
    """Return half of the descriptors, as each connection may have a file beside it: a long body, a long answer."""
    try:
        from resource import RLIMIT_NOFILE, getrlimit
    except ImportError:  # no system that limits them
        return MOST
    limit, _ = getrlimit(RLIMIT_NOFILE)
    return MOST if limit < 0 else max(ROOM, min(MOST, (limit - SPARE - ROOM) // 2))
