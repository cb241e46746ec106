"""What a stream costs that waits, and how soon all clients hear of a write: `make bench-streams`.

Thousands of clients with a browser's headers follow one topic, beside PocketBase with GOMAXPROCS=1. The server has one
core, the clients another. A write is timed from its sending to the moment each client has it.
"""

import argparse
import asyncio
import contextlib
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks import data
from benchmarks.peers import BIN, pocketbase
from benchmarks.serving import CLIENT_CORE, ROOT, Server, free_port, serve

HEADERS = (
    "Host: localhost",
    'sec-ch-ua: "Chromium";v="142", "Not_A Brand";v="99"',
    "sec-ch-ua-mobile: ?0",
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    'sec-ch-ua-platform: "Linux"',
    "Accept-Language: en-US,en;q=0.9,fr;q=0.8",
    "Accept-Encoding: gzip, deflate, br, zstd",
    "Cache-Control: no-cache",
    "Referer: http://localhost/docs",
    "Sec-Fetch-Site: same-origin",
    "Sec-Fetch-Mode: cors",
    "Sec-Fetch-Dest: empty",
)
SOCKET = (
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
)
AT_ONCE = 100
WRITES = 20
SETTLING = 12
"""Seconds after which memory that was freed has gone back to the system."""
LIMITS = {"LIMIT_ANONYMOUS": "off", "LIMIT_ACTOR": "off", "MAX_STREAMS": "100000", "MAX_STREAMS_ADDRESS": "100000"}
MARK = 700_000_000
"""Populations from here on are written by this benchmark, so that clients know its events."""


class Client(asyncio.Protocol):
    """One stream: it waits until it has begun, and then notes when it has which write."""

    def __init__(self, request: bytes, beginning: bytes) -> None:
        self._request, self._beginning = request, beginning
        self.begun: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._head = b""
        self.had: dict[int, float] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the request."""
        self.transport: Any = transport
        self.transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        """Note what has come, and when."""
        now = time.perf_counter()
        if not self.begun.done():
            self._head += data
            if self._beginning in self._head:
                self.begun.set_result(self._head)
                self._head = b""
            return
        place = data.find(b'"population":7000')
        if place >= 0:
            self.had.setdefault(int(data[place + 13 : place + 22]), now)


class Subject(NamedTuple):
    """What is measured.

    Attributes:
        request: opens a stream.
        beginning: what a client has when it has begun.
        subscribe: what it has to do before it is told of anything.
        write: sets the population of the row that all follow.
    """

    name: str
    server: Server
    request: bytes
    beginning: bytes
    write: Callable[[int], None]
    subscribe: Callable[[Client], Awaitable[None]] | None = None


class Figures(NamedTuple):
    """What came of it: KB of each stream, milliseconds until half, 99 in 100 and all clients had a write."""

    name: str
    streams: int
    memory: float
    p50: float
    p99: float
    last: float


async def opened(subject: Subject, streams: int) -> list[Client]:
    """Open streams."""
    loop, port = asyncio.get_running_loop(), int(subject.server.url.rpartition(":")[2])
    clients = list[Client]()
    while len(clients) < streams:
        made = [
            (await loop.create_connection(lambda: Client(subject.request, subject.beginning), "127.0.0.1", port))[1]
            for _ in range(AT_ONCE)
        ]
        await asyncio.wait_for(asyncio.gather(*(client.begun for client in made)), 60)
        if subject.subscribe:
            await asyncio.gather(*map(subject.subscribe, made))
        clients += made
    return clients


async def measure(subject: Subject, streams: int) -> Figures:
    """Open streams, look at the memory, write, and close them."""
    for client in await opened(subject, 2 * AT_ONCE):  # what is loaded with the first ones belongs to none of them
        client.transport.abort()
    await asyncio.to_thread(subject.write, MARK - 1)
    await asyncio.sleep(SETTLING)
    before = subject.server.memory()
    clients = await opened(subject, streams)
    await asyncio.sleep(SETTLING)
    memory = (subject.server.memory() - before) / streams / 1024
    waited = list[float]()
    for number in range(MARK, MARK + WRITES):
        began = time.perf_counter()
        await asyncio.to_thread(subject.write, number)
        while any(number not in client.had for client in clients) and time.perf_counter() - began < 30:
            await asyncio.sleep(0.01)
        waited += [1000 * (client.had.get(number, float("inf")) - began) for client in clients]
        await asyncio.sleep(0.2)
    for client in clients:
        client.transport.abort()
    waited.sort()
    return Figures(subject.name, streams, memory, waited[len(waited) // 2], waited[len(waited) * 99 // 100], waited[-1])


def request_of(path: str, *headers: str) -> bytes:
    """Write the head of a GET."""
    return ("\r\n".join((f"GET {path} HTTP/1.1", *headers, *HEADERS)) + "\r\n\r\n").encode()


def send(method: str, url: str, body: Any, **headers: str) -> Any:
    """Send a request, and return what came back."""
    fields = {"Content-Type": "application/json"} | headers
    with urllib.request.urlopen(
        urllib.request.Request(url, json.dumps(body).encode(), fields, method=method)
    ) as answer:
        text = answer.read()
    return json.loads(text) if text else None


@contextlib.contextmanager
def headwater(database: str) -> Iterator[Server]:
    """Serve Headwater as `serve` does."""
    port = free_port()
    command = [sys.executable, "manage.py", "serve", "--port", str(port)]
    with serve(command, {"DATABASE_URL": database, "ALLOWED_HOSTS": "localhost,127.0.0.1", **LIMITS}, port) as server:
        yield server


def ours(server: Server, key: str) -> Iterator[Subject]:
    """Yield the two transports of a live list."""
    path = "/v1/cities?country=FR&is_capital=true&fields=name,population"

    def write(number: int) -> None:
        send("PATCH", f"{server.url}/v1/cities/2988507", {"population": number}, Authorization=f"Bearer {key}")

    accept = "Accept: text/event-stream"
    yield Subject("Headwater, events", server, request_of(path, accept), b"event: ready", write)
    yield Subject("Headwater, WebSocket", server, request_of(path, *SOCKET), b'"event":"ready"', write)


def theirs(server: Server) -> Subject:
    """Return PocketBase's stream of changes of one collection."""
    identity, password = pocketbase.PERSON
    signed_in = f"{server.url}/api/collections/_superusers/auth-with-password"
    token = send("POST", signed_in, {"identity": identity, "password": password})["token"]

    def write(number: int) -> None:
        url = f"{server.url}/api/collections/cities/records/0002988507"
        send("PATCH", url, {"population": number}, Authorization=token)

    async def subscribe(client: Client) -> None:
        identity = client.begun.result().partition(b'"clientId":"')[2].partition(b'"')[0].decode()
        body = {"clientId": identity, "subscriptions": ["cities/0002988507"]}
        await asyncio.to_thread(send, "POST", f"{server.url}/api/realtime", body)

    request = request_of("/api/realtime", "Accept: text/event-stream")
    return Subject("PocketBase, events", server, request, b"clientId", write, subscribe)


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", help="a SQLite file that is migrated and has Paris; it is copied")
    parser.add_argument("--streams", type=int, nargs="+", default=[1000, 5000])
    parser.add_argument("--ours", action="store_true", help="leave PocketBase out")
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    os.sched_setaffinity(0, {int(CLIENT_CORE)})
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        source = options.database or file_of(stack.enter_context(data.DATABASES["sqlite"]()))
        run(source, Path(folder), options.streams, beside=not options.ours)


