"""To whom the changes of a transaction are attributed: what triggers are told of who writes, and why.

It travels with the transaction, and ends with it. On PostgreSQL it is a setting of the transaction; on SQLite a row
that is there within a transaction only, since triggers must find it in connections of other programs, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple

from django.db import DEFAULT_DB_ALIAS
from django.db.backends.base.base import BaseDatabaseWrapper

from resources.core.database.sql import Context, Execute

NO_WRITES = ("SELECT", "EXPLAIN", "PRAGMA", "SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "SET", "SHOW")
"""How statements begin that change no rows."""


class Attribution(NamedTuple):
    """To whom changes are attributed; None for what is not known.

    Attributes:
        actor: the key of the person who acts, as text.
        api_key: the id of the API key that acts for them.
        request_id: of the request by which they act.
    """

    actor: str | None = None
    api_key: str | None = None
    request_id: str | None = None


UNKNOWN = Attribution()
_current: ContextVar[Attribution] = ContextVar("attribution", default=UNKNOWN)


@contextmanager
def attributed_to(attribution: Attribution) -> Iterator[None]:
    """Attribute what is written meanwhile, in this thread or task, in transactions: best begun before they are."""
    token = _current.set(attribution)
    try:
        yield
    finally:
        _current.reset(token)


def current() -> Attribution:
    """Return to whom is attributed what is written now."""
    return _current.get()


class AttributedWrites:
    """Has a connection tell triggers, before the first statement of a transaction that may write (`execute_wrapper`).

    Attributes:
        attribution: what triggers were told of the transaction that is open; None where they were told nothing yet.
    """

    def __init__(self, connection: AttributedConnection) -> None:
        """Take the connection."""
        self._connection = connection
        self.attribution: Attribution | None = None

    def __call__[Bound, Answer](
        self, execute: Execute[Bound, Answer], sql: str, params: Bound, many: bool, context: Context
    ) -> Answer:
        """Run a statement."""
        if self.attribution != _current.get() and self._connection.in_atomic_block and may_write(sql):
            self.attribution = _current.get()  # before it is said, which is a statement, too
            self._connection.tell(self.attribution)
        return execute(sql, params, many, context)


class AttributedConnection(BaseDatabaseWrapper):
    """What the wrappers of both databases have in common."""

    def __init__(self, settings_dict: dict[str, object], alias: str = DEFAULT_DB_ALIAS) -> None:
        """Look at every statement."""
        super().__init__(settings_dict, alias)
        self.writes = AttributedWrites(self)
        self.execute_wrappers.append(self.writes)

    def tell(self, attribution: Attribution) -> None:
        """Tell triggers of the transaction that is open."""
        raise NotImplementedError

    def savepoint_rollback(self, sid: str) -> None:
        """Go back to a savepoint: what was told since is gone with it."""
        super().savepoint_rollback(sid)
        self.writes.attribution = None

    def rollback(self) -> None:
        """End the transaction."""
        self.writes.attribution = None
        super().rollback()

    def commit(self) -> None:
        """End the transaction."""
        super().commit()
        self.writes.attribution = None


def may_write(sql: str) -> bool:
    """Whether a statement may change rows; those of psycopg's own kind do, as far as is known."""
    return not (isinstance(sql, str) and sql.startswith(NO_WRITES))
