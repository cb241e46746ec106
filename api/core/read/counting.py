"""How rows are counted without counting them: the planner's estimate where the database has one."""

from __future__ import annotations

from typing import Any

import msgspec
from django.db import connections
from django.db.models import QuerySet


def estimate(rows: QuerySet[Any]) -> int:
    """Return about how many rows a queryset has.

    PostgreSQL answers from the planner's statistics, without reading the rows. SQLite keeps none that
    know of conditions, so there the count is exact.
    """
    if connections[rows.db].vendor != "postgresql":
        return rows.count()
    planned = rows.order_by().values("pk").explain(format="json")
    if not planned:  # of conditions that nothing can meet Django makes no statement
        return 0
    # The driver gives JSON as text here (`postgresql_values`), which Django writes as JSON once more.
    found: int = msgspec.json.decode(msgspec.json.decode(planned))[0]["Plan"]["Plan Rows"]
    return found
