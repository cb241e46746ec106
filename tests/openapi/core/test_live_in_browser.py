"""A live list in a real browser, by its own `EventSource` and `WebSocket`: a write in one window appears in another."""

import os
from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.live import Live, live
from tests.openapi.browser import CHROMIUM, DRIVER, MISSING, browsing

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not (CHROMIUM and DRIVER), reason=MISSING),
    pytest.mark.skipif(os.environ["DATABASE_URL"].startswith("postgres"), reason="the browser asks for no database"),
]
PARIS = "/v1/cities/2988507"
FOLLOW = """
window.told = [];
const tell = (name) => (event) => window.told.push([name, JSON.parse(event.data), event.lastEventId]);
const source = new EventSource("/v1/cities?country=FR&is_capital=true&fields=name");
for (const name of ["snapshot", "ready", "enter", "change", "leave"]) source.addEventListener(name, tell(name));
"""
FOLLOW_BY_SOCKET = """
window.told = [];
const origin = location.origin.replace("http", "ws");
const socket = new WebSocket(origin + "/v1/cities?country=FR&is_capital=true&fields=name");
socket.onmessage = (message) => { const said = JSON.parse(message.data); window.told.push([said.event, said.data]); };
"""
TOLD = "return window.told.filter(([name]) => name !== 'heartbeat')"


@pytest.fixture(scope="module")
def server(new_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with live(new_database(), tmp_path_factory.mktemp("live")) as server:
        yield server


@pytest.mark.parametrize("script", [FOLLOW, FOLLOW_BY_SOCKET], ids=["EventSource", "WebSocket"])
def test_a_write_in_one_window_appears_in_the_other(server: Live, script: str):
    with browsing() as one, browsing() as other:
        for window in (one, other):
            window.chrome.get(f"{server.url}/docs")
        one.chrome.execute_script(script)
        one.until(lambda: len(one.chrome.execute_script(TOLD)) == 2)
        write = "fetch(arguments[0], {method: 'PATCH', headers: arguments[1], body: arguments[2]})"
        headers = {"Authorization": f"Bearer {server.keys['staff']}", "Content-Type": "application/json"}
        for name in ("Lutetia", "Paris"):
            other.chrome.execute_script(write, PARIS, headers, f'{{"name": "{name}"}}')
            one.until(lambda name=name: one.chrome.execute_script(TOLD)[-1][1].get("name") == name)
        assert [event[0] for event in one.chrome.execute_script(TOLD)] == ["snapshot", "ready", "change", "change"]
        assert httpx.get(server.url + PARIS).json()["name"] == "Paris"
