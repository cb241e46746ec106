"""A server's side of ASGI in memory, for what no real server does on demand: cancel, stop, send nothing more."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from api.core.server.http import Bridge
from api.core.server.threads import Threads

SCOPE = {
    "type": "http",
    "http_version": "1.1",
    "method": "GET",
    "scheme": "http",
    "path": "/",
    "raw_path": b"/",
    "root_path": "",
    "query_string": b"",
    "headers": [(b"host", b"localhost")],
    "server": ("localhost", 80),
    "client": ("127.0.0.1", 5000),
}
THREADS = 2
NO_BODY = ({"type": "http.request", "body": b"", "more_body": False},)


class Channel:
    """What is received, in order, and then nothing more until `leave`; and what has been sent."""

    def __init__(self, messages: Iterable[dict[str, Any]] = NO_BODY) -> None:
        self.messages = asyncio.Queue()
        self.sent: list[dict[str, Any]] = []
        for message in messages:
            self.messages.put_nowait(message)

    async def receive(self) -> dict[str, Any]:
        return await self.messages.get()

    async def send(self, message: dict[str, Any]) -> None:
        self.sent.append(message)

    def leave(self) -> None:
        self.messages.put_nowait({"type": "http.disconnect"})

    @property
    def status(self) -> int:
        return self.sent[0]["status"]

    @property
    def body(self) -> bytes:
        return b"".join(message["body"] for message in self.sent[1:])


def scope(path: str = "/", **changes: Any) -> dict[str, Any]:
    return SCOPE | {"path": path, "raw_path": path.encode()} | changes


@asynccontextmanager
async def bridge() -> AsyncIterator[tuple[Bridge, AsyncExitStack]]:
    async with AsyncExitStack() as stack:
        threads = Threads(THREADS)
        await stack.enter_async_context(threads.running())
        served = Bridge(threads)
        await stack.enter_async_context(served.serving())
        yield served, stack


async def until(condition) -> None:
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.01)
