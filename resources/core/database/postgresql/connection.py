"""A connection of psycopg's that sends something along when it begins a transaction, and when it commits one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg import Connection, generators
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus, Format
from psycopg.rows import TupleRow

if TYPE_CHECKING:
    from psycopg.abc import PQGen, QueryNoTemplate
    from psycopg.pq.abc import PGresult

COMMIT, ROLLBACK = b"COMMIT", b"ROLLBACK"


class BeginningConnection(Connection[TupleRow]):
    """A connection whose BEGIN and COMMIT take statements along, which would take round trips of their own.

    Attributes:
        after_begin: the statement that follows upon the next BEGIN; it gives no rows.
        before_commit: the statement before the next COMMIT, which is not done where it fails.
    """

    after_begin: bytes = b""
    before_commit: bytes = b""

    def _exec_command(self, command: QueryNoTemplate, result_format: Format = Format.TEXT) -> PQGen[PGresult | None]:
        """Run a command of psycopg's own, such as BEGIN."""
        statements: list[bytes] = []
        if self._pipeline is None and command is self._begin_statement and self.after_begin:
            statements, self.after_begin = [self._begin_statement, self.after_begin], b""
        elif self._pipeline is None and command == COMMIT and self.before_commit:
            statements = [self.before_commit, COMMIT]
        if command in (COMMIT, ROLLBACK):
            self.before_commit = b""
        if not statements:
            result: PGresult | None = yield from super()._exec_command(command, result_format)
            return result
        yield from self._together(statements)
        return None

    def begin_with(self, query: bytes) -> list[tuple[bytes | None, ...]]:
        """Begin a transaction by a query, and return its rows, as texts."""
        following, self.after_begin = self.after_begin, b""
        statements = [each for each in (self._get_tx_start_command(), following, query) if each]
        with self.lock:
            last = self.wait(self._together(statements))[-1]
        return [tuple(last.get_value(row, column) for column in range(last.nfields)) for row in range(last.ntuples)]

    def _together(self, statements: list[bytes]) -> PQGen[list[PGresult]]:
        """Run statements in one round trip; none after one that fails."""
        self._check_connection_ok()
        self.pgconn.send_query(b"; ".join(statements))
        results: list[PGresult] = yield from generators.execute(self.pgconn)
        for each in results:
            if each.status not in (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK):
                raise error_from_result(each, encoding="utf-8")
        return results
