"""`dry_run=true`: a write is done, answered, and taken back: what it would have been told is told, nothing is kept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db import IntegrityError, connection, transaction

from api.core.write.integrity import asking_early
from resources.core.database.sql import Context, Execute

WRITES = re.compile(r'\s*(?:INSERT(?: OR \w+)? INTO|REPLACE INTO|UPDATE|DELETE FROM)\s+"?(\w+)"?', re.IGNORECASE)
REFERRING = """SELECT DISTINCT tables.name FROM sqlite_master AS tables, pragma_foreign_key_list(tables.name) AS keys
WHERE tables.type = 'table' AND keys."table" = %s"""


@dataclass
class WrittenTables:
    """The tables that statements of a connection write (as an `execute_wrapper` of Django's)."""

    names: set[str] = field(default_factory=set)

    def __call__[Bound, Answer](
        self, execute: Execute[Bound, Answer], sql: str, params: Bound, many: bool, context: Context
    ) -> Answer:
        """Run a statement."""
        written = WRITES.match(sql) if isinstance(sql, str) else None
        if written:
            self.names.add(written[1])
        return execute(sql, params, many, context)

    def ask_deferred_constraints(self) -> None:
        """Ask now what would be asked at the commit, which there will not be.

        SQLite is asked for all rows of the tables that were written, and of those that refer to them.

        Raises:
            IntegrityError: a row refers to one that is not there.
        """
        if connection.vendor != "sqlite":
            connection.check_constraints()
            return
        names = set(self.names)
        with connection.cursor() as cursor:
            for name in self.names:
                cursor.execute(REFERRING, [name])
                names.update(referring for (referring,) in cursor.fetchall())
        try:
            connection.check_constraints(table_names=sorted(names))
        except IntegrityError as error:
            raise IntegrityError("FOREIGN KEY constraint failed") from error  # as SQLite has it at the commit


@contextmanager
def rehearsal() -> Iterator[None]:
    """Take back all that is written meanwhile, and drop what was to happen at the commit."""
    written = WrittenTables()
    with transaction.atomic():
        with connection.execute_wrapper(written), asking_early(written.ask_deferred_constraints):
            yield
        transaction.set_rollback(True)
