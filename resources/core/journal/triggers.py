"""Makes the triggers that write the journal, and count the saves of other programs: of every table that is journaled.

They are made anew where they are missing, or not as they are to be: after each `migrate`, and whenever a migration has
changed the columns of a table (`resources.core.database.schema_watch`).
"""

from __future__ import annotations

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
    post_migrate.connect(make_after_migrate, dispatch_uid="headwater.journal")


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
    connection, made = connections[using], []
    for table, statements in stale_tables(connection, tables).items():
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
        made.append(table)
    return made


def stale_tables(connection: BaseDatabaseWrapper, tables: Collection[str] | None = None) -> dict[str, list[str]]:
    """Return the tables whose triggers are missing or stale, with the statements that mend them.

    A table that is not there has none to miss; and where there is no journal yet, none is.
    """
    excluded = journaled_tables(connection.alias)
    names = [*excluded] if tables is None else [*tables]
    if connection.vendor not in DIALECTS or not names:
        return {}
    stored = read_tables(connection, [*names, *OWN])
    if not stored.keys() >= {*OWN}:
        return {}
    schema = stored[OWN[0]].schema
    found = {
        name: _changes(connection, stored[name], excluded.get(name, ()), schema) for name in names if name in stored
    }
    return {name: statements for name, statements in found.items() if statements}


def _changes(connection: BaseDatabaseWrapper, stored: StoredTable, excluded: Collection[str], schema: str) -> list[str]:
    table = JournaledTable.of(stored, excluded)
    statements: list[str] = DIALECTS[connection.vendor].changes(stored, table, schema) if table else []
    return statements
