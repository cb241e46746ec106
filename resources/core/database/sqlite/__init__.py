"""What SQLite needs that others do not: a write-ahead log, triggers that outlive a change, an eye on its file."""

import _sqlite3
import gc
from ctypes import CDLL
from sqlite3 import Connection

from django.apps import AppConfig
from django.db import connections, transaction
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate

from resources.core.database.sqlite import side_tables

CONFIG_MEMSTATUS = 9
"""SQLITE_CONFIG_MEMSTATUS, of sqlite3.h."""


def use_write_ahead_log(using: str, **_: object) -> None:
    """Let readers and one writer work at the same time (https://www.sqlite.org/wal.html).

    The file remembers it, so it is set when the database is migrated, not when a connection opens.
    A database in memory stays as it is, and so does any other database.
    """
    connection = connections[using]
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA journal_mode = WAL")


def fold_changed(using: str, **_: object) -> None:
    """Fold whatever other programs have written into the columns of indexes for text."""
    connection = connections[using]
    if connection.vendor == "sqlite":
        with transaction.atomic(using=using):
            connection.ensure_connection()
            while side_tables.fold_changed(connection):
                pass


def stop_counting_memory() -> None:
    """Have SQLite keep no account of its memory, for which it takes a lock at each allocation: a tenth of a read.

    SQLite recommends it (https://www.sqlite.org/compile.html, SQLITE_DEFAULT_MEMSTATUS). It can be chosen only while
    nobody has a connection, and not where Python hides the library.
    """
    library = CDLL(getattr(_sqlite3, "__file__", None))
    connected = any(type(each) is Connection for each in gc.get_referrers(Connection))
    if hasattr(library, "sqlite3_config") and not connected:
        library.sqlite3_shutdown()
        library.sqlite3_config(CONFIG_MEMSTATUS, 0)
        library.sqlite3_initialize()


def install(sender: AppConfig) -> None:
    """Have every SQLite database use the log."""
    post_migrate.connect(use_write_ahead_log, sender=sender, dispatch_uid="headwater.sqlite")
    post_migrate.connect(fold_changed, sender=sender, dispatch_uid="headwater.sqlite.folds")
    connection_created.connect(side_tables.add_functions, dispatch_uid="headwater.sqlite.functions")
