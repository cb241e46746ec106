"""The streams of a process: heartbeats, the deadline of clients that take nothing, and their end when the server stops.

One timer serves all of them. While nothing happens a stream is one task that sleeps in `receive()`: no thread, no
database connection, and of its request nothing but what the server itself keeps.
"""

import asyncio
import random
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager, suppress

import structlog
from prometheus_client import Gauge

from api.core.http.event_stream import Ending, Feed
from api.core.server.asgi import ConnectionScope, Receive
from api.core.server.bounds import bounds
from api.core.server.opening import Opening
from api.core.server.outbox import Outbox
from api.core.server.stopping import Stopping
from api.core.server.threads import Threads

log = structlog.get_logger("headwater")

HEARTBEAT = 15
"""Seconds between two signs of life; proxies close what is silent for a minute."""
PATIENCE = 2.0
"""Seconds that clients have to take the end of their streams when the server stops."""
SPREAD = (0.5, 4.0)
"""Seconds between which clients come back after a restart, each at another time."""
OPEN = Gauge("headwater_streams", "Streams that are open, by their transport.", ("transport",))

type AnyOutbox = Outbox[bytes] | Outbox[str]


class Streams:
    """Those of one process."""

    def __init__(self, threads: Threads) -> None:
        """Begin with none; take the threads that feeds are read in."""
        self._threads = threads
        self._buckets: list[set[AnyOutbox]] = [set() for _ in range(HEARTBEAT)]
        """A second of heartbeats each, so that thousands do not beat at once."""
        self._second = 0
        self._count = 0
        self._timer: asyncio.TimerHandle | None = None
        self._stopping = Stopping(self.drain)
        self.draining = False

    async def carry(self, outbox: AnyOutbox, feed: Feed, start: Awaitable[None], receive: Receive) -> None:
        """Send what a feed has until the client leaves or the stream ends. The stream is the task that calls this.

        Args:
            outbox: of the client.
            feed: what it is sent.
            start: sends the head of the answer.
            receive: where the client is heard.
        """
        opening = None
        try:
            await start
            del start
            with self._joined(outbox):
                if self.draining:  # that began while this was decided
                    outbox.end(restarting())
                opening = Opening(feed, outbox, self._threads)
                await outbox.listen(receive)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or not outbox.ended:
                raise
            task.uncancel()  # by which the outbox has woken it
        except OSError:
            pass  # the client has left
        finally:
            if opening is not None:
                opening.cancel()
            feed.close()

    @contextmanager
    def _joined(self, outbox: AnyOutbox) -> Iterator[None]:
        """Look after a stream until it ends."""
        self._stopping.watch(outbox.send)
        bucket = self._buckets[self._count % HEARTBEAT]
        self._count += 1
        bucket.add(outbox)
        OPEN.labels(outbox.transport).inc()
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(1, self._tick)
        try:
            yield
        finally:
            bucket.discard(outbox)
            OPEN.labels(outbox.transport).dec()

    def _tick(self) -> None:
        loop, bounded = asyncio.get_running_loop(), bounds()
        self._second = (self._second + 1) % HEARTBEAT
        now = loop.time()
        for outbox in [*self._buckets[self._second]]:
            if outbox.busy_since is None:
                outbox.beat()
            elif now - outbox.busy_since > bounded.answer_timeout:
                outbox.abandon()
        self._timer = loop.call_later(1, self._tick) if any(self._buckets) else None

    async def drain(self) -> None:
        """Tell every client when to come back, and end all streams within `PATIENCE`."""
        self.draining = True
        outboxes = [outbox for bucket in self._buckets for outbox in bucket]
        for number, outbox in enumerate(outboxes):
            outbox.end(restarting())
            if number % 200 == 199:
                await asyncio.sleep(0)
        loop = asyncio.get_running_loop()
        until = loop.time() + PATIENCE
        while any(self._buckets) and loop.time() < until:
            await asyncio.sleep(0.01)
        for bucket in self._buckets:
            for outbox in [*bucket]:
                outbox.abandon()
        if outboxes:
            log.info("streams ended", number=len(outboxes))


def empty(scope: ConnectionScope) -> None:
    """Drop what nobody will read again of a request: a browser's headers are as large as all the rest of a stream."""
    scope["headers"] = ()
    scope["query_string"] = scope["raw_path"] = b""
    with suppress(KeyError):
        del scope["extensions"]


def restarting() -> Ending:
    """Return the end of a stream whose server stops."""
    pause = random.uniform(*SPREAD)  # noqa: S311 - no secret
    return Ending("restarting", "The server restarts. Go on from the last event that you have.", 4503, pause)
