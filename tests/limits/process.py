"""A real server with its bounds lowered, what it costs, and clients that do not behave."""

import re
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.api.core.server.wire import Wire, connected
from tests.servers.processes import serving

TICKS = 100
"""Of the processor's time, a second (`man 5 proc`; `USER_HZ` is 100 on every Linux there is)."""
LIMITS = {f"LIMIT_{name}": "off" for name in ("ANONYMOUS", "ACTOR", "LOGIN")}


@dataclass(frozen=True)
class Limited:
    """A server that listens."""

    port: int
    pid: int
    log: Path

    def connect(self, seconds: float = 15):
        """Open a connection, every wait on which is bounded."""
        return connected(self.port, seconds)

    def get(self, path: str, *, head: tuple[str, ...] = (), seconds: float = 15):
        """Ask on a connection of its own."""
        with self.connect(seconds) as wire:
            wire.send(f"GET {path} HTTP/1.1", "Host: localhost", "Connection: close", *head)
            return wire.reply()

    @property
    def memory(self) -> int:
        """Return the bytes that are resident."""
        text = Path(f"/proc/{self.pid}/status").read_text()
        return 1024 * int(next(line.split()[1] for line in text.splitlines() if line.startswith("VmRSS")))

    def settle(self) -> None:
        """Wait until the process has done what it does in the background when it begins, and grows no more."""
        before, calm = self.memory, 0
        for _ in range(60):
            time.sleep(0.5)
            calm = calm + 1 if self.memory - before < 2**17 else 0
            before = self.memory
            if calm == 6:
                return

    def grows_less(self, most: int, act: Callable[[], None]) -> bool:
        """Whether a deed leaves the process larger by less than some bytes; it has three tries.

        What a deed makes the server hold, it makes it hold each time. What the server learns when something is done
        for the first time (modules, caches of a thread that had no turn before) it learns once.
        """
        for _ in range(3):
            before = self.memory
            act()
            if self.memory - before < most:
                return True
        return False

    @property
    def processor(self) -> float:
        """Return the seconds of a processor that were used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def logs(self, text: str, seconds: float = 10) -> bool:
        """Whether a text is logged, or comes to be within some seconds."""
        deadline = time.monotonic() + seconds
        while text not in self.log.read_text():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True


@contextmanager
def limited(database: str, folder: Path, **bounds: str) -> Iterator[Limited]:
    """Serve a database until the block ends, with bounds of its own."""
    environment = {"DATABASE_URL": database, "DEBUG": "0", **LIMITS, **bounds}
    with serving(("manage", "serve", "--port", "{port}"), environment, folder) as server:
        yield Limited(server.port, server.process.pid, server.log)


def push(wire: Wire, data: bytes, *, most: int = 2**23, seconds: float = 10) -> int:
    """Send again and again without reading; return the bytes that went off before the other end closed or took no more.

    A second in which nothing is taken is taken for the end.
    """
    wire.socket.settimeout(1)
    sent, deadline = 0, time.monotonic() + seconds
    try:
        while sent < most and time.monotonic() < deadline:
            sent += wire.socket.send(data)
    except OSError:  # closed, or full
        pass
    finally:
        wire.socket.settimeout(15)
    return sent


def goes_on_until_closed(wire: Wire, data: bytes, seconds: float = 10) -> float:
    """Send and send, and return the seconds after which the other end has closed.

    Raises:
        TimeoutError: it has not.
    """
    began = time.monotonic()
    while time.monotonic() < began + seconds:
        try:
            wire.socket.sendall(data)
        except OSError:
            return time.monotonic() - began
        time.sleep(0.02)
    raise TimeoutError(f"Still open after {seconds} seconds")


def unread(port: int) -> socket.socket:
    """Open a connection for which this system keeps as little as it can."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.settimeout(15)
    connection.connect(("127.0.0.1", port))
    return connection


def is_cut_off(connection: socket.socket) -> bool:
    """Whether an answer ends before all that its length promises."""
    found = b""
    with suppress(ConnectionError):
        while piece := connection.recv(2**16):
            found += piece
    head, _, body = found.partition(b"\r\n\r\n")
    return len(body) < int(re.findall(rb"content-length: (\d+)", head)[0])
