"""Two servers at one address that are killed at random: at any moment, and right between a commit and its answer.

python -m tests.idempotency.mortals KILLS    prints the port, then a line for each server that was killed
"""

from __future__ import annotations

import os
import random
import signal
import socket
import sys
import threading
import time
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


def main(kills: int) -> None:
    """Keep servers going until so many were killed, and from then on without harm."""
    import api.wsgi  # noqa: F401 - once, for all of them

    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    running = {start(listener) for _ in range(SERVERS)}
    print(listener.getsockname()[1], flush=True)

    def kill() -> None:
        while True:
            time.sleep(random.uniform(*PAUSES))
            os.kill(random.choice(list(running)), signal.SIGKILL)

    threading.Thread(target=kill, daemon=True).start()
    for _ in range(kills):
        dead, _ = os.wait()
        running.discard(dead)
        running.add(start(listener))
        print("killed", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
