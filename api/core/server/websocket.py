"""ASGI's protocol `websocket`: the same events as streams of HTTP, and many subscriptions on one connection.

The handshake is answered as a GET of the same address that asks for events would be: the same handler decides, in a
thread, who asks, whether they may, and what they get. So is every subscription that comes as a message. May refuse: a
handshake, with the problem of that GET; messages that are too long, too many, or make no sense.
"""

import io
from functools import partial

from api.core.http.event_stream import IDENTITY, MEDIA_TYPE, SHARED_PLACE, STREAMING, WEBSOCKET
from api.core.server.answer import Answer, answer, drop_answer, problem_answer
from api.core.server.asgi import Fields, HTTPScope, Receive, Send, WebSocketScope
from api.core.server.environ import Environ, environ
from api.core.server.handler import Handler
from api.core.server.socket import Socket
from api.core.server.streams import Streams, empty, restarting
from api.core.server.threads import Threads
from serializers.core.problems import problem

NOT_HERE = problem("not-found", "No WebSocket is offered here.")
CLOSE_CODE = 4000
"""Private use (RFC 6455, section 7.4.2). A refusal's status is added, where the server cannot answer the handshake."""
KEPT = ("HTTP_HOST", "SERVER_NAME", "SERVER_PORT", "REMOTE_ADDR", "SCRIPT_NAME", "wsgi.url_scheme")
"""What the subscriptions of a socket have in common with its handshake, beside who asks."""
OF_HANDSHAKE = (b"x-request-id", b"ratelimit", b"ratelimit-policy")
"""The headers of an answer that go with the acceptance of a handshake."""


class WebSockets:
    """The ASGI application for `websocket`."""

    def __init__(self, threads: Threads, handler: Handler, streams: Streams) -> None:
        """Take who decides, in which threads, and who looks after streams."""
        self._threads, self._handler, self._streams = threads, handler, streams

    async def __call__(self, scope: WebSocketScope, receive: Receive, send: Send) -> None:
        """Answer a handshake, and carry what was asked for."""
        await receive()
        variables = environ(_as_request(scope), io.BytesIO(), 0)
        given = await self.ask(variables)
        if given.feed is None:
            return await _refuse(given, scope, send)
        feed, fields = given.feed, [field for field in given.headers if field[0] in OF_HANDSHAKE]
        shared = {name: variables[name] for name in KEPT if name in variables} | {IDENTITY: given.identity}
        del variables, given
        socket, accepting = Socket(send, partial(self._feed, shared), self._threads), _accept(scope, fields, send)
        del fields, shared
        return await self._streams.carry(socket, feed, accepting, receive)

    async def ask(self, variables: Environ) -> Answer:
        """Let Django decide, as about any request for events."""
        if self._streams.draining or self._threads.ended:
            return problem_answer(problem("unavailable", restarting().detail, retry_after="2"), variables)
        variables |= {"HTTP_ACCEPT": MEDIA_TYPE, STREAMING: WEBSOCKET}
        given = await self._threads.submit(partial(answer, self._handler, variables), late=drop_answer)
        if given.feed is None and given.status < 400:
            return problem_answer(NOT_HERE, variables)
        return given

    async def _feed(self, shared: Environ, path: str, query: str) -> Answer:
        """Answer what a message asks for, as a request of who has shown who they are at the handshake."""
        return await self.ask(
            {
                **shared,
                SHARED_PLACE: True,
                "REQUEST_METHOD": "GET",
                "PATH_INFO": path,
                "QUERY_STRING": query,
                "CONTENT_LENGTH": "0",
                "SERVER_PROTOCOL": "HTTP/1.1",
                "wsgi.input": io.BytesIO(),
            }
        )


def _as_request(scope: WebSocketScope) -> HTTPScope:
    scheme = scope.get("scheme", "ws").replace("ws", "http")
    version = scope.get("http_version", "1.1")  # which daphne leaves out
    return {**scope, "type": "http", "method": "GET", "scheme": scheme, "http_version": version}


async def _accept(scope: WebSocketScope, fields: Fields, send: Send) -> None:
    await send({"type": "websocket.accept", "headers": fields})
    empty(scope)  # of which a server may have read its key just now


async def _refuse(given: Answer, scope: WebSocketScope, send: Send) -> None:
    """Answer the handshake as the request was answered, where the server can (`websocket.http.response`)."""
    if "websocket.http.response" not in (scope.get("extensions") or {}):
        await send({"type": "websocket.close", "code": CLOSE_CODE + given.status, "reason": ""})
        return
    start, body = given.messages
    await send({**start, "type": "websocket.http.response.start"})
    await send({**body, "type": "websocket.http.response.body"})