def file_of(database: data.Database) -> str:
    """Return the file of a database."""
    return database.url.removeprefix("sqlite:///")


def run(source: str, folder: Path, sizes: Sequence[int], *, beside: bool) -> None:
    """Measure every size, each server on a copy of its own."""
    print(f"{'':24}{'streams':>8}{'KB each':>9}{'p50 ms':>8}{'p99 ms':>8}{'last ms':>9}")
    for streams in sizes:
        for number in range(2):
            url = f"sqlite:///{shutil.copy(source, folder / f'{streams}-{number}.sqlite3')}"
            key = manage(url, "createkey", "bench@example.org", "--staff")
            with headwater(url) as server:
                show(asyncio.run(measure([*ours(server, key)][number], streams)))
        if beside:
            show(of_pocketbase(folder, source, streams))


def manage(database: str, *words: str) -> str:
    """Run a command of `manage.py` on a database, and return what it prints."""
    command = [sys.executable, "manage.py", *words]
    environment = os.environ | {"DATABASE_URL": database}
    return subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def of_pocketbase(folder: Path, source: str, streams: int) -> Figures:
    """Measure PocketBase with the same rows."""
    program = BIN / "pocketbase"
    pocketbase.prepare(program, folder / "pocketbase", source, 2**40)
    port = free_port()
    words = [str(program), "--dir", str(folder / "pocketbase"), "serve", "--http", f"127.0.0.1:{port}"]
    with serve(words, {"GOMAXPROCS": "1"}, port) as server:
        return asyncio.run(measure(theirs(server), streams))


def show(figures: Figures) -> None:
    """Print a line."""
    name, streams, *rest = figures
    memory, p50, p99, last = rest
    print(f"{name:24}{streams:8}{memory:9.1f}{p50:8.0f}{p99:8.0f}{last:9.0f}", flush=True)


if __name__ == "__main__":
    main()
