"""Makes the triggers that write the journal, and count the saves of other programs: of every table that is journaled.

They are made anew where they are missing, or not as they are to be: after each `migrate`, and whenever a migration has
changed the columns of a table (`resources.core.database.schema_watch`).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from types import ModuleType

from django.apps import AppConfig
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.signals import post_migrate

from resources.core.journal import postgresql_triggers, sqlite_triggers
from resources.core.journal.catalog import StoredTable, read_tables
from resources.core.journal.models import Change, OpenTransaction
from resources.core.journal.tables import JournaledTable, journaled_tables

DIALECTS: Mapping[str, ModuleType] = {"sqlite": sqlite_triggers, "postgresql": postgresql_triggers}
OWN = (Change._meta.db_table, OpenTransaction._meta.db_table)


def install() -> None:
    """Make the triggers when all has been migrated."""
    post_migrate.connect(make_after_migrate, dispatch_uid="headwater.journal.triggers")


def make_after_migrate(sender: AppConfig, using: str, **_: object) -> None:
    """Make the triggers of the tables of an application, in one database."""
    own = {model._meta.db_table for model in sender.get_models(include_auto_created=True)}
    make_triggers(using, own.intersection(journaled_tables(using)))


def make_triggers(using: str = DEFAULT_DB_ALIAS, tables: Collection[str] | None = None) -> list[str]:
    """Make the triggers of tables where they are missing or stale, and return the names of these tables.

    Args:
        using: the alias of the database.
        tables: those that are looked at, all of them journaled; None for all that are.
    """
    connection = connections[using]
    stale = stale_tables(connection, tables)
    for statements in stale.values():
        run(connection, statements)
    return [*stale]


def run(connection: BaseDatabaseWrapper, statements: Collection[str]) -> None:
    """Run statements that give no rows."""
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def stale_tables(connection: BaseDatabaseWrapper, tables: Collection[str] | None = None) -> dict[str, list[str]]:
    """Return the tables whose triggers are missing or stale, with the statements that mend them.

    A table that is not there has none to miss. Where there is no journal yet there is nothing to mend by statements.
    """
    excluded = journaled_tables(connection.alias)
    names = [*excluded] if tables is None else [*tables]
    if connection.vendor not in DIALECTS or not names:
        return {}
    stored = read_tables(connection, [*names, *OWN])
    if not stored.keys() >= {*OWN}:
        return {name: [] for name in names if name in stored}
    schema, vendor, there = stored[OWN[0]].schema, connection.vendor, [name for name in names if name in stored]
    found = {name: changes(stored[name], excluded.get(name, frozenset()), schema, vendor) for name in there}
    return {name: statements for name, statements in found.items() if statements}


def changes(stored: StoredTable, excluded: frozenset[str], schema: str, vendor: str) -> list[str]:
    """Return the statements after which a table has its triggers, and no older ones; none where all is well.

    Args:
        stored: the table, as it is.
        excluded: its columns that are left out.
        schema: where the journal is.
        vendor: of the database, as Django calls it.
    """
    table = JournaledTable.of(stored, excluded)
    statements: list[str] = [] if table is None else DIALECTS[vendor].changes(table, stored, schema)
    return statements


def excluded_by(stored: StoredTable, vendor: str) -> frozenset[str]:
    """Return the columns that the triggers of a table leave out."""
    found = (DIALECTS[vendor].EXCLUDED.search(text) for text in DIALECTS[vendor].own(stored).values())
    return frozenset(name for match in found if match for name in json.loads(match[1]))


def unjournaled_tables(using: str = DEFAULT_DB_ALIAS) -> list[str]:
    """Return the tables of a database whose changes the journal would miss; it asks one statement."""
    return sorted(stale_tables(connections[using]))
