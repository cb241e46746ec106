"""About how many rows a table has, by what the database knows without counting them."""

from __future__ import annotations

import time
from math import isqrt

from django.db import connections
from django.db.models import Model

from resources.core.database.sqlite import statistics

BELIEVED_FOR = 600.0
"""Seconds after which the database is asked again."""
POSTGRESQL = """SELECT CASE WHEN reltuples < 0 THEN pg_relation_size(oid) / 100 ELSE reltuples END
FROM pg_class WHERE oid = to_regclass(%s)"""
"""A table that was never analysed has -1 rows; 100 bytes are those of a short one."""
PAGE = 51
"""Rows of a usual page, and the one after it."""
LEAST_FEW, MOST_FEW = 1_000, 50_000
"""Rows that are few in any table, and beyond which they are many in any, and are not counted."""
_sizes: dict[tuple[str, str], tuple[float, int]] = {}


def few_among(size: int) -> int:
    """Return how many rows of a table are few, so that finding all costs less than to walk until a page is full.

    Of n rows among N, one comes every N / n rows, so a page is full after PAGE * N / n of them: more than n, while
    n * n is less than PAGE * N.
    """
    return min(MOST_FEW, max(LEAST_FEW, isqrt(PAGE * size)))


def table_size(model: type[Model], using: str) -> int:
    """Return about how many rows the table of a model has; 0 where the database cannot say."""
    table = model._meta.db_table
    until, size = _sizes.get((using, table), (0.0, 0))
    if time.monotonic() > until:
        size = _ask(table, using)
        _sizes[using, table] = time.monotonic() + BELIEVED_FOR, size
    return size


def forget() -> None:
    """Ask again from now on."""
    _sizes.clear()


def _ask(table: str, using: str) -> int:
    connection = connections[using]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            return statistics.about(cursor, table)
        cursor.execute(POSTGRESQL, [connection.ops.quote_name(table)])
        row = cursor.fetchone()
        return int(row[0] or 0) if row else 0
