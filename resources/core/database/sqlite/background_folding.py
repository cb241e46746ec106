"""Folds in the background what other programs have written into columns with an index for text."""

from __future__ import annotations

from django.db import DEFAULT_DB_ALIAS, connections, transaction

from resources.core.database.sqlite import side_tables

SECONDS_BETWEEN_STEPS = 1
"""Between two steps of at most `side_tables.AT_ONCE` rows of each index."""


def fold_step(using: str = DEFAULT_DB_ALIAS) -> None:
    """Fold some of the rows that are not folded yet; nothing is written where there are none.

    Args:
        using: the alias of the database; others than SQLite are left alone.
    """
    connection = connections[using]
    if connection.vendor != "sqlite":
        return
    connection.ensure_connection()
    if side_tables.any_changed(connection):
        with transaction.atomic(using):
            side_tables.fold_changed(connection)
