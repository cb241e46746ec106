"""Streams under every ASGI server: told when to come back, and ended in time, when the server is to stop."""

import time
from collections.abc import Callable
from pathlib import Path

import httpx
import msgspec
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.servers.conftest import ENVIRONMENT
from tests.servers.processes import serving
from tests.servers.servers import SERVERS
from tests.streams.receiver import receiving

ASGI = [name for name, line in SERVERS.items() if "api.asgi:application" in line.command and not line.http2]
WSGI = [name for name, line in SERVERS.items() if "api.wsgi:application" in line.command and not line.http2]
IN_TIME = 8.0
"""Seconds for a server to end; those that wait for their clients would wait for ever."""


@pytest.mark.parametrize("name", ASGI)
def test_streams_end_in_order_when_the_server_stops(name: str, new_database: Callable[..., str], tmp_path: Path):
    database = new_database(filled=True)
    environment = ENVIRONMENT | {"DATABASE_URL": database, "ALLOWED_HOSTS": "localhost,127.0.0.1"}
    with serving(SERVERS[name].command, environment, tmp_path) as server:
        list_ = f"{server.url}/v1/cities?country=FR&limit=2&fields=name"
        socket = connect(list_.replace("http", "ws"))
        with receiving(list_) as stream, socket:
            assert len(stream.until_ready()) == 2
            assert [msgspec.json.decode(socket.recv(10))["event"] for _ in range(2)] == ["snapshot", "ready"]
            began = time.monotonic()
            server.process.terminate()
            ended = stream.next("end")
            assert ended["reason"] == "restarting"
            assert 0.4 < ended["retry_after"] < 4.1
            assert stream.has_ended()
            assert msgspec.json.decode(socket.recv(10))["data"]["reason"] == "restarting"
            with pytest.raises(ConnectionClosed) as closed:
                socket.recv(10)
            if "granian" not in name:  # 2.8.7 ends before it sends the close frame
                assert closed.value.rcvd is not None
                assert closed.value.rcvd.code == 4503
        server.process.wait(IN_TIME)
        assert time.monotonic() - began < IN_TIME
    log = server.log.read_text()
    assert "Traceback" not in log, log


@pytest.mark.parametrize("name", WSGI)
def test_a_wsgi_server_says_that_it_has_no_streams(name: str, new_database: Callable[..., str], tmp_path: Path):
    environment = ENVIRONMENT | {"DATABASE_URL": new_database(filled=True), "ALLOWED_HOSTS": "localhost,127.0.0.1"}
    with serving(SERVERS[name].command, environment, tmp_path) as server:
        answer = httpx.get(f"{server.url}/v1/cities", headers={"Accept": "text/event-stream"}, timeout=30)
        assert (answer.status_code, answer.headers["Content-Type"]) == (406, "application/problem+json")
        assert "ASGI" in answer.json()["detail"]
