"""What tests read of the journal."""

import json
from typing import Any, NamedTuple

from django.db import connection

from resources.core.database.raw_forms import restored


class Row(NamedTuple):
    """A Change, its rows as Python has them."""

    table: str
    key: str
    operation: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    transaction: int | None
    actor: str | None
    api_key: str | None
    request_id: str | None


def latest() -> int:
    """Return the number of the last change."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT COALESCE(MAX(id), 0) FROM headwater_change")
        [number] = cursor.fetchone()
    return number


def changes_after(number: int, *tables: str) -> list[Row]:
    """Return the changes after one, of some tables or of all, in the order in which they were written."""
    with connection.cursor() as cursor:
        cursor.execute(
            'SELECT table_name, key, operation, before, after, "transaction", actor, api_key, request_id'
            " FROM headwater_change WHERE id > %s ORDER BY id",
            [number],
        )
        rows = [Row(*row)._replace(before=_read(row[3]), after=_read(row[4])) for row in cursor.fetchall()]
    return [row for row in rows if not tables or row.table in tables]


def _read(row: str | dict[str, Any] | None) -> dict[str, Any] | None:
    if row is None:
        return None
    values = json.loads(row) if isinstance(row, str) else row
    return {
        name: restored(json.dumps(value)) if isinstance(value, dict) and connection.vendor == "sqlite" else value
        for name, value in values.items()
    }
