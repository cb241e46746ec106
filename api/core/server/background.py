"""Work beside requests: again and again in a thread of its own, and once more when the process ends."""

import atexit
import os
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

import structlog
from django.db import connections

from api.core.server.threads import Threads

log = structlog.get_logger("headwater")


def every(seconds: float, call: Callable[[], None], *, at_the_end: bool = True) -> None:
    """Make a call every so many seconds, in this process and in those forked from it, and when one ends by itself.

    Args:
        seconds: between two calls.
        call: what to do.
        at_the_end: whether it is done when a process ends, which waits for it.
    """
    beside(partial(_repeat, seconds, call), "headwater-background")
    if at_the_end:
        atexit.register(_call_safely, call)


def beside(run: Callable[[], None], name: str) -> None:
    """Run something for as long as the process lives, in it and in those forked from it; it ends with them."""

    def start() -> None:
        threading.Thread(target=run, name=name, daemon=True).start()

    start()
    os.register_at_fork(after_in_child=start)  # threads stay behind in the parent


@asynccontextmanager
async def at_the_end(threads: Threads, call: Callable[[], None]) -> AsyncIterator[None]:
    """Make a call when the server stops: some servers let a signal end the process, and `atexit` is never reached."""
    try:
        yield
    finally:
        await threads.submit(lambda: _call_safely(call))


def _repeat(seconds: float, call: Callable[[], None]) -> None:
    wait = threading.Event().wait
    while not wait(seconds):
        _call_safely(call)
        connections.close_all()


def _call_safely(call: Callable[[], None]) -> None:
    """Make the call; nobody waits for it, so that it can only be logged that it failed."""
    try:
        call()
    except Exception as error:
        log.warning("background", call=getattr(call, "__qualname__", repr(call)), error=str(error))
