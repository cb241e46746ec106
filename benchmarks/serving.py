"""Starts a server on one core and loads it from another: what every benchmark over HTTP shares."""

import contextlib
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SERVER_CORE, CLIENT_CORE = "0", "1"
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Server:
    """A running process."""

    url: str
    pid: int

    def cpu_seconds(self) -> float:
        """Return the processor time it has used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS


@contextlib.contextmanager
def uvicorn(application: str, environment: Mapping[str, str], *options: str) -> Iterator[Server]:
    """Serve an application on a free port of the loopback address, pinned to the server's core."""
    port = free_port()
    command = ["taskset", "-c", SERVER_CORE, sys.executable, "-m", "uvicorn", application, "--port", str(port)]
    ours = ["--loop", "uvloop", "--http", "api.core.protocols.uvicorn:Protocol"]
    fixed = [*ours, "--no-access-log", "--log-level", "warning"]
    process = subprocess.Popen([*command, *fixed, *options], cwd=ROOT, env={**os.environ, **environment})
    try:
        wait_for(port)
        yield Server(f"http://127.0.0.1:{port}", process.pid)
    finally:
        process.terminate()
        process.wait(20)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int, seconds: float = 20) -> None:
    """Wait until somebody listens on a port."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
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
