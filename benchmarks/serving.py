"""Starts a server on one core and loads it from another: what every benchmark over HTTP shares."""

import contextlib
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SERVER_CORE, CLIENT_CORE = "0", "1"
TICKS = os.sysconf("SC_CLK_TCK")
PAGE_SIZE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Server:
    """A running process, and the processes that it started.

    Attributes:
        url: where it answers.
        pid: its number.
        started: seconds from its start until it listened.
    """

    url: str
    pid: int
    started: float = 0

    def runs(self) -> bool:
        """Whether it has not ended."""
        return Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"

    def cpu_seconds(self) -> float:
        """Return the processor time that all of it has used."""
        return sum(_ticks(pid) for pid in _family(self.pid)) / TICKS

    def memory(self) -> int:
        """Return the bytes that all of it has in memory (RSS)."""
        pages = (Path(f"/proc/{pid}/statm").read_text().split()[1] for pid in _family(self.pid))
        return sum(map(int, pages)) * PAGE_SIZE


def _ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def _family(pid: int) -> Iterator[int]:
    """Yield a process and all below it."""
    yield pid
    for task in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(FileNotFoundError):  # the thread has ended meanwhile
            for child in (task / "children").read_text().split():
                yield from _family(int(child))


@contextlib.contextmanager
def serve(command: Sequence[str], environment: Mapping[str, str], port: int, root: Path = ROOT) -> Iterator[Server]:
    """Run a server that listens on a port of the loopback address, pinned to the server's core."""
    words = ["taskset", "-c", SERVER_CORE, *command]
    begun = time.monotonic()
    process = subprocess.Popen(words, cwd=root, env={**os.environ, **environment}, stdout=subprocess.DEVNULL)
    try:
        wait_for(port, process)
        yield Server(f"http://127.0.0.1:{port}", process.pid, time.monotonic() - begun)
    finally:
        process.terminate()
        process.wait(20)


@contextlib.contextmanager
def uvicorn(application: str, environment: Mapping[str, str], *options: str) -> Iterator[Server]:
    """Serve an application with uvicorn, on a free port."""
    port = free_port()
    ours = ["--http", "api.core.server.uvicorn:Protocol"]
    with serve([*uvicorn_command(application, port), *ours, *options], environment, port) as server:
        yield server


def uvicorn_command(application: str, port: int) -> list[str]:
    """Return the words that start uvicorn at its quickest."""
    fixed = ["--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning"]
    return [sys.executable, "-m", "uvicorn", application, "--port", str(port), *fixed]


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int, process: subprocess.Popen[bytes], seconds: float = 40) -> None:
    """Wait until somebody listens on a port.

    Raises:
        RuntimeError: the process that should has ended.
        TimeoutError: nobody does.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        if process.poll() is not None:
            raise RuntimeError(f"{process.args!r} has ended with {process.returncode}")
        time.sleep(0.02)
    raise TimeoutError(f"Nobody listens on port {port} after {seconds} seconds")


def requests_a_second(url: str, seconds: int, connections: int = 16) -> float:
    """Load a URL with wrk, from the client's core."""
    command = ["taskset", "-c", CLIENT_CORE, "wrk", "-t1", f"-c{connections}", f"-d{seconds}", url]
    report = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if failed := re.search(r"Non-2xx.*|Socket errors.*", report):
        raise RuntimeError(f"{url}: {failed[0]}")
    rate = re.search(r"Requests/sec:\s+([\d.]+)", report)
    if rate is None:
        raise RuntimeError(report)
    return float(rate[1])
