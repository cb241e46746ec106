"""The few threads in which Django's synchronous code runs, each with database connections that it keeps.

A call is one turn of a thread. Turns are taken in the order in which they were handed in, each by the thread that was
idle last: what it has read lately is at hand, which SQLite reads anew on any other connection after a write. A thread
that has to wait for its next turn gives back what belongs to a pool of connections.
"""

import asyncio
import contextlib
import contextvars
import logging
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

from django.db import connections

logger = logging.getLogger(__name__)

GRACE = 10.0
"""Seconds that threads are given to end."""


@dataclass(slots=True)
class Turn[T]:
    """One call, the context it runs in, the future that waits for it, and who else takes its result."""

    call: Callable[[], T]
    context: contextvars.Context
    future: asyncio.Future[T]
    late: Callable[[T], Any] | None = None

    def take(self) -> None:
        """Make the call; never raises."""
        try:
            result = self.context.run(self.call)
        except Exception as error:
            self._tell(self._fail, error)
        except BaseException as error:  # SystemExit in a view must end neither the thread nor the server
            told = f"{type(error).__name__} was raised in a thread of the server: {error}"
            self._tell(self._fail, RuntimeError(told))
        else:
            self._tell(self._settle, result)

    def _tell(self, settle: Callable[[Any], None], outcome: Any) -> None:
        try:
            self.future.get_loop().call_soon_threadsafe(settle, outcome)
        except RuntimeError:
            logger.warning("The event loop ended before a thread of the server had done its turn")

    def _settle(self, result: T) -> None:
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
        ended: whether they take no more turns.
    """

    def __init__(self, size: int) -> None:
        if size < 1:
            raise ValueError(f"A server needs at least one thread; {size} were asked for")
        self.size = size
        self._turns: deque[Turn[Any] | None] = deque()
        self._idle: deque[threading.Lock] = deque()
        """What idle threads wait for, the one that was busy last at the end."""
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
        late: Callable[[T], Any] | None = None,
    ) -> asyncio.Future[T]:
        """Hand in a turn; the future belongs to the running event loop. To cancel it does not interrupt the turn.

        Args:
            call: what to do.
            context: to run it in, one that no other turn is running in; a copy of the caller's when not given,
                so that nothing a request sets (language, time zone, URL configuration) is seen by the next.
            late: is given the result, in the event loop, when the future was cancelled before.

        Raises:
            RuntimeError: the threads have been stopped.
        """
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        if not self._threads:
            self._start()
        self._hand_in(Turn(call, context or contextvars.copy_context(), future, late))
        return future

    def _hand_in(self, turn: Turn[Any] | None) -> None:
        self._turns.append(turn)
        self._ring()

    def _ring(self) -> None:
        with contextlib.suppress(IndexError):  # nobody is idle: whoever is done first will look
            self._idle.pop().release()

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
            self._hand_in(None)
        for thread in threads:
            thread.join(GRACE / self.size)

    def _start(self) -> None:
        if self.ended:
            raise RuntimeError("The threads of the server have ended")
        # Daemons: a server without the lifespan protocol never calls `stop`, and must end all the same.
        self._threads = [
            threading.Thread(target=self._work, name=f"headwater-{number}", daemon=True) for number in range(self.size)
        ]
        for thread in self._threads:
            thread.start()

    def _work(self) -> None:
        bell = threading.Lock()
        bell.acquire()
        while (turn := self._next(bell)) is not None:
            turn.take()
            del turn  # or an idle thread would keep the last request alive
        connections.close_all()

    def _next(self, bell: threading.Lock) -> Turn[Any] | None:
        """Take the next turn; wait until the bell rings if there is none."""
        while True:
            try:
                return self._turns.popleft()
            except IndexError:
                give_back()
            self._idle.append(bell)
            if self._turns:  # handed in before the bell could be seen
                self._ring()
            bell.acquire()


def give_back() -> None:
    """Let connections go as Django does after a request: those of a pool, and broken ones."""
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:  # that of a test
            connection.close_if_unusable_or_obsolete()
