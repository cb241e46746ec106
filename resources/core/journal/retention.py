"""Prunes what the journal has kept for long enough, from its beginning on, in the background and in small steps.

A cursor from before what was pruned is gone, as the row of the journal says.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import NamedTuple

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from resources.core.setting import setting

AT_ONCE = 500
"""Changes that are pruned in one transaction, so that other writers of SQLite's file do not wait long."""
MOST_STEPS = 40
SECONDS_BETWEEN_PRUNES = 10.0
"""Between two times, in each of which there are so many steps at most: 2,000 changes a second."""
PAUSE = 0.005
"""Seconds after each step, in which others may write."""


class Dialect(NamedTuple):
    """How a database is asked.

    Attributes:
        old: the first position, and the last up to which changes are too old, of so many. It stops at the first that is
            not: clocks may have gone wrong.
        lock: finds a row where nobody else prunes, and keeps others from it until the end of the transaction.
        statements: that prune up to a position.
    """

    old: str
    lock: str
    statements: tuple[str, ...]


_NOTED = "UPDATE headwater_journal SET pruned = %(last)s WHERE pruned < %(last)s"
DIALECTS: Mapping[str, Dialect] = {
    "sqlite": Dialect(
        """SELECT MIN(id), COALESCE(MIN(CASE WHEN changed_at >= STRFTIME('%%Y-%%m-%%d %%H:%%M:%%f', 'now',
        '-' || %(days)s || ' days') THEN id END) - 1, MAX(id))
        FROM (SELECT id, changed_at FROM headwater_change ORDER BY id LIMIT %(most)s)""",
        "SELECT 1",
        ("DELETE FROM headwater_change WHERE id <= %(last)s", _NOTED),
    ),
    "postgresql": Dialect(
        """SELECT MIN(position), COALESCE(MIN(position) FILTER (
            WHERE changed_at >= STATEMENT_TIMESTAMP() - MAKE_INTERVAL(days => %(days)s)
        ) - 1, MAX(position)) FROM (
            SELECT position, changed_at FROM headwater_position LEFT JOIN headwater_change ON id = change
            ORDER BY position LIMIT %(most)s
        ) AS beginning""",
        "SELECT 1 FROM headwater_journal FOR UPDATE SKIP LOCKED",
        (
            "DELETE FROM headwater_change USING headwater_position WHERE id = change AND position <= %(last)s",
            "DELETE FROM headwater_position WHERE position <= %(last)s",
            # The last one tells the next pass where to begin.
            "DELETE FROM headwater_pass WHERE position < LEAST(%(last)s, (SELECT MAX(position) FROM headwater_pass))",
            _NOTED,
        ),
    ),
}


def prune(using: str = DEFAULT_DB_ALIAS) -> None:
    """Prune changes that are older than `JOURNAL_RETENTION` days, up to a number.

    Raises:
        DatabaseError: the database takes no writes now.
    """
    for _ in range(MOST_STEPS):
        if not prune_step(using):
            break
        time.sleep(PAUSE)


def prune_step(using: str = DEFAULT_DB_ALIAS) -> bool:
    """Prune the first changes, if they are old enough, and say whether there were any."""
    connection = connections[using]
    dialect = DIALECTS[connection.vendor]
    if _last(connection, dialect.old) is None:
        return False  # without a transaction, which would keep others of SQLite from writing
    with transaction.atomic(using), connection.cursor() as cursor:
        cursor.execute(dialect.lock)
        last = _last(connection, dialect.old) if cursor.fetchone() else None
        for statement in dialect.statements if last is not None else ():
            cursor.execute(statement, {"last": last})
    return last is not None


def _last(connection: BaseDatabaseWrapper, sql: str) -> int | None:
    """Return the position up to which the first changes are too old."""
    with connection.cursor() as cursor:
        cursor.execute(sql, {"days": setting("JOURNAL_RETENTION"), "most": AT_ONCE})
        match cursor.fetchone():
            case (int(first), int(last)) if last >= first:
                return last
    return None
