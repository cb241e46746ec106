"""The small site of `site.py`, served by a real uvicorn in a process of its own."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

import httpx
import pytest

from tests.api.core.server.wire import Wire, connected
from tests.servers.processes import Server, serving

UVICORN = (
    "uvicorn",
    "tests.api.core.server.served:application",
    "--port",
    "{port}",
    "--loop",
    "uvloop",
    "--http",
    "api.core.server.uvicorn:Protocol",
)
SITE = {"DJANGO_SETTINGS_MODULE": "tests.api.core.server.site"}


def site_served(folder: Path, **settings: str) -> AbstractContextManager[Server]:
    """Serve the site until the block ends."""
    environment = SITE | {"SITE_DATABASE": str(folder / "site.sqlite3")} | settings
    return serving([*UVICORN, "--timeout-graceful-shutdown", "3"], environment, folder)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with site_served(tmp_path_factory.mktemp("site")) as server:
        yield server


@pytest.fixture
def client(site: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=site.url, timeout=60) as client:
        yield client


@pytest.fixture
def wire(site: Server) -> Callable[[], AbstractContextManager[Wire]]:
    """Open connections to the site: `with wire() as connection`."""
    return partial(connected, site.port)


def in_journal(client: httpx.Client, text: str, seconds: float = 60) -> bool:
    """Whether the site has written a text down, or does within some seconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if text in client.get("/journal").text:
            return True
        time.sleep(0.05)
    return False
