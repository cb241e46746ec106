"""Start and stop: resources in order, and databases that must be in reach."""

import asyncio
import os
import subprocess
import sys
from contextlib import asynccontextmanager

import pytest

from api.core.server.lifespan import Lifespan
from tests.api.core.server.channel import Channel
from tests.servers.processes import ROOT

MESSAGES = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]


def run(*resources):
    """Start and stop; return what was sent."""

    async def story():
        channel = Channel(MESSAGES)
        await Lifespan(resources)({"type": "lifespan"}, channel.receive, channel.send)
        return channel.sent

    return asyncio.run(story())


def resource(name, log, fails=""):
    @asynccontextmanager
    async def opened():
        log.append(f"open {name}")
        if fails == "open":
            raise OSError(f"{name} does not open")
        try:
            yield
        finally:
            log.append(f"close {name}")
        if fails == "close":
            raise OSError(f"{name} does not close")

    return opened


def test_resources_open_in_order_and_close_in_the_opposite_one():
    log = []
    sent = run(resource("a", log), resource("b", log))
    assert sent == [{"type": "lifespan.startup.complete"}, {"type": "lifespan.shutdown.complete"}]
    assert log == ["open a", "open b", "close b", "close a"]


def test_what_does_not_open_stops_the_start_and_closes_what_was_open():
    log = []
    sent = run(resource("a", log), resource("b", log, fails="open"), resource("c", log))
    assert sent == [{"type": "lifespan.startup.failed", "message": "b does not open"}]
    assert log == ["open a", "open b", "close a"]


def test_what_does_not_close_lets_the_others_close():
    log = []
    sent = run(resource("a", log), resource("b", log, fails="close"))
    assert sent[1:] == [{"type": "lifespan.shutdown.failed", "message": "b does not close"}]
    assert log[-1] == "close a"


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("sqlite:////nowhere/at/all.sqlite3", "/nowhere/at/all.sqlite3"),
        ("postgresql://me:secret@127.0.0.1:9/trips", "'trips' (postgresql) at 127.0.0.1:9"),
    ],
)
def test_a_database_out_of_reach_stops_the_server_and_is_named_without_its_password(url, told):
    site = "tests.api.core.server.unreachable"
    command = [sys.executable, "-m", "uvicorn", "tests.api.core.server.served:application", "--port", "0"]
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": site, "UNREACHABLE": url}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 3
    assert told in done.stderr
    assert "DATABASE_URL" in done.stderr
    assert "secret" not in done.stderr
    assert "Traceback" not in done.stderr
