"""How answers are found, stored and, when their time is over, forgotten.

Of requests with one key, one goes on and the others wait: on PostgreSQL by an advisory lock of the transaction, on
SQLite since there is one writer at a time (`in_flight` tells them apart from whom else it waits for).
"""

from __future__ import annotations

import time
from contextlib import AbstractContextManager, nullcontext
from typing import NamedTuple

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from resources.core.database.drivers import change, fetch
from resources.core.idempotency import postgresql
from resources.core.idempotency.in_flight import InFlightError, in_flight
from resources.core.idempotency.key import IdempotencyKey

SECONDS_KEPT = 24 * 3600
SECONDS_WAITED = 5
"""For which a repeat waits until the first is answered."""
SECONDS_BETWEEN_STEPS = 10
AT_ONCE = 500
"""Answers that are forgotten in one transaction, so that nobody waits long for it."""

FIND = "SELECT request, answer FROM headwater_answer WHERE id = %s AND expires > %s"
DROP = "DELETE FROM headwater_answer WHERE id = %s AND expires <= %s"
STORE = """INSERT INTO headwater_answer (id, request, answer, expires) VALUES (%s, %s, %s, %s)
ON CONFLICT (id) DO UPDATE SET request = excluded.request, answer = excluded.answer, expires = excluded.expires
WHERE headwater_answer.expires <= %s"""
FORGET = """DELETE FROM headwater_answer WHERE id IN
(SELECT id FROM headwater_answer WHERE expires <= %s ORDER BY expires LIMIT %s)"""


class SealedAnswer(NamedTuple):
    """An answer as it is stored: the fingerprint of its request, and what is sealed."""

    request: bytes
    answer: bytes


def database() -> BaseDatabaseWrapper:
    """Return the connection to where answers are stored: beside what they are about."""
    return connections[DEFAULT_DB_ALIAS]


def waiting(key: IdempotencyKey) -> AbstractContextManager[None]:
    """Wait, before a transaction is begun, until no other request with the key is under way, where this can be known.

    Raises:
        InFlightError: another is still, after `SECONDS_WAITED`.
    """
    connection = database()
    if connection.vendor != "sqlite":
        return nullcontext()
    return in_flight(str(connection.settings_dict["NAME"]), key.digest, SECONDS_WAITED)


def find(key: IdempotencyKey) -> SealedAnswer | None:
    """Return the answer that is stored by a key."""
    rows = fetch(database(), FIND, (key.number, int(time.time())))
    if not rows:
        return None
    request, answer = rows[0]
    assert isinstance(request, bytes) and isinstance(answer, bytes)  # noqa: S101, PT018 - as both drivers give them
    return SealedAnswer(request, answer)


def claim(key: IdempotencyKey, *, wait: bool) -> SealedAnswer | None:
    """Return the answer that is stored by a key.

    Where there is none, nobody else works under the key until the end of the transaction that is open.

    Raises:
        InFlightError: somebody else does, still after `SECONDS_WAITED` where one waits.
    """
    connection = database()
    if connection.vendor != "postgresql":
        return find(key)
    locked = postgresql.lock_and_find(connection, key.number)
    if locked is None:
        if not wait:
            raise InFlightError
        postgresql.wait_for(connection, key.number, SECONDS_WAITED)
        found = find(key)
        if found is None:
            change(connection, DROP, (key.number, int(time.time())))
        return found
    # Whoever had the lock until now may have stored an answer that this statement could not see yet: storing another
    # one fails then, and all is done anew. See `store`.
    for request, answer, expires in locked:
        if expires > time.time():
            return SealedAnswer(request, answer)
        change(connection, DROP, (key.number, int(time.time())))
    return None


def store(key: IdempotencyKey, request: bytes, answer: bytes) -> bool:
    """Store an answer by a key, in the transaction that is open; where one is stored by then, say no: do not commit.

    Args:
        key: by which it will be found.
        request: the fingerprint of the request.
        answer: status, headers and body.
    """
    now, connection = int(time.time()), database()
    sealed = key.seal(answer)
    if postgresql.is_whole(connection):
        postgresql.store_at_commit(connection, key.number, request, sealed, now + SECONDS_KEPT)
        return True
    return change(connection, STORE, (key.number, request, sealed, now + SECONDS_KEPT, now)) == 1


def forget() -> None:
    """Forget the answers whose time is over, in small steps."""
    while True:
        with transaction.atomic(using=database().alias):
            if change(database(), FORGET, (int(time.time()), AT_ONCE)) < AT_ONCE:
                return
