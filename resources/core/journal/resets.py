"""Keeps the triggers of the journal true while migrations run, and notes where what was noted before is of no more use.

A change of a table's columns, by a migration, is a reset: rows are not noted one by one, and what was noted of them may
not have the columns that they have now.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.transaction import atomic

from resources.core.database.table_changes import WATCHERS, Renames
from resources.core.journal.catalog import StoredTable, read_tables
from resources.core.journal.tables import journaled_tables
from resources.core.journal.triggers import DIALECTS, OWN, changes, excluded_by, make_triggers, run


def install() -> None:
    """Watch over all tables."""
    if keep_true not in WATCHERS:
        WATCHERS.append(keep_true)


@contextmanager
def keep_true(connection: BaseDatabaseWrapper, tables: Renames) -> Iterator[None]:
    """Set the triggers of tables aside while these change, bring them back, and note a reset where columns differ.

    Which tables are journaled is what the models say now, or what the triggers say that are there: a table may bear
    its name of earlier still. A column that was left out stays so.
    """
    vendor, wanted = connection.vendor, journaled_tables(connection.alias)
    dialect = DIALECTS[vendor]
    with atomic(connection.alias):
        stored = read_tables(connection, {name for name, _ in tables})
        was = {name: table for name, table in stored.items() if name in wanted or dialect.own(table)}
        run(connection, [statement for table in was.values() for statement in dialect.drops(table)])
        yield
        if not {name for _, name in tables}.isdisjoint(OWN):
            make_triggers(connection.alias)  # of all tables that were there before the journal
        now = read_tables(connection, {*(name for _, name in tables), *OWN})
        if not now.keys() >= {*OWN}:
            return
        for before, after in tables:
            earlier, later = was.get(before), now.get(after)
            if later is not None and (earlier is not None or after in wanted):
                excluded = wanted.get(after, frozenset()) | (excluded_by(earlier, vendor) if earlier else frozenset())
                run(connection, changes(later, excluded, now[OWN[0]].schema, vendor))
            if earlier is not None and not _is_same(earlier, later):
                with connection.cursor() as cursor:
                    cursor.execute(dialect.RESET, [after])


def _is_same(before: StoredTable, after: StoredTable | None) -> bool:
    return after is not None and (before.name, before.columns) == (after.name, after.columns)
