"""How kept answers are found, stored and, when their time is over, forgotten.

Of requests with one key, one goes on and the others wait: on PostgreSQL by an advisory lock of the transaction, on
SQLite since there is one writer at a time (`in_flight` tells them apart from whom else it waits for).
"""

from __future__ import annotations

import time
from contextlib import AbstractContextManager, nullcontext
from typing import NamedTuple

from django.db import DEFAULT_DB_ALIAS, OperationalError, connections, router, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from resources.core.database.drivers import change, fetch
from resources.core.idempotency.in_flight import InFlightError, in_flight
from resources.core.idempotency.key import IdempotencyKey
from resources.core.idempotency.models import KeptAnswer

SECONDS_KEPT = 24 * 3600
SECONDS_WAITED = 5
"""For which a repeat waits until the first is answered."""
SECONDS_BETWEEN_STEPS = 10
AT_ONCE = 500
"""Answers that are forgotten in one transaction, so that nobody waits long for it."""

FIND = "SELECT request, answer FROM headwater_answer WHERE digest = %s AND expires > %s"
LOCK_AND_FIND = f"""SELECT pg_try_advisory_xact_lock(%s), kept.request, kept.answer
FROM (SELECT 1) AS always LEFT JOIN ({FIND}) AS kept ON TRUE"""  # noqa: S608 - both are constants
STORE = """INSERT INTO headwater_answer (digest, request, answer, expires) VALUES (%s, %s, %s, %s)
ON CONFLICT (digest) DO UPDATE SET request = excluded.request, answer = excluded.answer, expires = excluded.expires
WHERE headwater_answer.expires <= %s"""
FORGET = """DELETE FROM headwater_answer WHERE digest IN
(SELECT digest FROM headwater_answer WHERE expires <= %s ORDER BY expires LIMIT %s)"""
NOT_AVAILABLE = "55P03"
"""PostgreSQL's code for `lock_not_available` (its appendix A)."""


class Kept(NamedTuple):
    """A kept answer: the fingerprint of its request, and what is sealed."""

    request: bytes
    answer: bytes


def database() -> BaseDatabaseWrapper:
    """Return the connection to where answers are kept: beside what they are about."""
    return connections[router.db_for_write(KeptAnswer) or DEFAULT_DB_ALIAS]


def waiting(key: IdempotencyKey, *, wait: bool) -> AbstractContextManager[None]:
    """Wait, before a transaction is begun, until no other request with the key is under way, where this can be known.

    Raises:
        InFlightError: another is, still after `SECONDS_WAITED` where one waits.
    """
    connection = database()
    if connection.vendor != "sqlite":
        return nullcontext()
    return in_flight(str(connection.settings_dict["NAME"]), key.digest, SECONDS_WAITED if wait else 0)


def find(key: IdempotencyKey) -> Kept | None:
    """Return the answer that is kept by a key."""
    rows = fetch(database(), FIND, (key.digest, int(time.time())))
    return _kept(*rows[0]) if rows else None


def claim(key: IdempotencyKey, *, wait: bool) -> Kept | None:
    """Return the answer that is kept by a key.

    Where there is none, nobody else works under the key until the end of the transaction that is open.

    Raises:
        InFlightError: somebody else does, still after `SECONDS_WAITED` where one waits.
    """
    connection = database()
    if connection.vendor != "postgresql":
        return find(key)
    lock = int.from_bytes(key.digest[:8], signed=True)
    [(locked, request, answer)] = fetch(connection, LOCK_AND_FIND, (lock, key.digest, int(time.time())))
    if locked:
        # Whoever had the lock until now may have stored an answer that this statement could not see yet: storing
        # another one fails then, and all is done anew. See `store`.
        return None if request is None else _kept(request, answer)
    if not wait:
        raise InFlightError
    _wait_for(connection, lock)
    return find(key)


def _wait_for(connection: BaseDatabaseWrapper, lock: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, TRUE)", [f"{round(SECONDS_WAITED * 1000)}ms"])
        try:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock])
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", None) == NOT_AVAILABLE:
                raise InFlightError from error
            raise
        cursor.execute("SET LOCAL lock_timeout TO DEFAULT")


def store(key: IdempotencyKey, request: bytes, answer: bytes) -> bool:
    """Keep an answer by a key, in the transaction that is open; say whether none was kept by then.

    Args:
        key: by which it will be found.
        request: the fingerprint of the request.
        answer: status, headers and body.
    """
    now = int(time.time())
    params = (key.digest, request, key.seal(answer), now + SECONDS_KEPT, now)
    return change(database(), STORE, params) == 1


def forget() -> None:
    """Forget the answers whose time is over, in small steps."""
    while True:
        with transaction.atomic(using=database().alias):
            if change(database(), FORGET, (int(time.time()), AT_ONCE)) < AT_ONCE:
                return


def _kept(request: object, answer: object) -> Kept:
    assert isinstance(request, bytes | memoryview)  # noqa: S101 - as the drivers give them
    assert isinstance(answer, bytes | memoryview)  # noqa: S101 - as above
    return Kept(bytes(request), bytes(answer))
