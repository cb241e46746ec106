"""How many rows there are in all: exactly where that takes its share of the time, and else at least so many, or about.

A page never waits for its count for longer than half of the time that is left, and never fails with it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import NamedTuple

import msgspec
from django.db import OperationalError, connections, transaction
from django.db.models import Model, QuerySet

from resources.core.database import budget
from resources.core.database.budget import ENDLESS, Budget, is_over

MOST = 10_000
"""Rows that are counted where all of them take too long."""
AT_ONCE = 0.1
"""Seconds that counting may take where an estimate is asked for."""

type Count = Callable[[int | None], int]
"""Counts the rows: up to a number of them, or all."""


class Total(NamedTuple):
    """How many rows there are.

    Attributes:
        rows: the number.
        exact: whether there are just so many, and not at least so many, or about.
    """

    rows: int
    exact: bool = True


def count_rows(count: Count, using: str, least: int) -> Total:
    """Count all rows, or say how many there are at least.

    Args:
        count: counts them.
        using: the alias of the database.
        least: how many are known already.
    """
    rows = in_time(lambda: count(None), using)
    return Total(rows) if rows is not None else _count_up_to_most(count, using, least)


def count_or_estimate(count: Count, rows: QuerySet[Model] | None, using: str, least: int) -> Total:
    """Count the rows where they are few, and ask the planner where they are many.

    Args:
        count: counts them.
        rows: whose number the database's statistics may tell; None where nobody may be told.
        using: the alias of the database.
        least: how many are known already.
    """
    if rows is None or connections[using].vendor != "postgresql":  # SQLite's statistics know of no conditions
        return count_rows(count, using, least)
    bounded = _count_up_to_most(count, using, least, AT_ONCE)
    return bounded if bounded.exact else Total(max(bounded.rows, _planner_estimate(rows)), exact=False)


def _count_up_to_most(count: Count, using: str, least: int, seconds: float = ENDLESS) -> Total:
    rows = in_time(lambda: count(MOST + 1), using, seconds)
    if rows is None:
        return Total(least, exact=False)
    return Total(rows) if rows <= MOST else Total(max(least, MOST), exact=False)


def _planner_estimate(rows: QuerySet[Model]) -> int:
    """Return how many rows the planner expects."""
    planned = rows.order_by().values("pk").explain(format="json")
    if not planned:  # of conditions that nothing can meet Django makes no statement
        return 0
    # The driver gives JSON as text here (`postgresql_values`), which Django writes as JSON once more.
    number: int = msgspec.json.decode(msgspec.json.decode(planned))[0]["Plan"]["Plan Rows"]
    return number


def in_time[Answer](ask: Callable[[], Answer], using: str, seconds: float = ENDLESS) -> Answer | None:
    """Ask a database within half of the time that a request has left; None where that is not enough.

    Args:
        ask: does so.
        using: its alias.
        seconds: that it may take at most, of a processor where the database has this thread work.
    """
    whole, connection = budget.current(), connections[using]
    left = ENDLESS if whole is None else whole.left
    part = Budget.of(left / 2, None if seconds == ENDLESS else seconds)
    # What PostgreSQL breaks off inside a transaction would take that along.
    savepoint = transaction.atomic(using=using) if connection.in_atomic_block else nullcontext()
    try:
        with part, savepoint:
            return ask()
    except OperationalError as error:
        if not is_over(error):
            raise
        return None
    finally:
        if whole is not None:
            whole.waited += part.waited
