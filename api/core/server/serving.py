"""The server process: an address taken before anything else, then uvicorn until a signal ends it.

May refuse: an address that is taken, or that this machine does not have.
"""

import gc
import signal
import socket
import sys
from contextlib import suppress

import uvicorn
from django.conf import settings
from uvicorn.supervisors import Multiprocess

APPLICATION = "api.asgi:application"
BACKLOG = 2048
DESCRIPTORS = 2**15
"""Enough for as many connections as a process takes, and a file beside each."""
MESSAGE = 2**16
"""Bytes of a WebSocket's message: all that a client says is short."""
SECONDS_TO_FINISH = 10
"""The time for requests and streams to end after the signal to stop."""


class AddressError(Exception):
    """Nothing can listen there."""


def take(host: str, port: int) -> socket.socket:
    """Bind an address; nothing is answered there yet.

    Raises:
        AddressError: says why, and what to try instead.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise AddressError(f"Cannot serve on {host}:{port}: {reason}. Try another: PORT={port + 1} make run") from None
    return listener


def serve(listener: socket.socket, workers: int) -> None:
    """Answer at a bound address until SIGINT or SIGTERM, then let what runs end.

    Raises:
        SystemExit: 0 after SIGTERM; uvicorn's code when the application does not start.
        KeyboardInterrupt: after SIGINT.
    """
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
    _raise_descriptors()
    config = uvicorn.Config(
        APPLICATION,
        workers=workers,
        loop="uvloop" if sys.platform != "win32" else "asyncio",
        http="api.core.server.uvicorn:Protocol",
        ws="api.core.server.uvicorn:WebSocketProtocol",
        ws_max_size=MESSAGE,
        ws_per_message_deflate=settings.WEBSOCKET_DEFLATE,
        lifespan="on",
        proxy_headers=False,  # `api.core.http.proxies` reads them, under every server
        server_header=False,
        access_log=False,
        log_config=None,
        log_level="warning",
        timeout_graceful_shutdown=SECONDS_TO_FINISH,
    )
    if workers > 1:
        gc.enable()  # here; each worker does so when it has loaded the application
        Multiprocess(config, sockets=[listener]).run()
    else:
        _serve_here(config, listener)


def _raise_descriptors() -> None:
    """Take the descriptors that the system grants: its lower limit is for programs that call `select`."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        lower, upper = resource.getrlimit(resource.RLIMIT_NOFILE)
        limit = DESCRIPTORS if upper == resource.RLIM_INFINITY else min(upper, DESCRIPTORS)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(lower, limit), upper))


def _serve_here(config: uvicorn.Config, listener: socket.socket) -> None:
    server = uvicorn.Server(config)
    server.run(sockets=[listener])
    if not server.started:
        sys.exit(uvicorn.config.STARTUP_FAILURE)
