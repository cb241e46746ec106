"""Two servers at one address that are killed at random: at any moment, and right between a commit and its answer.

python -m tests.idempotency.mortals    prints the port, then a line for each server that was killed
"""

from __future__ import annotations

import os
import random
import signal
import socket
import sys
import threading
import time
from contextlib import suppress
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from django.db import connection, connections

SERVERS = 2
AFTER_A_COMMIT = 0.04
"""How often a server kills itself when it has committed, and has told nobody yet."""
PAUSES = (0.05, 0.6)
"""Seconds between other kills."""


class Quiet(WSGIRequestHandler):
    """Answers, and logs nothing."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def serve(listener: socket.socket) -> None:
    """Answer until the end."""
    from api.wsgi import application

    random.seed()
    connections.close_all()
    die_after_commits()
    server = WSGIServer(listener.getsockname(), Quiet, bind_and_activate=False)
    server.socket = listener
    server.server_name, server.server_port = listener.getsockname()
    server.setup_environ()
    server.set_app(application)
    server.serve_forever()


def die_after_commits() -> None:
    """Let commits be the last that a server does, now and then."""
    kind = type(connection._connections[connection._alias])  # type: ignore[attr-defined]
    commit = kind.commit

    def commit_and_die(self: object) -> None:
        commit(self)
        if random.random() < AFTER_A_COMMIT:
            os.kill(os.getpid(), signal.SIGKILL)

    kind.commit = commit_and_die


def start(listener: socket.socket) -> int:
    """Start a server; return its process."""
    child = os.fork()
    if child:
        return child
    try:
        serve(listener)
    finally:
        os._exit(1)


def main() -> None:
    """Keep servers going, until standard input is closed; they end with this process."""
    import api.wsgi  # noqa: F401 - once, for all of them

    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    running = {start(listener) for _ in range(SERVERS)}
    print(listener.getsockname()[1], flush=True)  # noqa: T201 - to the test
    starting = threading.Lock()

    def kill() -> None:
        while True:
            time.sleep(random.uniform(*PAUSES))
            with suppress(OSError, IndexError):
                os.kill(random.choice(list(running)), signal.SIGKILL)

    def end() -> None:
        sys.stdin.read()
        with starting:
            for server in running:
                os.kill(server, signal.SIGKILL)
            os._exit(0)

    for call in (kill, end):
        threading.Thread(target=call, daemon=True).start()
    while True:
        dead, _ = os.wait()
        with starting:
            running.discard(dead)
            running.add(start(listener))
        print("killed", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
