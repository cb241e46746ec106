"""Tells who watches over tables when a migration changes one: what stands on its columns is made anew at once.

Statements are looked at rather than operations, so that those that a migration writes by hand are seen, too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.ddl_references import Statement

_NAME = r'("(?:[^"]|"")+"|`[^`]+`|\[[^]]+\]|\w+)'
CHANGES = re.compile(
    rf"""(?:^|;)(?:\s|--[^\n]*\n)*(?:CREATE|ALTER|DROP)\s+TABLE\s+(?:IF\s+(?:NOT\s+)?EXISTS\s+)?(?:ONLY\s+)?
    (?:{_NAME}\s*\.\s*)?{_NAME}(?!\s+(?:ADD|DROP)\s+CONSTRAINT\b)(?:\s+RENAME\s+TO\s+{_NAME})?""",
    re.IGNORECASE | re.VERBOSE,
)
"""Finds the tables that are made, changed or dropped; constraints change no column."""

type Renames = Sequence[tuple[str, str]]
"""Tables by their names before and after."""
type Watcher = Callable[[BaseDatabaseWrapper, Renames], AbstractContextManager[None]]
"""Stands around a change of tables."""
WATCHERS: list[Watcher] = []


def tables_changed(sql: str) -> Renames:
    """Return the tables that a statement, or several, may change."""
    found = (match.group(2, 3) for match in CHANGES.finditer(sql))
    return [(_plain(before), _plain(after or before)) for before, after in found]


def _plain(name: str) -> str:
    return name[1:-1].replace('""', '"') if name[0] in '"`[' else name


class WatchedSchemaEditor(BaseDatabaseSchemaEditor):
    """Tells the watchers of every change of a table (a mixin of both databases' editors)."""

    _is_changing = False

    def execute(self, sql: Statement | str, params: Sequence[object] | None = ()) -> None:
        """Run a statement."""
        with self.changing(tables_changed(str(sql))):
            super().execute(sql, params)

    @contextmanager
    def changing(self, tables: Renames) -> Iterator[None]:
        """Change tables, by one statement or by several that belong together."""
        if not tables or self._is_changing or self.collect_sql:
            yield
            return
        self._is_changing = True
        try:
            with ExitStack() as watched:
                for watcher in WATCHERS:
                    watched.enter_context(watcher(self.connection, tables))
                yield
        finally:
            self._is_changing = False
