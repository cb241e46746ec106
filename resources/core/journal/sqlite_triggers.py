"""The triggers of the journal on SQLite, of functions that every program has and trusts: those of JSON are not."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from resources.core.database.raw_forms import literal, quoted, sqlite_change, sqlite_key, sqlite_object
from resources.core.journal.catalog import StoredTable
from resources.core.journal.tables import COUNTED, SAVED, JournaledTable

NOW = "strftime('%Y-%m-%d %H:%M:%f', 'now')"
_NOTE = """INSERT INTO "headwater_change"
("transaction", table_name, key, operation, before, after, changed_at, actor, api_key, request_id)
SELECT a."transaction", {table}, {key}, '{operation}', {before}, {after}, {now}, a.actor, a.api_key, a.request_id
FROM {source} LEFT JOIN "headwater_transaction" AS a;"""
_TRIGGER = """CREATE TRIGGER {name} AFTER {event} ON {table} FOR EACH ROW{when} BEGIN
{body}
END"""
_COUNT = "UPDATE {table} SET {revision} = {revision} + 1, {saved} = {now} WHERE {key} = NEW.{key};"
RESET = """INSERT INTO "headwater_change" (table_name, key, operation, changed_at)
VALUES (%s, '', 'R', strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now'))"""
EXCLUDED = re.compile(r"/\* without (\[.*?\]) \*/")
AT_ONCE = 50
"""Terms in one pair of brackets: an expression may be no deeper than a thousand."""


def changes(table: JournaledTable, stored: StoredTable, schema: str) -> list[str]:
    """Return the statements after which a table has its triggers, and no older ones; none where all is well."""
    wanted = triggers_of(table)
    older = own(stored) | {name: sql for name, sql in stored.triggers.items() if name in wanted}
    if older == wanted:
        return []
    return [*(f"DROP TRIGGER {quoted(name)}" for name in older), *wanted.values()]


def drops(stored: StoredTable) -> list[str]:
    """Return the statements that drop a table's triggers: SQLite drops no column that a trigger names."""
    return [f"DROP TRIGGER {quoted(name)}" for name in own(stored)]


def own(stored: StoredTable) -> dict[str, str]:
    """Return the triggers of the journal, and those that counted only what changes on its own, as they once did."""
    counting = f"{stored.name[:50]}_counts"
    triggers = stored.triggers.items()
    return {name: sql for name, sql in triggers if 'INSERT INTO "headwater_change"' in sql or name == counting}


def triggers_of(table: JournaledTable) -> dict[str, str]:
    """Return the statements that make the triggers of a table, by the names of the triggers."""
    insert = _note(table, "I", "NEW", after=sqlite_object(table.journaled, "NEW"))
    delete = _note(table, "D", "OLD", before=sqlite_object(table.journaled, "OLD"))
    same_row = _same(table.key)
    made = [
        _trigger(table, "journal_insert", "INSERT", "", insert),
        _trigger(table, "journal_key", "UPDATE", f"NOT ({same_row})", f"{delete}\n{insert}"),
        _trigger(table, "journal_delete", "DELETE", "", delete),
    ]
    if table.compared:
        changed = f"{same_row} AND ({_any_differs(table)})"
        if table.counts:
            # Where the statement did not count, the row is counted first, by an update of nothing else, which makes no
            # Change; then the row is noted as it is after that.
            made.append(_trigger(table, "counts", "UPDATE", f"{_same(COUNTED)} AND {changed}", _count(table)))
            changed = f"NOT ({_same(COUNTED)}) AND {changed}"
        made.append(_trigger(table, "journal_update", "UPDATE", changed, _update(table)))
    return dict(made)


def _trigger(table: JournaledTable, suffix: str, event: str, when: str, body: str) -> tuple[str, str]:
    name, condition = f"{table.name}_{suffix}", f" WHEN {when}" if when else ""
    noted = f"/* without {json.dumps(sorted(table.excluded))} */\n{body}"
    words = {"name": quoted(name), "event": event, "table": quoted(table.name), "when": condition, "body": noted}
    return name, _TRIGGER.format(**words)


def _note(
    table: JournaledTable, operation: str, row: str, *, before: str = "NULL", after: str = "NULL", source: str = ""
) -> str:
    words = {"table": literal(table.name), "operation": operation, "now": NOW, "source": source or "(SELECT 1)"}
    return _NOTE.format(key=sqlite_key(f"{row}.{quoted(table.key)}"), before=before, after=after, **words)


def _update(table: JournaledTable, instead: Mapping[str, str] | None = None) -> str:
    change = sqlite_change(table.journaled, instead)
    return _note(table, "U", "NEW", before="c.before", after="c.after", source=f"{change} AS c")


def _count(table: JournaledTable) -> str:
    revision, saved = quoted(COUNTED), quoted(SAVED)
    words = {"table": quoted(table.name), "revision": revision, "saved": saved, "key": quoted(table.key), "now": NOW}
    return f"{_COUNT.format(**words)}\n{_update(table, {COUNTED: f'NEW.{revision} + 1', SAVED: NOW})}"


def _same(name: str) -> str:
    # Exactly: a column may have a collation that takes different texts for the same.
    return f"NEW.{quoted(name)} IS OLD.{quoted(name)} COLLATE BINARY"


def _any_differs(table: JournaledTable) -> str:
    terms = [f"NOT ({_same(column.name)})" for column in table.compared]
    return " OR ".join(f"({' OR '.join(terms[start:][:AT_ONCE])})" for start in range(0, len(terms), AT_ONCE))
