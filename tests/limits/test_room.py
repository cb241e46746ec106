"""More connections than there is room for: idle ones make way, and it is always told that the process lives."""

import json
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.limits.process import Limited, limited

MOST = 8
POST = ("POST /v1/trips HTTP/1.1", "Host: localhost", "Content-Length: 100")


@pytest.fixture(scope="module")
def small(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Limited]:
    """Serve few connections, whose time-outs do not help."""
    bounds = {"MAX_CONNECTIONS": str(MOST), "HEAD_TIMEOUT": "600", "BODY_TIMEOUT": "600"}
    with limited(database, tmp_path_factory.mktemp("room"), **bounds) as started:
        yield started


def test_idle_connections_make_way(small: Limited) -> None:
    with ExitStack() as stack:
        crowd = [stack.enter_context(small.connect()) for _ in range(5 * MOST)]
        for _ in range(5):
            assert small.get("/v1/countries").status == 200
        assert crowd[0].closed()
        assert small.logs("no room")


def test_connections_with_half_a_head_make_way_as_well(small: Limited) -> None:
    with ExitStack() as stack:
        for _ in range(5 * MOST):
            stack.enter_context(small.connect()).socket.sendall(b"GET / HT")
        assert small.get("/v1/countries").status == 200


def test_where_all_are_at_work_it_is_told_that_the_process_lives(small: Limited) -> None:
    with ExitStack() as stack:
        crowd = [stack.enter_context(small.connect()) for _ in range(MOST)]
        for connection in crowd:
            connection.send(*POST, body=b"{")
        for _ in range(40):
            assert json.loads(small.get("/livez").body) == {"status": "alive"}
            refused = small.get("/v1/countries")
            assert (refused.status, refused["retry-after"], refused["connection"]) == (503, "1", "close")
        for connection in crowd:
            connection.socket.sendall(b"x" * 99)
            assert connection.reply().status == 401  # who was at work before goes on
    assert small.get("/v1/countries").status == 200
