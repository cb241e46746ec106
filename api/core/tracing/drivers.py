"""How a statement is run without what Django's cursors do for every one anew, in the words of each driver."""

import re
from collections.abc import Callable
from functools import lru_cache
from itertools import count
from sqlite3 import Connection
from typing import TYPE_CHECKING

from resources.core.database.sql import Parameter
from serializers.core.read.compiled.pages import LIMIT

if TYPE_CHECKING:  # it is there where PostgreSQL is
    from psycopg import Connection as PostgreSQLConnection
    from psycopg.rows import TupleRow

type DriverRow = tuple[object, ...]
"""A row as the driver gives it."""

PLACEHOLDER = re.compile(r"(?<!%)%s")
PLACES = {"sqlite": "?", "postgresql": "${}"}
"""How a driver writes the place of a parameter, by its number."""
USUAL = frozenset(rows + more for rows in (1, 10, 20, 25, 50, 100, 200, 500) for more in (0, 1))
"""Limits that are written into the statement. PostgreSQL does not keep the plan of a statement whose limit it is yet to
be told, as it takes that for a tenth of all rows. Others are parameters, like every value that a client has chosen."""


@lru_cache(maxsize=4096)
def worded(vendor: str, sql: str, most: int | None) -> str:
    """Return a statement as its database's driver takes it.

    Args:
        vendor: as Django calls it.
        sql: with `%s` for every parameter, and `LIMIT` where its limit belongs.
        most: its limit; None for one that is a parameter, and after it an offset.
    """
    place, numbers = PLACES[vendor], count(1)
    return PLACEHOLDER.sub(lambda _: place.format(next(numbers)), limited(sql, most)).replace("%%", "%")


def limited(sql: str, most: int | None = None) -> str:
    """Write the limit into a statement, or the places of a limit and an offset."""
    return sql.replace(LIMIT, "LIMIT %s OFFSET %s" if most is None else f"LIMIT {most:d}")


def _on_sqlite(raw: Connection, sql: str, params: list[Parameter], *_: object) -> list[DriverRow]:
    return raw.execute(sql, params).fetchall()


def _on_postgresql(
    raw: "PostgreSQLConnection[TupleRow]", sql: str, params: list[Parameter], *_: object
) -> list[DriverRow]:
    """Let the server prepare the statement, so that it is read and rewritten once for a connection.

    A raw cursor takes it as it is; psycopg's others read a statement of over 4 KB anew each time, for its placeholders.
    """
    from psycopg import RawCursor

    with RawCursor(raw) as cursor:
        rows: list[DriverRow] = cursor.execute(sql.encode(), params, prepare=True).fetchall()
    return rows


DRIVERS: dict[str, Callable[..., list[DriverRow]]] = {"sqlite": _on_sqlite, "postgresql": _on_postgresql}
"""What runs a statement on a connection of the driver's own."""
