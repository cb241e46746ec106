"""ASGI's protocol `websocket`: refused in the way of HTTP, since no resource offers it."""

import io

from api.core.server.answer import problem_answer
from api.core.server.asgi import HTTPScope, Receive, Send, WebSocketScope
from api.core.server.environ import environ
from serializers.core.problems import problem

NOT_HERE = problem("not-found", "No WebSocket is offered here.")
CLOSE_CODE = 4404
"""Private use (RFC 6455, section 7.4.2), after 404. Before the handshake ends, a server says 403 in its place."""


async def refuse(scope: WebSocketScope, receive: Receive, send: Send) -> None:
    """Answer the handshake with a problem, where the server can (`websocket.http.response`); else close it."""
    await receive()
    if "websocket.http.response" not in (scope.get("extensions") or {}):
        await send({"type": "websocket.close", "code": CLOSE_CODE, "reason": NOT_HERE.detail})
        return
    scheme = scope.get("scheme", "ws").replace("ws", "http")
    request: HTTPScope = {**scope, "type": "http", "method": "GET", "scheme": scheme}
    start, body = problem_answer(NOT_HERE, environ(request, io.BytesIO(), 0)).messages
    await send({**start, "type": "websocket.http.response.start"})
    await send({**body, "type": "websocket.http.response.body"})
