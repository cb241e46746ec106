"""The hook that hears of the signal to stop before the server does.

ASGI has none: `lifespan.shutdown` comes when open streams have ended, for which some servers wait for ever, while
others cut them at once. So the signal's handler is wrapped, whoever set it: streams end first, then the server stops.
"""

import asyncio
import os
import signal
import threading
from collections.abc import Awaitable, Callable
from types import FrameType

from api.core.server.asgi import Send

SIGNALS = (signal.SIGTERM, signal.SIGINT)
SETTLING = 0.2
"""Seconds in which what was sent last leaves the server: some of them end at once."""


class Stopping:
    """Wraps the handlers of the signals to stop."""

    def __init__(self, drain: Callable[[], Awaitable[None]]) -> None:
        """Take what is to be done before the server stops."""
        self._drain = drain
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._waiting: asyncio.Task[None] | None = None
        self._before: dict[int, object] = {}

    def watch(self, send: Send) -> None:
        """Stand before the handlers there are now; servers set theirs at different times, so it is asked often.

        Args:
            send: of a stream, by which a server is known whose workers get no signal.
        """
        self._loop = asyncio.get_running_loop()
        terminated = _terminated(send)
        if terminated is not None and self._waiting is None:
            self._waiting = self._loop.create_task(self._wait(terminated))
        if threading.current_thread() is not threading.main_thread():
            return
        for number in SIGNALS:
            handler = signal.getsignal(number)
            if handler != self._stop and handler is not None:  # None: not set by Python, and not to be called again
                self._before[number] = handler
                signal.signal(number, self._stop)

    async def _wait(self, terminated: Callable[[], Awaitable[object]]) -> None:
        await terminated()
        await self._drain()

    def _stop(self, number: int, frame: FrameType | None) -> None:
        """Hear the signal; a second one goes to the server at once."""
        if self._task is not None or self._loop is None or self._loop.is_closed():
            return self._go_on(number, frame)
        self._loop.call_soon_threadsafe(self._begin, number)
        return None

    def _begin(self, number: int) -> None:
        assert self._loop is not None  # noqa: S101 - it calls this
        if self._task is None:
            self._task = self._loop.create_task(self._end(number))

    async def _end(self, number: int) -> None:
        try:
            await self._drain()
            await asyncio.sleep(SETTLING)
        finally:
            self._go_on(number, None)

    def _go_on(self, number: int, frame: FrameType | None) -> None:
        before = self._before.get(number, signal.SIG_DFL)
        if callable(before):
            before(number, frame)
        elif before == signal.SIG_DFL:
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)


def _terminated(send: Send) -> Callable[[], Awaitable[object]] | None:
    """Return what waits until a worker of hypercorn is to end: its parent tells it by an event, and by no signal."""
    context = getattr(getattr(send, "__self__", None), "context", None)
    wait: Callable[[], Awaitable[object]] | None = getattr(getattr(context, "terminated", None), "wait", None)
    return wait
