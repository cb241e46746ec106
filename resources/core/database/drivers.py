"""How a statement is run without what Django's cursors do for every one anew, in the words of each driver."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

from resources.core.database.sql import Parameter

if TYPE_CHECKING:
    from sqlite3 import Connection

    from django.db.backends.base.base import BaseDatabaseWrapper
    from psycopg import Connection as PostgreSQLConnection  # it is there where PostgreSQL is
    from psycopg.rows import TupleRow

type DriverRow = tuple[object, ...]
"""A row as the driver gives it."""

LIMIT = "/* limit */"
"""Where the limit of a page belongs, in a statement that has none yet."""
PLACEHOLDER = re.compile(r"(?<!%)%s")
PLACES = {"sqlite": "?", "postgresql": "${}"}
"""How a driver writes the place of a parameter, by its number."""
USUAL = frozenset(rows + more for rows in (1, 10, 20, 25, 50, 100, 200, 500) for more in (0, 1))
"""Limits that are written into the statement, so that their place among the parameters is not looked for each time. A
PostgreSQL that is told to plan for any value takes a limit that it does not know yet for a tenth of all rows. Others
are parameters, like every value that a client has chosen."""


class Returning(NamedTuple):
    """What a statement that writes a row is asked to give of it (SQL's RETURNING).

    Attributes:
        database: the alias of the database that it is asked of.
        sql: expressions of the columns of the row.
        params: of the expressions.
    """

    database: str
    sql: str
    params: tuple[Parameter, ...]


def fetch(
    connection: BaseDatabaseWrapper, sql: str, params: Sequence[Parameter | bytes], most: int | None = None
) -> list[DriverRow]:
    """Run a statement that gives rows, and return all of them.

    Args:
        connection: that runs it, in its transaction.
        sql: with `%s` for every parameter, and perhaps `LIMIT`; it comes again, and is remembered.
        params: in the database's form.
        most: the limit that belongs in it; None for one that is a parameter, and after it an offset.
    """
    if connection.queries_logged:  # somebody wants to see every statement
        with connection.cursor() as cursor:
            cursor.execute(with_limit(sql, most), params)
            rows: list[DriverRow] = cursor.fetchall()
            return rows
    return _run(connection, DRIVERS, driver_sql(connection.vendor, sql, most), params)


def change(connection: BaseDatabaseWrapper, sql: str, params: Sequence[Parameter | bytes]) -> int:
    """Run a statement that changes rows and gives none, and return how many it has changed.

    Args:
        connection: that runs it, in its transaction.
        sql: with `%s` for every parameter; it comes again, and is remembered.
        params: in the database's form.
    """
    if connection.queries_logged:
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            changed: int = cursor.rowcount
            return changed
    return _run(connection, CHANGING, driver_sql(connection.vendor, sql, None), params)


def _run[Answer](
    connection: BaseDatabaseWrapper,
    drivers: Mapping[str, Callable[..., Answer]],
    sql: str,
    params: Sequence[Parameter | bytes],
) -> Answer:
    """Have the driver of a database run a statement, within what stands around each."""
    connection.ensure_connection()
    execute: Callable[..., Answer] = partial(drivers[connection.vendor], connection.connection)
    for wrapper in reversed(connection.execute_wrappers):
        execute = partial(wrapper, execute)
    try:
        return execute(sql, params, False, {"connection": connection, "cursor": None})
    except Exception:
        with connection.wrap_database_errors:  # which makes Django's own errors of the driver's
            raise


@lru_cache(maxsize=4096)
def driver_sql(vendor: str, sql: str, most: int | None) -> str:
    """Return a statement as its database's driver takes it.

    Args:
        vendor: as Django calls it.
        sql: with `%s` for every parameter, and `LIMIT` where its limit belongs.
        most: its limit; None for one that is a parameter, and after it an offset.
    """
    place, numbers = PLACES[vendor], count(1)
    return PLACEHOLDER.sub(lambda _: place.format(next(numbers)), with_limit(sql, most)).replace("%%", "%")


def with_limit(sql: str, most: int | None = None) -> str:
    """Write the limit into a statement, where it first belongs, or the places of a limit and an offset."""
    return sql.replace(LIMIT, "LIMIT %s OFFSET %s" if most is None else f"LIMIT {most:d}", 1)


def _on_sqlite(raw: Connection, sql: str, params: Sequence[Parameter], *_: object) -> list[DriverRow]:
    return raw.execute(sql, params).fetchall()


def _on_postgresql(
    raw: PostgreSQLConnection[TupleRow], sql: str, params: Sequence[Parameter], *_: object
) -> list[DriverRow]:
    """Let the server prepare the statement, so that it is read and rewritten once for a connection.

    A raw cursor takes it as it is; psycopg's others read a statement of over 4 KB anew each time, for its placeholders.
    """
    from psycopg import RawCursor

    with RawCursor(raw) as cursor:
        rows: list[DriverRow] = cursor.execute(sql.encode(), params, prepare=True).fetchall()
    return rows


DRIVERS: dict[str, Callable[..., list[DriverRow]]] = {"sqlite": _on_sqlite, "postgresql": _on_postgresql}
"""What runs a statement that gives rows on a connection of the driver's own."""


def _change_on_sqlite(raw: Connection, sql: str, params: Sequence[Parameter], *_: object) -> int:
    return raw.execute(sql, params).rowcount


def _change_on_postgresql(
    raw: PostgreSQLConnection[TupleRow], sql: str, params: Sequence[Parameter], *_: object
) -> int:
    from psycopg import RawCursor

    with RawCursor(raw) as cursor:
        return cursor.execute(sql.encode(), params, prepare=True).rowcount


CHANGING: dict[str, Callable[..., int]] = {"sqlite": _change_on_sqlite, "postgresql": _change_on_postgresql}
"""What runs a statement that changes rows."""
GIVING_BACK = frozenset(("postgresql",))
"""The databases whose statements say exactly what they write. Of a row that it just wrote, SQLite 3.40 takes NULL for a
value (`RETURNING x IS NULL`)."""
