"""A connection of the pool that has died is told without asking each one each time."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from api.core.server.connection_pool import check, connection_class

psycopg = pytest.importorskip("psycopg")
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no pool of connections"),
]


@pytest.fixture
def pool() -> Iterator[Any]:
    from psycopg_pool import ConnectionPool

    given = connection.get_connection_params()
    words = {name: given[name] for name in ("dbname", "user", "password", "host", "port") if given.get(name)}
    with ConnectionPool(kwargs=words | {"autocommit": True}, min_size=1, max_size=1, check=check) as pool:
        yield pool


def asked(pid: int) -> Any:
    """Return when a connection was last asked something."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot(), query_start FROM pg_stat_activity WHERE pid = %s", [pid])
        found = cursor.fetchone()
    return found and found[1]


def test_one_that_has_answered_is_not_asked_again_at_once(pool: Any) -> None:
    with pool.connection() as first:
        pid = first.info.backend_pid
    before = asked(pid)
    with pool.connection() as second:
        assert second.info.backend_pid == pid
    assert asked(pid) == before


def test_one_that_was_silent_for_a_while_is_asked(pool: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with pool.connection() as first:
        pid = first.info.backend_pid
    before = asked(pid)
    monkeypatch.setattr("api.core.server.connection_pool.SECONDS_TRUSTED", 0.0)
    with pool.connection():
        assert asked(pid) > before


def test_one_that_the_server_has_ended_is_replaced(pool: Any) -> None:
    with pool.connection() as first:
        pid = first.info.backend_pid
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 10000)", [pid])
    with pool.connection() as second:
        assert second.info.backend_pid != pid
        assert second.execute("SELECT 1").fetchone() == (1,)


def test_a_server_that_does_not_answer_in_time_is_given_up():
    with connection_class(0.2).connect(**connection.get_connection_params()) as raw:
        with pytest.raises(psycopg.OperationalError):
            raw.execute("SELECT pg_sleep(2)")
        assert raw.closed


def test_an_error_that_was_answered_leaves_the_connection():
    with connection_class(5).connect(**connection.get_connection_params(), autocommit=True) as raw:
        with pytest.raises(psycopg.OperationalError):
            raw.execute("SET statement_timeout = 10; SELECT pg_sleep(2)")
        assert raw.execute("SELECT 1").fetchone() == (1,)
