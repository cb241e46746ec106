"""How long one statement may take. PostgreSQL keeps the time itself; for SQLite it is kept here.

What takes longer is broken off, and is an `OperationalError`: a 503 that says so.
"""

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

STEPS = 20_000
"""Instructions of SQLite's machine, about a millisecond, after which it asks whether to go on."""
CANCELLED = "57014"
"""PostgreSQL's code for a statement that was broken off (its appendix A)."""


def seconds(text: str) -> float | None:
    """Read `TIME_BUDGET`: seconds, with a fraction if need be; `off` is None.

    Raises:
        ImproperlyConfigured: it is neither.
    """
    try:
        found = None if text == "off" else float(text)
    except ValueError:
        found = 0
    if found is not None and not 0.001 <= found <= 86_400:
        raise ImproperlyConfigured(f"TIME_BUDGET is {text!r}; write seconds such as 10, or off")
    return found


def is_over(error: BaseException) -> bool:
    """Whether an error is that of a statement that took too long."""
    cancelled = getattr(error.__cause__, "sqlstate", None) == CANCELLED
    return isinstance(error, OperationalError) and (cancelled or str(error) == "interrupted")


class Deadline:
    """When the statement that a connection to SQLite is running must have ended, its rows read."""

    def __init__(self) -> None:
        """Let anything run."""
        self._at = float("inf")

    def __call__(self, execute: Callable[..., Any], *statement: Any) -> Any:
        """Run a statement (as an `execute_wrapper` of Django's)."""
        budget = settings.TIME_BUDGET
        self._at = time.monotonic() + budget if budget else float("inf")
        return execute(*statement)

    def is_past(self) -> bool:
        """Whether to break off."""
        return time.monotonic() > self._at


def keep_time(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Make a new connection to SQLite ask, now and then, whether it may go on."""
    if connection.vendor != "sqlite":
        return
    deadline = next((known for known in connection.execute_wrappers if isinstance(known, Deadline)), None)
    if deadline is None:
        deadline = Deadline()
        connection.execute_wrappers.append(deadline)
    connection.connection.set_progress_handler(deadline.is_past, STEPS)


def install() -> None:
    """Keep the time of every connection that is opened from now on."""
    connection_created.connect(keep_time, dispatch_uid="headwater.budget")
