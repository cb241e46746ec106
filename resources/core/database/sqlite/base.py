"""The database backend for SQLite: Django's, and an eye on the file behind each connection.

A file can be moved away, removed or replaced while it is open. Whatever is written then goes into a file that has no
name any more, and is lost with the process. So each transaction looks at its beginning and at its end whether the file
is still the one that was opened; reads look now and then.
"""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import suppress
from typing import NamedTuple

from django.db import DEFAULT_DB_ALIAS, OperationalError
from django.db.backends.sqlite3 import base
from django.db.backends.sqlite3.schema import DatabaseSchemaEditor

from resources.core.database.attribution import AttributedConnection, Attribution
from resources.core.database.deadline import Deadline
from resources.core.database.drivers import change
from resources.core.database.sql import Context, Execute
from resources.core.database.sqlite import side_tables
from resources.core.database.sqlite.schema import SchemaEditor

READS = ("SELECT", "WITH", "EXPLAIN", "PRAGMA")
TELL = """INSERT INTO headwater_transaction (id, "transaction", actor, api_key, request_id)
SELECT 1, COALESCE(MAX(id), 0) + 1, ?, ?, ? FROM headwater_change WHERE TRUE
ON CONFLICT (id) DO UPDATE SET actor = excluded.actor, api_key = excluded.api_key, request_id = excluded.request_id"""
FORGET = "DELETE FROM headwater_transaction"
PAUSE = 1.0
"""Seconds after which a connection that only reads looks at its file again."""
type Identity = tuple[int, int]


class Place(NamedTuple):
    """Which files stand at a path: the database's own, and the log that SQLite keeps beside it."""

    file: Identity | None
    log: Identity | None

    @classmethod
    def at(cls, path: str) -> Place:
        """Look."""
        return cls(_identity(path), _identity(f"{path}-wal"))


_opened: dict[str, Place] = {}
"""What this process has seen last at the paths of databases that it has open."""


class DatabaseWrapper(AttributedConnection, base.DatabaseWrapper):
    """A connection that knows which file it has open."""

    SchemaEditorClass: type[DatabaseSchemaEditor] = SchemaEditor
    transaction_mode: str | None

    def __init__(self, settings_dict: dict[str, object], alias: str = DEFAULT_DB_ALIAS) -> None:
        """Look at the file before whatever is written outside of transactions."""
        super().__init__(settings_dict, alias)
        self._file: Identity | None = None
        self._looked = 0.0
        self._changes = 0
        self._guard = Guard(self)
        self.execute_wrappers.append(self._guard)

    @property
    def path(self) -> str:
        """Return where the file is, or what names a database in memory."""
        return str(self.settings_dict["NAME"])

    def get_new_connection(self, conn_params: dict[str, object]) -> sqlite3.Connection:
        """Open the file.

        Raises:
            OperationalError: it is gone, and would be made anew, empty; or it stands beside the log of another, which
                SQLite would take for its own.
        """
        before, now = _opened.get(self.path), Place.at(self.path)
        if before and now.file is None:
            raise OperationalError(f"The file of the database is gone: {self.path}")
        if before and now.file != before.file and now.log and now.log == before.log:
            raise OperationalError(f"Another database's log stands beside the new file: {self.path}-wal and -shm")
        connection: sqlite3.Connection = super().get_new_connection(conn_params)
        connection.text_factory = decode
        self._note(Place.at(self.path))
        return connection

    def ensure_connection(self) -> None:
        """Open the file that is there now, if it is another one than a second ago; one that is gone is read on."""
        if self.connection is not None and not self.in_atomic_block and time.monotonic() > self._looked + PAUSE:
            now = Place.at(self.path)
            if now.file == self._file:
                self._note(now)
            elif now.file:
                self.close()
        if self.connection is None:
            super().ensure_connection()

    def _note(self, place: Place) -> None:
        self._file, self._looked = place.file, time.monotonic()
        if place.file:
            _opened[self.path] = place

    def is_usable(self) -> bool:
        """Whether what is written would be found again."""
        return _identity(self.path) == self._file and super().is_usable()

    def refuse_other_file(self) -> None:
        """Refuse to write into a file that is not the one that others find, and let the next request open that.

        Raises:
            OperationalError: says so.
        """
        if _identity(self.path) != self._file:
            if not self.in_atomic_block:
                self.close()
            raise OperationalError(f"The file of the database was removed or replaced: {self.path}")

    def _start_transaction_under_autocommit(self) -> None:
        """Begin by a statement that the guard of this connection sees, and Django's cursors do not."""
        change(self, f"BEGIN {self.transaction_mode or ''}", ())

    def tell(self, attribution: Attribution) -> None:
        """Tell triggers of the transaction that is open, and give it a number: the first change will have the same."""
        with suppress(sqlite3.OperationalError):  # it is not migrated yet
            self.connection.execute(TELL, attribution)

    def _commit(self) -> None:
        if self.connection is not None:
            self.refuse_other_file()
            changes = self.connection.total_changes - self._changes
            if changes:
                self._guard.let_end()
                with suppress(sqlite3.OperationalError):  # it is not migrated yet
                    self.connection.execute(FORGET)  # also what was told before a savepoint that was gone back to
                with self.wrap_database_errors:  # as many as were written: nobody waits for what other programs wrote
                    side_tables.fold_changed(self, min(changes, side_tables.AT_ONCE))
                self._changes = self.connection.total_changes
        super()._commit()  # type: ignore[misc]


def decode(stored: bytes) -> str:
    """Return a stored text, with replacement letters where another program has written bytes that are none."""
    return stored.decode("utf-8", "replace")


class Guard(Deadline):
    """Runs the statements of a connection: in time, and into the file that others find."""

    def __init__(self, connection: DatabaseWrapper) -> None:
        """Take the connection."""
        super().__init__()
        self._connection = connection

    def __call__[Bound, Answer](
        self, execute: Execute[Bound, Answer], sql: str, params: Bound, many: bool, context: Context
    ) -> Answer:
        """Run a statement (as an `execute_wrapper` of Django's)."""
        if not self._connection.in_atomic_block and not sql.startswith(READS):
            self._connection.refuse_other_file()
        self.begin(sql)
        if side_tables.MARKED in sql and isinstance(params, list | tuple):
            with self._connection.wrap_database_errors:  # as around the statement itself
                sql = side_tables.choose_way(self._connection.connection, sql, params)
        return execute(sql, params, many, context)


def _identity(path: str) -> Identity | None:
    """Return which file stands at a path: its device and inode; None for none, and for a database in memory."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino
