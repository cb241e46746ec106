"""The servers that the API is served by in the suite: a command line each, and what it is known to do its own way."""

from dataclasses import dataclass

UVICORN = "api.core.server.uvicorn:Protocol"


@dataclass(frozen=True)
class Line:
    """One way to serve.

    Attributes:
        command: what follows `python -m`.
        http2: whether the client speaks HTTP/2 to it, without TLS ("prior knowledge", RFC 9113, section 3.3).
    """

    command: tuple[str, ...]
    http2: bool = False

    def __init__(self, command: str, *, http2: bool = False) -> None:
        object.__setattr__(self, "command", tuple(command.split()))
        object.__setattr__(self, "http2", http2)


REFERENCE = "uvicorn"
SERVERS = {
    "uvicorn": Line(f"uvicorn api.asgi:application --port {{port}} --loop uvloop --http {UVICORN}"),
    "uvicorn, h11 and asyncio": Line("uvicorn api.asgi:application --port {port} --loop asyncio --http h11"),
    "granian, ASGI": Line("granian api.asgi:application --interface asgi --port {port}"),
    "granian, ASGI, HTTP/2": Line("granian api.asgi:application --interface asgi --port {port} --http 2", http2=True),
    "granian, WSGI": Line("granian api.wsgi:application --interface wsgi --port {port}"),
    "granian, WSGI, HTTP/2": Line("granian api.wsgi:application --interface wsgi --port {port} --http 2", http2=True),
    "hypercorn": Line("hypercorn api.asgi:application --bind 127.0.0.1:{port}"),
    "hypercorn, HTTP/2": Line("hypercorn api.asgi:application --bind 127.0.0.1:{port}", http2=True),
    "daphne": Line("daphne api.asgi:application --bind 127.0.0.1 --port {port}"),
    "gunicorn, WSGI": Line("gunicorn api.wsgi:application --bind 127.0.0.1:{port}"),
    "gunicorn, WSGI, threads": Line("gunicorn api.wsgi:application --bind 127.0.0.1:{port} --threads 2"),
    "gunicorn, ASGI": Line("gunicorn api.asgi:application --bind 127.0.0.1:{port} --worker-class asgi"),
    "waitress": Line("waitress --host 127.0.0.1 --port {port} api.wsgi:application"),
}
