"""Do slow clients slow down the others? Latency of ordinary requests, alone and beside a crowd of slow clients.

    python -m benchmarks.slow_clients [REQUESTS] [CROWD]

CROWD clients upload a body that trickles, and as many read an export that they hardly take. Needs two cores: the server
on one, all clients on the other. The data is made in a folder of its own and thrown away.
"""

import asyncio
import http.client
import itertools
import multiprocessing
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from statistics import quantiles
from urllib.parse import urlsplit

from benchmarks.serving import CLIENT_CORE, ROOT, Server, uvicorn

ITEM = "/v1/cities/2988507"
EXPORT = "/v1/cities"
PAUSE = 0.2
"""Seconds between two bytes of an upload, or two gulps of an export."""


def environment(folder: str) -> dict[str, str]:
    """Return the environment of a server with the sample data, which is loaded here."""
    settings = {"DATABASE_URL": f"sqlite:///{folder}/benchmark.sqlite3", "LIMIT_ANONYMOUS": "off"}
    for command in ("migrate", "load"):
        words = [sys.executable, "manage.py", command]
        subprocess.run(words, cwd=ROOT, env={**os.environ, **settings}, check=True, capture_output=True)
    return settings


def latencies(url: str, requests: int) -> list[float]:
    """Return the milliseconds of requests for an item, one after the other on one connection."""
    place = urlsplit(url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port)
    times = []
    for _ in range(requests):
        begun = time.perf_counter()
        connection.request("GET", ITEM)
        answer = connection.getresponse()
        answer.read()
        times.append((time.perf_counter() - begun) * 1e3)
        if answer.status != 200:
            raise RuntimeError(f"{ITEM} answered {answer.status}")
    return times


async def upload(port: int) -> None:
    """Begin a body of a megabyte, and send a byte of it now and then."""
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"POST /v1/trips HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000000\r\n\r\n{")
    while True:
        await asyncio.sleep(PAUSE)
        writer.write(b" ")


async def sip(port: int) -> None:
    """Ask for a whole collection, and take a little of it now and then."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # or the kernel would read ahead for us
    connection.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(connection, ("127.0.0.1", port))
    await loop.sock_sendall(
        connection, b"GET %b HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/csv\r\n\r\n" % EXPORT.encode()
    )
    while await loop.sock_recv(connection, 256):
        await asyncio.sleep(PAUSE)


def crowd(port: int, size: int) -> None:
    """Be slow, `size` times in each way, until ended."""

    async def together() -> None:
        await asyncio.gather(*itertools.chain.from_iterable((upload(port), sip(port)) for _ in range(size)))

    asyncio.run(together())


@contextmanager
def beside(port: int, size: int) -> Iterator[None]:
    """Keep a crowd in a process of its own, and let it settle."""
    process = multiprocessing.Process(target=crowd, args=(port, size))
    process.start()
    time.sleep(10)
    try:
        if not process.is_alive():
            raise RuntimeError("The crowd has ended: no slow client is left")
        yield
    finally:
        process.terminate()
        process.join()


def show(name: str, times: list[float]) -> None:
    """Print the median and the 99th percentile."""
    cuts = quantiles(times, n=100)
    print(f"{name:44} p50 {cuts[49]:6.2f} ms   p99 {cuts[98]:6.2f} ms")


def measure(server: Server, requests: int, size: int) -> None:
    """Measure alone, beside the crowd, and alone again, to see what the machine itself does meanwhile."""
    port = urlsplit(server.url).port or 0
    latencies(server.url, 100)
    show("alone", latencies(server.url, requests))
    with beside(port, size):
        show(f"beside {size} slow uploads, {size} slow readers", latencies(server.url, requests))
    time.sleep(1)
    show("alone again", latencies(server.url, requests))


def main(requests: int = 3000, size: int = 100) -> None:
    """Make the data, serve it, measure."""
    os.sched_setaffinity(0, {int(CLIENT_CORE)})
    with tempfile.TemporaryDirectory() as folder:
        settings: Mapping[str, str] = environment(folder)
        with uvicorn("api.asgi:application", settings, "--timeout-graceful-shutdown", "2") as server:
            measure(server, requests, size)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
