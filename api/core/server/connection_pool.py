"""The pool of connections to PostgreSQL: dead connections are recognised, and not waited for."""

from __future__ import annotations

import select
import time
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.abc import PQGen

SECONDS_TRUSTED = 1.0
"""Seconds for which a connection that has answered is not checked again."""

_answered: WeakKeyDictionary[Connection[object], float] = WeakKeyDictionary()


def check(connection: Connection[object]) -> None:
    """Check a connection that is about to be used (`check` of psycopg's pool).

    A server that ends says so or hangs up, and either can be heard without asking. To ask takes as long as a small
    query, so it is done only after something was heard, or when the last answer is a while ago.

    Raises:
        psycopg.OperationalError: the connection is of no use; the pool makes another.
    """
    from psycopg_pool import ConnectionPool

    now = time.monotonic()
    if now - _answered.get(connection, 0.0) > SECONDS_TRUSTED or _speaks(connection.fileno()):
        ConnectionPool.check_connection(connection)
        _answered[connection] = now


def connection_class(seconds: float | None) -> type[Connection]:
    """Return the class of connections that wait so long for any answer of the server, and are then given up.

    A server that does not run, or that the network has lost, ends no statement by its own `statement_timeout`.

    Args:
        seconds: None for as long as it takes.
    """
    from psycopg import OperationalError
    from psycopg.pq import TransactionStatus

    from resources.core.database.postgresql.connection import BeginningConnection

    if seconds is None:
        return BeginningConnection

    class BoundedConnection(BeginningConnection):
        """One connection."""

        def wait[Value](self, gen: PQGen[Value], interval: float = 0.1, timeout: float | None = seconds) -> Value:
            """Wait for an answer.

            Raises:
                psycopg.OperationalError: there was none in time; the connection is closed, as one may still come.
            """
            try:
                return super().wait(gen, interval, timeout)
            except OperationalError:
                if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                    self.close()
                raise

    return BoundedConnection


def _speaks(descriptor: int) -> bool:
    """Whether there is something to be read from a socket, be it that it was closed."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))
