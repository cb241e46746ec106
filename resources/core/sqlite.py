"""What SQLite needs that other databases do not: a write-ahead log, and triggers that outlive a change of schema."""

import _sqlite3
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import CDLL
from sqlite3 import Connection
from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.backends.sqlite3.base import DatabaseWrapper
from django.db.backends.sqlite3.schema import DatabaseSchemaEditor
from django.db.models import Model
from django.db.models.signals import post_migrate

CONFIG_MEMSTATUS = 9
"""SQLITE_CONFIG_MEMSTATUS, of sqlite3.h."""


def use_write_ahead_log(using: str, **_: Any) -> None:
    """Let readers and one writer work at the same time (https://www.sqlite.org/wal.html).

    The file remembers it, so it is set when the database is migrated, not when a connection opens.
    A database in memory stays as it is, and so does any other database.
    """
    connection = connections[using]
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA journal_mode = WAL")


class SchemaEditor(DatabaseSchemaEditor):
    """Django's, which changes a table by building it anew under another name and renaming it.

    SQLite refuses that while a trigger of another table mentions the one that is missing meanwhile, so those
    triggers are set aside. The table's own come back with its constraints (`TriggerConstraint`).
    """

    def _remake_table(self, model: type[Model], *args: Any, **options: Any) -> None:
        with self._triggers_set_aside(model._meta.db_table):
            super()._remake_table(model, *args, **options)  # type: ignore[misc]

    @contextmanager
    def _triggers_set_aside(self, table: str) -> Iterator[None]:
        """Drop the triggers of other tables that mention this one, and create them again."""
        with self.connection.cursor() as cursor:
            cursor.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name <> %s AND INSTR(sql, %s)",
                [table, self.quote_name(table)],
            )
            triggers = cursor.fetchall()
        for name, _ in triggers:
            self.execute(f"DROP TRIGGER {self.quote_name(name)}")
        yield
        for _, sql in triggers:
            self.execute(sql)


def stop_counting_memory() -> None:
    """Have SQLite keep no account of its memory, for which it takes a lock at each allocation: a tenth of a read.

    SQLite recommends it (https://www.sqlite.org/compile.html, SQLITE_DEFAULT_MEMSTATUS). It can be chosen only while
    nobody has a connection, and not where Python hides the library.
    """
    library = CDLL(getattr(_sqlite3, "__file__", None))
    if hasattr(library, "sqlite3_config") and not any(type(each) is Connection for each in gc.get_objects()):
        library.sqlite3_shutdown()
        library.sqlite3_config(CONFIG_MEMSTATUS, 0)
        library.sqlite3_initialize()


def install(sender: AppConfig) -> None:
    """Make both so, for every SQLite database."""
    post_migrate.connect(use_write_ahead_log, sender=sender, dispatch_uid="headwater.sqlite")
    DatabaseWrapper.SchemaEditorClass = SchemaEditor
