"""A connection of psycopg's that sends something along when it begins a transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg import Connection, generators
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus, Format
from psycopg.rows import TupleRow

if TYPE_CHECKING:
    from psycopg.abc import PQGen, QueryNoTemplate
    from psycopg.pq.abc import PGresult


class BeginningConnection(Connection[TupleRow]):
    """A connection whose BEGIN takes a statement along, which would take a round trip of its own.

    Attributes:
        after_begin: the statement that follows upon the next BEGIN; it gives no rows.
    """

    after_begin: bytes = b""

    def _exec_command(self, command: QueryNoTemplate, result_format: Format = Format.TEXT) -> PQGen[PGresult | None]:
        """Run a command of psycopg's own, such as BEGIN."""
        if not self.after_begin or command is not self._begin_statement or self._pipeline is not None:
            result: PGresult | None = yield from super()._exec_command(command, result_format)
            return result
        self._check_connection_ok()
        self.pgconn.send_query(self._begin_statement + b"; " + self.after_begin)
        self.after_begin = b""
        results = yield from generators.execute(self.pgconn)
        for each in results:
            if each.status != ExecStatus.COMMAND_OK:
                raise error_from_result(each, encoding="utf-8")
        return None
