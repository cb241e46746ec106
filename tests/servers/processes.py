"""Servers as real processes: each on a port of its own on the loopback address, ended by its own process id."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 60.0
"""Seconds that a server is given to start, and to end."""


@dataclass(frozen=True)
class Server:
    """A server that listens."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextlib.contextmanager
def serving(command: Sequence[str], environment: Mapping[str, str], folder: Path) -> Iterator[Server]:
    """Run a server until the block ends.

    Args:
        command: what follows `python -m`; `{port}` stands for the port.
        environment: what it is told beside this process's own environment.
        folder: where its log goes, which a failing test may read.
    """
    port = free_port()
    words = [sys.executable, "-m", *(word.format(port=port) for word in command)]
    log = folder / f"{command[0]}-{port}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(words, cwd=ROOT, env=os.environ | environment, stdout=output, stderr=output)
    try:
        _wait(process, port, log)
        yield Server(port, process, log)
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            raise


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"The server ended with {process.returncode}:\n{log.read_text()}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise TimeoutError(f"Nobody listens on port {port}:\n{log.read_text()}")
