"""Migrations of tables that others write meanwhile: on PostgreSQL a lock is waited for briefly, and asked for again.

Who asks for the lock of a whole table waits for everybody who reads or writes it, a report of an hour among them, and
whoever comes later waits behind. So a migration that only changes tables gives up after `MIGRATION_LOCK_TIMEOUT`
seconds, lets those behind it through, and is tried anew. What it does when it has the lock takes a moment: what a new
column is checked for, as a PositiveIntegerField is, is known of the rows that there are, and looked at afterwards,
which keeps nobody waiting. One that runs code or SQL of its own writes rows, and waits for these as long as it takes;
so does one that is not atomic, as what it does concurrently keeps nobody waiting.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import structlog
from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.utils import truncate_name
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.operations import RunPython, RunSQL
from django.db.migrations.state import ProjectState
from django.db.models import Model

from resources.core.database.columns import Column
from resources.core.setting import setting

NOT_AVAILABLE = "55P03"
"""PostgreSQL's code of a lock that was not to be had in time."""
PAUSE, LONGEST = 0.1, 5.0
"""Seconds until a migration is tried again: twice as long each time."""
PATIENCE = 600.0
"""Seconds after which it is not tried again."""
HOLDING = """SELECT pid, round(extract(epoch FROM now() - xact_start)), left(query, 100) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start < now() - interval '1 second'
ORDER BY xact_start LIMIT 3"""

log = structlog.get_logger("headwater")


class PatientExecutor(MigrationExecutor):
    """Django's, which tries again what did not get its locks in time."""

    def apply_migration(
        self, state: ProjectState, migration: Migration, fake: bool = False, fake_initial: bool = False
    ) -> ProjectState:
        """Run a migration forwards."""
        if not _is_brief(self.connection, migration):
            return super().apply_migration(state, migration, fake, fake_initial)
        until, pause = time.monotonic() + PATIENCE, PAUSE
        while True:
            checks: list[str] = []
            try:
                with _impatient(self.connection), _checking_later(self.connection, checks):
                    applied = super().apply_migration(state.clone(), migration, fake, fake_initial)
                break
            except OperationalError as error:
                if getattr(error.__cause__, "sqlstate", None) != NOT_AVAILABLE or time.monotonic() > until:
                    raise
                log.warning("migration waits for a lock", migration=str(migration), beside=_holding(self.connection))
            time.sleep(pause)
            pause = min(LONGEST, 2 * pause)
        with self.connection.cursor() as cursor:
            for check in checks:
                cursor.execute(check)
        return applied


def _is_brief(connection: BaseDatabaseWrapper, migration: Migration) -> bool:
    """Whether a migration holds its locks for a moment only, and can be tried again."""
    of_its_own = any(isinstance(each, RunPython | RunSQL) for each in migration.operations)
    bounded = connection.vendor == "postgresql" and setting("MIGRATION_LOCK_TIMEOUT") is not None
    return bounded and migration.atomic and not of_its_own and not connection.in_atomic_block


@contextmanager
def _impatient(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Give up on locks that are not to be had in time."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('lock_timeout', %s, false)", [f"{setting('MIGRATION_LOCK_TIMEOUT') * 1000:g}"]
        )
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET lock_timeout")


@contextmanager
def _checking_later(connection: BaseDatabaseWrapper, checks: list[str]) -> Iterator[None]:
    """Add columns without a look at the rows there are; what does look is added to `checks`, for later."""
    usual: type[BaseDatabaseSchemaEditor] = connection.SchemaEditorClass

    def brief(connection: BaseDatabaseWrapper, *, atomic: bool) -> BaseDatabaseSchemaEditor:
        editor = usual(connection, atomic=atomic)
        setattr(editor, "add_field", partial(_add_unchecked, editor, checks))  # noqa: B010 - a method, to the type checker
        return editor

    setattr(connection, "SchemaEditorClass", brief)  # noqa: B010
    try:
        yield
    finally:
        setattr(connection, "SchemaEditorClass", usual)  # noqa: B010


def _add_unchecked(editor: BaseDatabaseSchemaEditor, checks: list[str], model: type[Model], field: Column) -> None:
    table, quote, usual = model._meta.db_table, editor.quote_name, editor.sql_check_constraint
    name = quote(truncate_name(f"{table}_{field.column}_check", editor.connection.ops.max_name_length()))
    if field.db_parameters(connection=editor.connection)["check"]:
        editor.sql_check_constraint = f", ADD CONSTRAINT {name} CHECK (%(check)s) NOT VALID"
        checks.append(f"ALTER TABLE {quote(table)} VALIDATE CONSTRAINT {name}")
    type(editor).add_field(editor, model, field)
    editor.sql_check_constraint = usual


def _holding(connection: BaseDatabaseWrapper) -> list[str]:
    """Name the transactions that have been open longest: one of them holds the lock."""
    with connection.cursor() as cursor:
        cursor.execute(HOLDING)
        return [f"{pid}, for {seconds} s: {query}" for pid, seconds, query in cursor.fetchall()]
