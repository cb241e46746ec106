"""The few threads in which Django's synchronous code runs, each with database connections that it keeps.

A call is one turn of a thread. Turns are taken in the order in which they were handed in, each by the thread that was
idle last: what it has read lately is at hand, which SQLite reads anew on any other connection after a write. A thread
that has to wait for its next turn gives back what belongs to a pool of connections.

Where turns do nothing but keep a processor busy, more of them at once than there are processors would only slow one
another down, each by as much as it happens to be interrupted. So there no more begin, until one of them lasts: it waits
for something, or has much to do, and another begins beside it.

For the same reason the event loop is not woken for each result. While other turns wait, it hears of results every
`PATIENCE`, of all at once: to change threads twice for every answer takes a fifth of the time of a list.
"""

import asyncio
import contextlib
import contextvars
import logging
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from django.db import connections

logger = logging.getLogger(__name__)

GRACE = 10.0
"""Seconds for threads to end."""
PATIENCE = 0.002
"""Seconds after which a turn lasts, several times as long as a list takes, and for which a result may wait."""
IDLE = float("-inf")


class AnyTurn(Protocol):
    """A turn, whatever comes of it."""

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """Return the event loop that waits for it."""
        ...

    def take(self) -> Callable[[], None]:
        """Make the call, and return what is to be done with its outcome in the event loop."""
        ...


@dataclass(slots=True)
class Turn[T]:
    """One call, the context it runs in, the future that waits for it, and who else takes its result."""

    call: Callable[[], T]
    context: contextvars.Context
    future: asyncio.Future[T]
    late: Callable[[T], object] | None = None

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """Return the event loop that waits for it."""
        return self.future.get_loop()

    def take(self) -> Callable[[], None]:
        """Make the call; never raises. Return what is to be done with its outcome in the event loop."""
        try:
            return partial(self._succeed, self.context.run(self.call))
        except Exception as error:
            return partial(self._fail, error)
        except BaseException as error:  # SystemExit in a view must end neither the thread nor the server
            message = f"{type(error).__name__} was raised in a thread of the server: {error}"
            return partial(self._fail, RuntimeError(message))

    def _succeed(self, result: T) -> None:
        if not self.future.done():
            self.future.set_result(result)
        elif self.late:
            self.late(result)

    def _fail(self, error: Exception) -> None:
        if not self.future.done():
            self.future.set_exception(error)


class Threads:
    """A pool of `size` threads. They start with the first turn, so that a server may fork before.

    Attributes:
        at_once: how many turns are under way at once, but for those that last; all of them when not given.
        ended: whether they take no more turns.
    """

    def __init__(self, size: int, at_once: int | None = None) -> None:
        if size < 1:
            raise ValueError(f"A server needs at least one thread; {size} were asked for")
        self.size, self.at_once = size, min(size, at_once or size)
        self._turns: deque[AnyTurn | None] = deque()
        self._idle: deque[int] = deque()
        """The threads that are idle, the one that was busy last at the end."""
        self._locks = [threading.Lock() for _ in range(size)]
        """What each waits for when it is idle."""
        self._starts = [IDLE] * size
        """When each began its turn, or was woken for it."""
        self._results: deque[tuple[asyncio.AbstractEventLoop, Callable[[], None]]] = deque()
        """Results that event loops have not had yet."""
        self._polling_loop: asyncio.AbstractEventLoop | None = None
        """The event loop that will look by itself at waiting turns and at results."""
        self._notified_loop: asyncio.AbstractEventLoop | None = None
        """The event loop that was woken for results, and has not looked yet."""
        self._threads: list[threading.Thread] = []
        self.ended = False

    @property
    def half(self) -> int:
        """How many threads one kind of work may hold, so that a crowd of it keeps no other waiting."""
        return max(1, self.size // 2)

    def submit[T](
        self,
        call: Callable[[], T],
        context: contextvars.Context | None = None,
        late: Callable[[T], object] | None = None,
    ) -> asyncio.Future[T]:
        """Hand in a turn; the future belongs to the running event loop. To cancel it does not interrupt the turn.

        Args:
            call: what to do.
            context: to run it in, one that no other turn is running in; a copy of the caller's when not given,
                so that nothing a request sets (language, time zone, URL configuration) is seen by the next.
            late: takes the result, in the event loop, when the future was cancelled before.

        Raises:
            RuntimeError: the threads have been stopped.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        if not self._threads:
            self._start()
        self._turns.append(Turn(call, context or contextvars.copy_context(), future, late))
        self._begin_next(loop)
        return future

    def _begin_next(self, loop: asyncio.AbstractEventLoop) -> None:
        """Have a turn begin, if it may; look again as long as some wait, since those under way may last."""
        was_woken = self._has_room() and self._wake()
        if self._polling_loop is not loop and (not was_woken or len(self._turns) > 1):
            self._polling_loop = loop
            loop.call_later(PATIENCE, self._poll, loop)

    def _poll(self, loop: asyncio.AbstractEventLoop) -> None:
        self._polling_loop = None
        self._deliver()
        if self._turns:
            self._begin_next(loop)

    def _deliver(self) -> None:
        """Hand over the results there are."""
        self._notified_loop = None
        while self._results:
            loop, deliver = self._results.popleft()
            try:
                if not loop.is_closed():
                    deliver()
            except Exception:  # of whoever takes a late result: the others have theirs to come
                logger.exception("A result of a thread of the server could not be handed over")

    def _report(self, loop: asyncio.AbstractEventLoop, deliver: Callable[[], None]) -> None:
        """Have an event loop hand over a result; wake it, unless it will soon look by itself."""
        self._results.append((loop, deliver))
        if self._notified_loop is loop or (self._turns and self._polling_loop is loop):
            return
        self._notified_loop = loop
        try:
            loop.call_soon_threadsafe(self._deliver)
        except RuntimeError:
            logger.warning("The event loop ended before a thread of the server had done its turn")

    def _has_room(self) -> bool:
        """Whether fewer turns are under way than may be, those that last left out."""
        if self.at_once == self.size:
            return True
        since = time.monotonic() - PATIENCE
        return sum([began > since for began in self._starts]) < self.at_once

    def _wake(self) -> bool:
        """Wake the thread that was busy last; where none is idle, whoever is done first will look."""
        try:
            number = self._idle.pop()
        except IndexError:
            return False
        self._starts[number] = time.monotonic()
        self._locks[number].release()
        return True

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """On leaving, let the turns handed in so far end, and the threads with them; but do not wait for ever."""
        try:
            yield
        finally:
            await asyncio.to_thread(self._stop)

    def _stop(self) -> None:
        threads, self._threads, self.ended = self._threads, [], True
        for _ in threads:
            self._turns.append(None)
            self._wake()
        for thread in threads:
            thread.join(GRACE / self.size)

    def _start(self) -> None:
        if self.ended:
            raise RuntimeError("The threads of the server have ended")
        # Daemons: a server without the lifespan protocol never calls `stop`, and must end all the same.
        self._threads = [
            threading.Thread(target=self._work, args=(number,), name=f"headwater-{number}", daemon=True)
            for number in range(self.size)
        ]
        for thread in self._threads:
            thread.start()

    def _work(self, number: int) -> None:
        self._locks[number].acquire()
        while (turn := self._next(number)) is not None:
            self._report(turn.loop, turn.take())
            del turn  # or an idle thread would keep the last request alive
        connections.close_all()

    def _next(self, number: int) -> AnyTurn | None:
        """Take the next turn; wait to be woken if there is none, or if enough are under way."""
        self._starts[number] = IDLE
        was_woken = False
        while True:
            if self._turns and (was_woken or self.ended or self._has_room()):
                try:
                    turn = self._turns.popleft()
                except IndexError:  # another was quicker
                    continue
                self._starts[number] = time.monotonic()
                return turn
            self._starts[number] = IDLE
            give_back()
            self._idle.append(number)
            if self._turns and (self.ended or self._has_room()):  # handed in before the lock was waited for
                self._wake()
            was_woken = self._locks[number].acquire()


def give_back() -> None:
    """Let connections go as Django does after a request: those of a pool, and broken ones."""
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:  # that of a test
            connection.close_if_unusable_or_obsolete()
