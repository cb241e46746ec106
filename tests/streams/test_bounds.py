"""How many streams one may have, and a process."""

import socket
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from tests.live import live

EVENTS = {"Accept": "text/event-stream"}


def opened(port: int, path: str) -> socket.socket:
    """Open a stream whose client takes as little as its system allows."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect(("127.0.0.1", port))
    client.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n".encode())
    assert client.recv(4096).startswith(b"HTTP/1.1 200")
    return client


def test_there_are_not_more_than_one_may_have(new_database: Callable[..., str], tmp_path: Path):
    with live(new_database(), tmp_path, MAX_STREAMS_ADDRESS="2", MAX_STREAMS_ACTOR="3", MAX_STREAMS="4") as server:
        port = int(server.url.rpartition(":")[2])
        mine = [opened(port, "/v1/cities?limit=1") for _ in range(2)]
        refused = httpx.get(f"{server.url}/v1/cities?limit=1", headers=EVENTS)
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "5")
        assert "2 streams" in refused.json()["detail"]
        mine.pop().close()
        mine.append(_soon(lambda: opened(port, "/v1/cities?limit=1")))
        key = {"Authorization": f"Bearer {server.keys['owner']}"}
        with (
            httpx.stream("GET", f"{server.url}/v1/trips", headers=EVENTS | key) as one,
            httpx.stream("GET", f"{server.url}/v1/trips", headers=EVENTS | key) as other,
        ):
            assert one.status_code == other.status_code == 200
            full = httpx.get(f"{server.url}/v1/trips", headers=EVENTS | key)
            assert (full.status_code, full.json()["type"].rpartition("/")[2]) == (503, "unavailable")


def test_live_lists_have_not_more_rows_than_one_may_have(new_database: Callable[..., str], tmp_path: Path):
    with live(new_database(), tmp_path, MAX_LIVE_ROWS="100") as server:  # of which 20 are for each
        port = int(server.url.rpartition(":")[2])
        mine = [opened(port, f"/v1/cities?limit={limit}") for limit in (1, 2)]
        mine.append(opened(port, "/v1/cities?limit=2"))  # which there is
        refused = httpx.get(f"{server.url}/v1/cities?limit=3", headers=EVENTS)
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "5")
        key = {"Authorization": f"Bearer {server.keys['owner']}"}
        with httpx.stream("GET", f"{server.url}/v1/trips", headers=EVENTS | key) as another:
            assert another.status_code == 200
        mine.pop(0).close()
        mine.append(_soon(lambda: opened(port, "/v1/cities?limit=3")))


def _soon(call: Callable[[], socket.socket]) -> socket.socket:
    """Try again for a while: a client's leaving is heard a moment later."""
    for _ in range(50):
        try:
            return call()
        except AssertionError:
            time.sleep(0.1)
    return call()
