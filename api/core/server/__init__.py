"""ASGI's three protocols, one handler each, and the threads in which Django answers ordinary requests.

Nothing here knows a route, a resource or a policy: `api/asgi.py` composes these, `api/wsgi.py` uses `handler` alone.
"""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

ALIVE = "/livez"
"""Where it is asked whether the process lives: answered as long as anything is."""
LINGERING = "headwater.lingering"
"""The extension of a scope whose server itself drops the rest of a body that was refused (RFC 9112, section 9.6)."""


class ClientLeftError(Exception):
    """The client left before it had its answer."""


def by_type(handlers: Mapping[str, Application]) -> Application:
    """Compose one ASGI application of a handler per protocol.

    Raises (when called): ValueError for a protocol that nobody handles, as the ASGI specification asks.
    """

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        handler = handlers.get(scope["type"])
        if handler is None:
            raise ValueError(f"ASGI protocol {scope['type']!r} is not served here; these are: {', '.join(handlers)}")
        await handler(scope, receive, send)

    return application
