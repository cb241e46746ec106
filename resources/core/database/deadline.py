"""Breaks off statements that take longer than what is left of a request's budget.

SQLite runs in the thread that asks it, and asks itself now and then whether to go on. PostgreSQL is told to stop by a
thread that watches all statements of the process; it keeps the time of any single statement by itself, too.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from resources.core.database import budget
from resources.core.database.budget import Budget, OverBudgetError
from resources.core.database.sql import Context, Execute

if TYPE_CHECKING:  # it is there where PostgreSQL is
    from psycopg import Connection
    from psycopg.rows import TupleRow
from resources.core.setting import setting

STEPS = 20_000
"""Instructions of SQLite's machine, about a millisecond, after which it asks whether to go on."""
PAUSE = 0.05
"""Seconds between two looks at the statements that PostgreSQL is running."""
PATIENCE = 2.0
"""Seconds after which a PostgreSQL that was told to stop, and does not answer, is no longer waited for."""


GIVING_UP = ("ROLLBACK", "RELEASE")
"""What a request may still say when its budget is used up."""


def budget_for(sql: str) -> Budget:
    """Return the budget that a statement is of: that of its request, or one of its own.

    Raises:
        OverBudgetError: it is used up.
    """
    spent = budget.current()
    if spent is None:
        return Budget.of(setting("TIME_BUDGET"))
    if spent.is_over() and not sql.startswith(GIVING_UP):
        raise OverBudgetError("The request has used up its budget")
    return spent


class Deadline:
    """When the statement that a connection to SQLite is running must have ended, its rows read."""

    def __init__(self) -> None:
        """Let anything run."""
        self._budget = Budget()

    def __call__[Bound, Answer](
        self, execute: Execute[Bound, Answer], sql: str, params: Bound, many: bool, context: Context
    ) -> Answer:
        """Run a statement (as an `execute_wrapper` of Django's)."""
        self.begin(sql)
        return execute(sql, params, many, context)

    def begin(self, sql: str) -> None:
        """Look at the budget of a statement that comes next.

        Raises:
            OverBudgetError: it is used up.
        """
        self._budget = budget_for(sql)

    def let_end(self) -> None:
        """Let whatever is run until the next statement begins take its time.

        Where SQLite breaks off what writes, it rolls the whole transaction back.
        """
        self._budget = Budget()

    def is_past(self) -> bool:
        """Whether to break off."""
        return self._budget.is_over()


@dataclass(slots=True, eq=False)
class Running:
    """A statement that PostgreSQL is running.

    Attributes:
        connection: psycopg's.
        until: when it must have ended, by `time.monotonic`.
        stopped: when it was told to stop.
        lock: held while it is told, so that the next statement of the connection is not told instead.
    """

    connection: Connection[TupleRow]
    until: float
    stopped: float | None = None
    ended: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def look(self, now: float) -> None:
        """Tell it to stop when its time has come, and hang up when it does not."""
        if now < self.until:
            return
        with self.lock:
            if self.ended:
                return
            if self.stopped is None:
                self.stopped = now
                with suppress(Exception):  # where PostgreSQL cannot be told, it is not waited for either
                    self.connection.cancel_safe(timeout=PATIENCE)
            elif now > self.stopped + PATIENCE:
                with suppress(OSError), socket.socket(fileno=os.dup(self.connection.fileno())) as line:
                    line.shutdown(socket.SHUT_RDWR)


class Watch:
    """Looks after the statements that this process has PostgreSQL run; its thread starts with the first."""

    def __init__(self) -> None:
        """Watch nothing yet."""
        self._running: set[Running] = set()
        self._some = threading.Event()
        self._process = 0

    def __call__[Bound, Answer](
        self, execute: Execute[Bound, Answer], sql: str, params: Bound, many: bool, context: Context
    ) -> Answer:
        """Run a statement (as an `execute_wrapper` of Django's)."""
        spent, connection = budget_for(sql), context["connection"]
        if spent is not budget.current() or spent.is_over() or not isinstance(connection, BaseDatabaseWrapper):
            return execute(sql, params, many, context)
        began = time.monotonic()
        running = Running(connection.connection, began + spent.left)
        self._add(running)
        try:
            return execute(sql, params, many, context)
        finally:
            with running.lock:
                running.ended = True
            self._running.discard(running)
            spent.waited += time.monotonic() - began

    def _add(self, running: Running) -> None:
        self._running.add(running)
        if self._process != os.getpid():  # threads do not outlive a fork
            self._process = os.getpid()
            threading.Thread(target=self._look, name="headwater-watch", daemon=True).start()
        if not self._some.is_set():
            self._some.set()

    def _look(self) -> None:
        while self._some.wait():
            time.sleep(PAUSE)
            for running in self._running.copy():
                running.look(time.monotonic())
            if not self._running:
                self._some.clear()
                if self._running:  # added since
                    self._some.set()


WATCH = Watch()


def keep_time(connection: BaseDatabaseWrapper, **_: object) -> None:
    """Have the statements of a new connection broken off in time."""
    if connection.vendor == "postgresql":
        if WATCH not in connection.execute_wrappers:
            connection.execute_wrappers.append(WATCH)
        return
    if connection.vendor == "sqlite":
        deadline = next((wrapper for wrapper in connection.execute_wrappers if isinstance(wrapper, Deadline)), None)
        if deadline is None:
            deadline = Deadline()
            connection.execute_wrappers.append(deadline)
        connection.connection.set_progress_handler(deadline.is_past, STEPS)


def install() -> None:
    """Keep the time of every connection that is opened from now on."""
    connection_created.connect(keep_time, dispatch_uid="headwater.budget")
