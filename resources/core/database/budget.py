"""How much one request may take: seconds of the clock and, where nobody is known to ask, seconds of a processor.

One budget holds for all that a request does: its statements, what Python shows of their rows, and whatever is tried in
the place of something that failed. What takes more is broken off, and is an `OperationalError`: a 503 that says so.
Statements outside of requests have the seconds of the clock each by itself.
"""

from __future__ import annotations

import time
from contextvars import ContextVar, Token
from dataclasses import dataclass, field
from typing import Self

from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError

CANCELLED = "57014"
"""PostgreSQL's code for a statement that was broken off (its appendix A)."""
ENDLESS = float("inf")


class OverBudgetError(OperationalError):
    """A request has taken what it may take."""


def seconds(text: str, name: str = "TIME_BUDGET") -> float | None:
    """Read a setting of seconds, with a fraction if need be; `off` is None.

    Raises:
        ImproperlyConfigured: it is neither.
    """
    try:
        bound = None if text == "off" else float(text)
    except ValueError:
        bound = 0
    if bound is not None and not 0.001 <= bound <= 86_400:
        raise ImproperlyConfigured(f"{name} is {text!r}; write seconds such as 10, or off")
    return bound


def is_over(error: BaseException) -> bool:
    """Whether an error is that of something that took too long."""
    cancelled = getattr(error.__cause__, "sqlstate", None) == CANCELLED
    broken_off = isinstance(error, OverBudgetError) or cancelled or str(error) == "interrupted"
    return isinstance(error, OperationalError) and broken_off


@dataclass(slots=True)
class Budget:
    """What one request may take, or whatever else is done within it (`with`). It belongs to the thread that does it.

    Attributes:
        clock: seconds until it must have ended.
        work: seconds of a processor; a statement that another process runs counts with all of its time.
        waited: seconds spent on such statements so far.
    """

    clock: float = ENDLESS
    work: float = ENDLESS
    waited: float = 0.0
    _began: float = field(default_factory=time.monotonic)
    _worked: float = field(default_factory=time.thread_time)
    _before: Token[Budget | None] | None = None

    @classmethod
    def of(cls, clock: float | None, work: float | None = None) -> Budget:
        """Return a budget as settings have it, where None is no bound."""
        return cls(ENDLESS if clock is None else clock, ENDLESS if work is None else work)

    @property
    def elapsed(self) -> float:
        """Return the seconds since it began: what a processor and others did for it took no longer."""
        return time.monotonic() - self._began

    @property
    def spent(self) -> float:
        """Return the seconds of a processor that it took so far."""
        return time.thread_time() - self._worked + self.waited

    @property
    def left(self) -> float:
        """Return the seconds that a statement may still take; none where it is over."""
        clock = self.clock - self.elapsed
        return clock if self.work == ENDLESS else min(clock, self.work - self.spent)

    def is_over(self) -> bool:
        """Whether to break off. Nobody has worked for longer than they are at it: only later is the system asked."""
        elapsed = time.monotonic() - self._began
        return elapsed >= min(self.clock, self.work) and self.left <= 0

    def __enter__(self) -> Self:
        """Spend it on all that is done meanwhile."""
        self._before = _current.set(self)
        return self

    def __exit__(self, *_: object) -> None:
        """Go on with the one before."""
        assert self._before is not None  # noqa: S101
        _current.reset(self._before)


_current: ContextVar[Budget | None] = ContextVar("budget", default=None)
current = _current.get
"""Returns the budget of the request that is being answered; None outside of requests."""


def check() -> None:
    """Break off where a request has taken what it may: called now and then by whatever takes long in Python.

    Raises:
        OverBudgetError: it has.
    """
    budget = current()
    if budget is not None and budget.is_over():
        raise OverBudgetError("The request has used up its budget")
