"""The wrapper of connections to PostgreSQL, where Django looks for it."""

from __future__ import annotations

from django.db.backends.postgresql import base
from django.db.backends.postgresql.schema import DatabaseSchemaEditor
from psycopg.pq import Escaping

from resources.core.database import attribution
from resources.core.database.attribution import UNKNOWN, AttributedConnection, Attribution
from resources.core.database.postgresql.connection import BeginningConnection
from resources.core.database.postgresql.schema import SchemaEditor

SETTING = "headwater.attribution"
"""The setting of a transaction that says to whom it is attributed."""
BETWEEN = "\x1f"
"""Stands in the setting between the actor, the API key and the request's id."""


class DatabaseWrapper(AttributedConnection, base.DatabaseWrapper):
    """Django's, whose transactions say to whom they are attributed as they begin."""

    SchemaEditorClass: type[DatabaseSchemaEditor] = SchemaEditor

    def tell(self, attribution: Attribution) -> None:
        """Tell triggers of the transaction that is open."""
        with self.wrap_database_errors:
            self.connection.execute("SELECT set_config(%s, %s, TRUE)", [SETTING, text_of(attribution)])

    def set_autocommit(self, autocommit: bool, force_begin_transaction_with_broken_autocommit: bool = False) -> None:
        """Begin transactions by statements, or end that; the first of one is told along with BEGIN who writes."""
        super().set_autocommit(autocommit, force_begin_transaction_with_broken_autocommit)
        now, connection = attribution.current(), self.connection
        if autocommit or now is UNKNOWN:  # which needs no saying in a new transaction
            self.writes.attribution = None if autocommit else UNKNOWN
            if isinstance(connection, BeginningConnection):
                connection.after_begin = b""
        elif isinstance(connection, BeginningConnection):
            said = Escaping(connection.pgconn).escape_literal(text_of(now).encode())
            connection.after_begin = b"SET LOCAL %s = %s" % (SETTING.encode(), bytes(said))
            self.writes.attribution = now


def text_of(attribution: Attribution) -> str:
    """Return what the setting says."""
    return BETWEEN.join(each or "" for each in attribution)
