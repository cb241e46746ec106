"""Has SQLite look anew at tables that have outgrown what its planner was told of them.

SQLite chooses between indexes by statistics that only ANALYZE makes: without them it guesses, with old ones it takes a
table of millions for the few thousand rows that it had. PostgreSQL's autovacuum looks after that by itself.
"""

from __future__ import annotations

import structlog
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections, transaction
from django.db.backends.utils import CursorWrapper

log = structlog.get_logger("headwater")

SECONDS_BETWEEN_LOOKS = 600
GROWTH = 2
"""How many times as many rows as the statistics say are too many."""
FEW = 1000
"""Rows of a table for which any plan is quick enough."""
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
"""How far a table's rows were numbered when this process looked at it: where many were deleted, they are fewer."""


def renew(using: str = DEFAULT_DB_ALIAS) -> None:
    """Renew the statistics of tables that have outgrown them. Other databases than SQLite are left alone."""
    connection = connections[using]
    if connection.vendor != "sqlite":
        return
    path = str(connection.settings_dict["NAME"])
    with connection.cursor() as cursor:
        tables = _outgrown(cursor, path)
        if tables:
            with transaction.atomic(using):
                cursor.execute(f"PRAGMA analysis_limit = {LOOKED_AT}")
                for table, rows in tables.items():
                    cursor.execute(f"ANALYZE {connection.ops.quote_name(table)}")
                    cursor.execute(LEVELLED, [rows, table])
                # Connections read the statistics with the schema, and that anew only where it has changed.
                cursor.execute("CREATE TABLE headwater_statistics (changed)")
                cursor.execute("DROP TABLE headwater_statistics")
            _looked.update({(path, table): rows for table, rows in tables.items()})
            log.info("statistics", tables=list(tables))


def _outgrown(cursor: CursorWrapper, path: str) -> dict[str, int]:
    """Return the tables that have far more rows than the statistics say, with how far their rows are numbered."""
    cursor.execute(TABLES)
    tables = [name for (name,) in cursor.fetchall()]
    cursor.execute("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1'")
    known = {}
    if cursor.fetchone():
        cursor.execute(KNOWN)
        known = dict(cursor.fetchall())
    numbered = {table: _numbered(cursor, table) for table in tables}
    expected = {table: max(known.get(table, 0), _looked.get((path, table), 0)) for table in tables}
    return {table: rows for table, rows in numbered.items() if rows > max(FEW, GROWTH * expected[table])}


def _numbered(cursor: CursorWrapper, table: str) -> int:
    """Return the number of the last row, which costs nothing to find, and is about how many there are."""
    try:
        cursor.execute(f"SELECT MAX(rowid) FROM {cursor.db.ops.quote_name(table)}")  # noqa: S608 - a table's own name
    except DatabaseError:  # it is WITHOUT ROWID
        return 0
    return cursor.fetchone()[0] or 0
