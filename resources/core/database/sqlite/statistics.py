"""Has SQLite look anew at tables that have outgrown what its planner was told of them.

SQLite chooses between indexes by statistics that only ANALYZE makes: without them it guesses, with old ones it takes a
table of millions for the few thousand rows that it had. PostgreSQL's autovacuum looks after that by itself.
"""

from __future__ import annotations

from typing import NamedTuple

import structlog
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections, transaction
from django.db.backends.utils import CursorWrapper

from resources.core.database.budget import is_over

log = structlog.get_logger("headwater")

SECONDS_BETWEEN_LOOKS = 600
GROWTH = 2
"""How many times as many rows as the statistics say are too many."""
FEW = 1000
"""Rows of a table for which any plan is quick enough."""
COUNTED = 250_000
"""Rows of a table without statistics that are counted, in some milliseconds."""
LOOKED_AT = 1000
"""Entries of each index that are looked at, as SQLite recommends (https://www.sqlite.org/lang_analyze.html).

Writers wait for 70 milliseconds beside five million cities with ten indexes; all of those would take many seconds.
"""

# Tables that have an index, but for those without a number of each row.
TABLES = """SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%%'
AND EXISTS (SELECT 1 FROM sqlite_master AS i WHERE i.type = 'index' AND i.tbl_name = sqlite_master.name)"""
# Of a few entries SQLite guesses how many there are, another number for each index. Where a condition has no index it
# takes the one that seems smallest, and sorts the whole table: 12 seconds in the place of a millisecond.
LEVELLED = """UPDATE sqlite_stat1 SET stat = CAST(%s AS INTEGER) || SUBSTR(stat, INSTR(stat, ' '))
WHERE tbl = %s AND idx IN
(SELECT name FROM sqlite_master WHERE type = 'index' AND IFNULL(sql, '') NOT LIKE '%% WHERE %%')"""
KNOWN = "SELECT tbl, MAX(CAST(stat AS INTEGER)) FROM sqlite_stat1 WHERE idx IS NOT NULL GROUP BY tbl"


_looked: dict[tuple[str, str], int] = {}
"""How far a table's rows were numbered when this process looked at it: they are fewer where many were deleted, or where
their keys are numbers that somebody else has given them."""


class Numbers(NamedTuple):
    """The numbers of the first and the last row of a table, which cost nothing to find."""

    first: int
    last: int

    @property
    def rows(self) -> int:
        """Return how many rows there are at most."""
        return self.last - self.first + 1


def renew(using: str = DEFAULT_DB_ALIAS) -> None:
    """Renew the statistics of tables that have outgrown them. Other databases than SQLite are left alone."""
    connection = connections[using]
    if connection.vendor != "sqlite":
        return
    path = str(connection.settings_dict["NAME"])
    with connection.cursor() as cursor:
        tables = _outgrown(cursor, path)
        counted = {table: _count(cursor, table, numbered) for table, (numbered, _) in tables.items()}
        grown = {table: rows for table, rows in counted.items() if rows > _most(tables[table][1])}
        if grown:
            with transaction.atomic(using):
                cursor.execute(f"PRAGMA analysis_limit = {LOOKED_AT}")
                for table, rows in grown.items():
                    cursor.execute(f"ANALYZE {connection.ops.quote_name(table)}")
                    cursor.execute(LEVELLED, [rows, table])
                # Connections read the statistics with the schema, and that anew only where it has changed.
                cursor.execute("CREATE TABLE headwater_statistics (changed)")
                cursor.execute("DROP TABLE headwater_statistics")
            log.info("statistics", tables=list(grown))
        _looked.update({(path, table): numbered for table, (numbered, _) in tables.items()})


def about(cursor: CursorWrapper, table: str) -> int:
    """Return about how many rows a table has: as many as it has numbers, unless its statistics know of far fewer.

    Keys from elsewhere, such as the numbers of GeoNames, leave most numbers out.
    """
    numbers = numbers_of(cursor, table)
    if numbers is None or numbers.rows <= FEW:
        return 0 if numbers is None else numbers.rows
    known = _known(cursor).get(table, 0)
    if not known:  # in the first minutes of a database, or without an index
        name = cursor.db.ops.quote_name(table)
        cursor.execute(f"SELECT COUNT(*) FROM (SELECT 1 FROM {name} LIMIT {COUNTED})")  # noqa: S608 - a table's own name
        counted: int = cursor.fetchone()[0]
        return counted if counted < COUNTED else numbers.rows
    return known if known * GROWTH < numbers.rows else numbers.rows


def numbers_of(cursor: CursorWrapper, table: str) -> Numbers | None:
    """Return the numbers of a table's rows; None where it has no rows, or no numbers (WITHOUT ROWID, a view)."""
    name = cursor.db.ops.quote_name(table)
    try:  # each by itself, which an index answers
        cursor.execute(f"SELECT (SELECT MIN(rowid) FROM {name}), (SELECT MAX(rowid) FROM {name})")  # noqa: S608
    except DatabaseError as error:
        if "no such" not in str(error):
            raise
        return None
    first, last = cursor.fetchone()
    return None if last is None else Numbers(first, last)


def _outgrown(cursor: CursorWrapper, path: str) -> dict[str, tuple[int, int]]:
    """Return the tables that may have far more rows than the statistics say: how many at most, and how many those say.

    What this process has looked at is not looked at again before it has twice the rows.
    """
    cursor.execute(TABLES)
    tables = [name for (name,) in cursor.fetchall()]
    known, outgrown = _known(cursor), {}
    for table in tables:
        numbers, before = numbers_of(cursor, table), known.get(table, 0)
        if numbers is not None and numbers.rows > _most(max(before, _looked.get((path, table), 0))):
            outgrown[table] = numbers.rows, before
    return outgrown


def _known(cursor: CursorWrapper) -> dict[str, int]:
    """Return how many rows tables have by their statistics."""
    cursor.execute("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1'")
    if not cursor.fetchone():
        return {}
    cursor.execute(KNOWN)
    return dict(cursor.fetchall())


def _most(known: int) -> int:
    """Return how many rows a table may have for which so many are known."""
    return max(FEW, GROWTH * known)


def _count(cursor: CursorWrapper, table: str, most: int) -> int:
    """Count the rows of a table, or say how many there are at most where that takes too long."""
    try:
        cursor.execute(f"SELECT COUNT(*) FROM {cursor.db.ops.quote_name(table)}")  # noqa: S608 - a table's own name
    except DatabaseError as error:
        if not is_over(error):
            raise
        return most
    rows: int = cursor.fetchone()[0]
    return rows
