"""What a SQLite file is told once, and then remembers: to keep a write-ahead log."""

from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate


def use_write_ahead_log(using: str, **_: Any) -> None:
    """Let readers and one writer work at the same time (https://www.sqlite.org/wal.html).

    The file remembers it, so it is set when the database is migrated, not when a connection opens.
    A database in memory stays as it is, and so does any other database.
    """
    connection = connections[using]
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA journal_mode = WAL")


def install(sender: AppConfig) -> None:
    """Do so whenever migrations have run."""
    post_migrate.connect(use_write_ahead_log, sender=sender, dispatch_uid="headwater.sqlite")
