"""The beginning of a stream, beside the task that hears of its client's leaving: what there is already comes first."""

import asyncio
from contextlib import AbstractAsyncContextManager, nullcontext

import structlog

from api.core.http.event_stream import FAULT, Feed, Subscriber
from api.core.server.threads import Threads

log = structlog.get_logger("headwater")


AT_ONCE: AbstractAsyncContextManager[None] = nullcontext()


class Opening:
    """A task that ends when all has been sent that there was; a fault in it ends the subscription."""

    __slots__ = ("_task",)

    def __init__(
        self, feed: Feed, subscriber: Subscriber, threads: Threads, turn: AbstractAsyncContextManager[None] = AT_ONCE
    ) -> None:
        """Begin, when it is its turn among those of one client."""
        opening = _open(feed, subscriber, threads, turn)
        self._task: asyncio.Task[None] | None = asyncio.get_running_loop().create_task(opening)
        self._task.add_done_callback(self._forget)

    def cancel(self) -> None:
        """Send no more of it."""
        if self._task is not None:
            self._task.cancel()

    def _forget(self, _: asyncio.Task[None]) -> None:
        self._task = None


async def _open(feed: Feed, subscriber: Subscriber, threads: Threads, turn: AbstractAsyncContextManager[None]) -> None:
    try:
        async with turn:
            await feed.open(subscriber, threads.submit)
    except Exception:
        log.exception("a stream could not be opened")
        subscriber.end(FAULT)
