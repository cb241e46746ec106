"""A server that is told to stop: what is under way ends well, what has no end is ended."""

import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.api.core.server.conftest import in_journal, site_served


@pytest.fixture
def server(tmp_path: Path):
    with site_served(tmp_path) as server:
        yield server


def test_a_request_under_way_is_answered(server):
    with ThreadPoolExecutor(1) as pool, httpx.Client(base_url=server.url) as client:
        answer = pool.submit(httpx.get, f"{server.url}/slow?seconds=1&name=last", timeout=10)
        assert in_journal(client, "begun last")
        server.process.send_signal(signal.SIGTERM)
        assert answer.result().text == "slow"
    assert server.process.wait(10) in (0, -signal.SIGTERM)


def test_a_stream_without_end_is_ended(server):
    with httpx.Client(base_url=server.url) as client, client.stream("GET", "/ticks") as stream:
        lines = stream.iter_lines()
        next(lines)
        server.process.send_signal(signal.SIGTERM)
        with pytest.raises(httpx.RemoteProtocolError):
            list(lines)
    server.process.wait(10)
    assert "Application shutdown complete" in server.log.read_text()
