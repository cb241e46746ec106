"""Hints that there may be something new in the log, for threads and for event loops of this process.

A hint is no delivery: it may come without anything new, and it may be lost. So whoever waits for one reads again after
a second at the latest, from the cursor that it has, and what it is late by is never more.

A thread waits so, and misses no hint that comes while it reads:

    seen = WAKEUPS.count
    page = page_after(cursor, ...)
    seen = WAKEUPS.wait(LATEST, seen)

A reader in an event loop gives a function, which is called there at each hint (`asyncio.Event.set`, for instance):

    forget = WAKEUPS.subscribe(event.set)
    ...
    forget()

Hints come from `resources.core.journal.feed`, which runs in every process that serves.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from contextlib import suppress
from threading import Condition

LATEST = 1.0
"""Seconds after which a reader reads again without a hint."""


class Wakeups:
    """Those who wait for hints, in threads and in event loops."""

    def __init__(self) -> None:
        """Know of nobody."""
        self.start_anew()

    def start_anew(self) -> None:
        """Forget who waited, as a process does that was forked from another: its threads are not here."""
        self.count = 0
        self._changed = Condition()
        self._waiting = 0
        self._subscribers: dict[object, tuple[asyncio.AbstractEventLoop, Callable[[], object]]] = {}

    def notify(self) -> None:
        """Give a hint, from any thread."""
        with self._changed:
            self.count += 1
            self._changed.notify_all()
            subscribers = tuple(self._subscribers.values())
        for loop, call in subscribers:
            with suppress(RuntimeError):  # the loop was closed
                loop.call_soon_threadsafe(call)

    def wait(self, timeout: float, seen: int | None = None) -> int:
        """Wait for a hint in a thread, and return how many there have been.

        Args:
            timeout: seconds after which to return without one.
            seen: how many the caller knows of: it does not wait if there are more by now. None for those up to now.
        """
        with self._changed:
            known = self.count if seen is None else seen
            self._enter(1)
            try:
                self._changed.wait_for(lambda: self.count != known, timeout)
            finally:
                self._waiting -= 1
            return self.count

    def subscribe(self, call: Callable[[], object]) -> Callable[[], None]:
        """Have a function called at each hint, in the event loop that is running; return what ends that."""
        token = object()
        with self._changed:
            self._subscribers[token] = asyncio.get_running_loop(), call
            self._enter(0)

        def forget() -> None:
            with self._changed:
                self._subscribers.pop(token, None)

        return forget

    @property
    def is_heard(self) -> bool:
        """Whether anybody would hear a hint."""
        return bool(self._waiting or self._subscribers)

    def wait_for_listener(self, timeout: float) -> bool:
        """Wait until somebody would hear a hint, and return whether that is so."""
        with self._changed:
            return self._changed.wait_for(lambda: self.is_heard, timeout)

    def _enter(self, waiting: int) -> None:
        """Let whoever gives hints know that there is somebody to hear them."""
        if not self._waiting:
            self._changed.notify_all()
        self._waiting += waiting


WAKEUPS = Wakeups()
"""Those of this process."""
os.register_at_fork(after_in_child=WAKEUPS.start_anew)
