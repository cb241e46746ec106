"""ASGI's three protocols, one handler each, and the threads in which Django answers ordinary requests.

Nothing here knows a route, a resource or a policy: `api/asgi.py` composes these, `api/wsgi.py` uses `handler` alone.
"""

from api.core.server.asgi import Application, Handlers, Receive, Scope, Send

ALIVE = "/livez"
"""The address of the liveness probe: answered as long as anything is."""
LINGERING = "headwater.lingering"
"""The extension of a scope whose server itself drops the rest of a body that was refused (RFC 9112, section 9.6)."""


class ClientLeftError(Exception):
    """The client left before it had its answer."""


def by_type(handlers: Handlers) -> Application:
    """Compose one ASGI application of a handler per protocol.

    Raises (when called): ValueError for a protocol that nobody handles, as the ASGI specification asks.
    """

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and "http" in handlers:
            await handlers["http"](scope, receive, send)
        elif scope["type"] == "websocket" and "websocket" in handlers:
            await handlers["websocket"](scope, receive, send)
        elif scope["type"] == "lifespan" and "lifespan" in handlers:
            await handlers["lifespan"](scope, receive, send)
        else:
            raise ValueError(f"ASGI protocol {scope['type']!r} is not served here; these are: {', '.join(handlers)}")

    return application
