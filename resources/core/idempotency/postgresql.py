"""Answers on PostgreSQL: an advisory lock for each key, asked for with BEGIN, and answers stored with COMMIT.

Both would take round trips of their own, half as long as all of a short write. Where a transaction has begun already,
or is part of another, they do.
"""

from __future__ import annotations

from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper

from resources.core.idempotency.in_flight import InFlightError

FIND = """SELECT pg_try_advisory_xact_lock({number}), a.request, a.answer, a.expires
FROM (SELECT 1) AS always LEFT JOIN headwater_answer AS a ON a.id = {number}"""
STORE = "INSERT INTO headwater_answer (id, request, answer, expires) VALUES ({}, {}, {}, {})"
NOT_AVAILABLE = "55P03"
"""PostgreSQL's code for `lock_not_available` (its appendix A)."""

type Row = tuple[bytes, bytes, int]
"""Of a stored answer: the fingerprint of its request, what is sealed, and when it expires."""


def is_whole(connection: BaseDatabaseWrapper) -> bool:
    """Whether the transaction that is open is committed when its block ends, on PostgreSQL."""
    return connection.vendor == "postgresql" and len(connection.atomic_blocks) == 1 and not connection.queries_logged


def lock_and_find(connection: BaseDatabaseWrapper, number: int) -> list[Row] | None:
    """Lock a key until the end of the transaction, and return what is stored by it; None where somebody else has it."""
    sql = FIND.format(number=number)
    if is_whole(connection) and _has_not_begun(connection):
        with connection.wrap_database_errors:
            [(locked, request, answer, expires)] = connection.connection.begin_with(sql.encode())
        if locked != b"t":
            return None
        return [] if expires is None else [(_bytes(request), _bytes(answer), int(expires))]
    with connection.cursor() as cursor:
        cursor.execute(sql)
        [(locked, request, answer, expires)] = cursor.fetchall()
    if not locked:
        return None
    return [] if expires is None else [(bytes(request), bytes(answer), expires)]


def wait_for(connection: BaseDatabaseWrapper, number: int, seconds: float) -> None:
    """Wait for the lock of a key.

    Raises:
        InFlightError: it is not free after so many seconds.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, TRUE)", [f"{round(seconds * 1000)}ms"])
        try:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", None) == NOT_AVAILABLE:
                raise InFlightError from error
            raise
        cursor.execute("SET LOCAL lock_timeout TO DEFAULT")


def store_at_commit(connection: BaseDatabaseWrapper, number: int, request: bytes, answer: bytes, expires: int) -> None:
    """Store an answer when the transaction is committed; where one is stored by then, that fails, and nothing is."""
    sql = STORE.format(number, _literal(request), _literal(answer), expires)
    connection.connection.before_commit = sql.encode()


def _has_not_begun(connection: BaseDatabaseWrapper) -> bool:
    from psycopg.pq import TransactionStatus

    connection.ensure_connection()
    return bool(connection.connection.info.transaction_status == TransactionStatus.IDLE)


def _literal(value: bytes) -> str:
    return f"'\\x{value.hex()}'::bytea"


def _bytes(text: bytes) -> bytes:
    """Read a bytea as PostgreSQL writes it (`bytea_output` hex)."""
    return bytes.fromhex(text[2:].decode())
