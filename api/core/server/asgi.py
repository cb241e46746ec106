"""ASGI's types, as far as they are used here: scopes, events, and what is called with them.

They are written down anew because those of asgiref demand keys that the specification lets servers leave out, and
uvicorn's are its own.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Literal, NotRequired, TypedDict

type Fields = Iterable[tuple[bytes, bytes]]
"""Names and values of headers; names in lower case."""


class LifespanScope(TypedDict):
    """The scope of the process."""

    type: Literal["lifespan"]


class ConnectionScope(TypedDict):
    """What the scopes of a request and of a WebSocket have in common."""

    http_version: str
    scheme: NotRequired[str]
    path: str
    raw_path: NotRequired[bytes | None]
    root_path: NotRequired[str]
    query_string: NotRequired[bytes]
    headers: Fields
    client: NotRequired[tuple[str, int] | None]
    server: NotRequired[tuple[str, int | None] | None]
    extensions: NotRequired[Mapping[str, Mapping[object, object]] | None]


class HTTPScope(ConnectionScope):
    """The scope of a request."""

    type: Literal["http"]
    method: str


class WebSocketScope(ConnectionScope):
    """The scope of a WebSocket."""

    type: Literal["websocket"]


class RequestBody(TypedDict):
    """A piece of a request's body."""

    type: Literal["http.request"]
    body: NotRequired[bytes]
    more_body: NotRequired[bool]


class Disconnect(TypedDict):
    """The client has left."""

    type: Literal["http.disconnect"]


class OtherEvent(TypedDict):
    """What is waited for, and says nothing more."""

    type: Literal["lifespan.startup", "lifespan.shutdown", "websocket.connect"]


class SocketMessage(TypedDict):
    """A message of a client."""

    type: Literal["websocket.receive"]
    text: NotRequired[str | None]
    bytes: NotRequired[bytes | None]


class SocketDisconnect(TypedDict):
    """The client of a WebSocket has left, or was told to."""

    type: Literal["websocket.disconnect"]


class Accept(TypedDict):
    """The acceptance of a handshake."""

    type: Literal["websocket.accept"]
    headers: Fields


class SocketSend(TypedDict):
    """A message to the client of a WebSocket."""

    type: Literal["websocket.send"]
    text: str


class ResponseStart(TypedDict):
    """The status and the headers of an answer."""

    type: Literal["http.response.start"]
    status: int
    headers: Fields


class ResponseBody(TypedDict):
    """A piece of an answer's body."""

    type: Literal["http.response.body"]
    body: bytes
    more_body: bool


class HandshakeStart(TypedDict):
    """The status and the headers of an answer to a handshake (extension `websocket.http.response`)."""

    type: Literal["websocket.http.response.start"]
    status: int
    headers: Fields


class HandshakeBody(TypedDict):
    """The body of an answer to a handshake."""

    type: Literal["websocket.http.response.body"]
    body: bytes
    more_body: bool


class Close(TypedDict):
    """The end of a WebSocket."""

    type: Literal["websocket.close"]
    code: int
    reason: str | None


class LifespanComplete(TypedDict):
    """The process has begun, or may end."""

    type: Literal["lifespan.startup.complete", "lifespan.shutdown.complete"]


class LifespanFailed(TypedDict):
    """The process could not begin, or did not end well."""

    type: Literal["lifespan.startup.failed", "lifespan.shutdown.failed"]
    message: str


Scope = HTTPScope | WebSocketScope | LifespanScope
ReceiveEvent = RequestBody | Disconnect | OtherEvent | SocketMessage | SocketDisconnect
ResponseEvent = ResponseStart | ResponseBody
SendEvent = (
    ResponseEvent | HandshakeStart | HandshakeBody | Accept | SocketSend | Close | LifespanComplete | LifespanFailed
)
Receive = Callable[[], Awaitable[ReceiveEvent]]
Send = Callable[[SendEvent], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
HTTPApplication = Callable[[HTTPScope, Receive, Send], Awaitable[None]]


class Handlers(TypedDict, total=False):
    """An application for each protocol."""

    http: HTTPApplication
    websocket: Callable[[WebSocketScope, Receive, Send], Awaitable[None]]
    lifespan: Callable[[LifespanScope, Receive, Send], Awaitable[None]]
