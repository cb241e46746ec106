"""uvicorn's protocols, HTTP/1 with a bound and with words of ours: `--http api.core.protocols.uvicorn:Protocol`.

May refuse, as a problem, what is never handed to an application: bytes that are not HTTP, and a head without end.
"""

import asyncio
import socket
from typing import Any, cast

import msgspec
from django.conf import settings
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from resources.core.uuids import uuid7
from serializers.core.problems import MEDIA_TYPE, problem

HEAD = 2**16
"""Bytes of a request line and its headers after which no more are read."""
AHEAD = 2**16
"""Bytes that the system keeps of an answer beyond what is on its way; of its own accord it would keep megabytes."""
NOTSENT_LOWAT = getattr(socket, "TCP_NOTSENT_LOWAT", None)
"""The option of a connection that says so, where the system has it."""


class Gathering:
    """A connection's transport that sends together what it is given in one turn of the event loop.

    uvicorn writes the head and the body of an answer apart, and uvloop sends each at once: two packets, and two calls
    of the system between one answer and the next, at which the processor forgets what it had at hand.
    """

    def __init__(self, transport: Any, loop: asyncio.AbstractEventLoop) -> None:
        """Take the transport, and the loop it belongs to."""
        self._transport, self._loop = transport, loop
        self._pieces: list[bytes] = []

    def write(self, piece: bytes) -> None:
        """Write, a little later."""
        if not self._pieces:
            self._loop.call_soon(self._flush)
        self._pieces.append(piece)

    def close(self) -> None:
        """Write what there is, and close."""
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        if self._pieces:
            pieces, self._pieces = self._pieces, []
            self._transport.write(b"".join(pieces))

    def __getattr__(self, name: str) -> Any:
        """Do all else as the transport does."""
        return getattr(self._transport, name)


class Protocol(HttpToolsProtocol):
    """One connection."""

    def __init__(self, *args: Any, **words: Any) -> None:
        """Wait for a head."""
        super().__init__(*args, **words)
        self._head: int | None = 0  # bytes of the head that is being read; None when it has ended

    def connection_made(self, transport: Any) -> None:
        """Take a connection, whose stream is to be made no faster than its client reads it."""
        connection = transport.get_extra_info("socket")
        if NOTSENT_LOWAT and connection.family in (socket.AF_INET, socket.AF_INET6):
            connection.setsockopt(socket.IPPROTO_TCP, NOTSENT_LOWAT, AHEAD)
        super().connection_made(cast(asyncio.Transport, Gathering(transport, self.loop)))

    def data_received(self, data: bytes) -> None:
        """Parse what has come, and refuse a head that has grown too long."""
        if self._head is not None:
            self._head += len(data)
        super().data_received(data)
        if self._head is not None and self._head > HEAD and not self.transport.is_closing():
            self.send_400_response(f"The request line and the headers are over {HEAD} bytes together.")

    def on_headers_complete(self) -> None:
        """Stop counting, and begin the request."""
        self._head = None
        super().on_headers_complete()
        # The scope keeps the first list. What the parser adds after a chunked body are trailers, which no proxy has
        # checked: they must not pass for headers (RFC 9110, section 6.5.1).
        self.headers = [*self.headers]

    def on_message_complete(self) -> None:
        """End the request, and wait for the next head."""
        self._head = 0
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer with a problem, and close the connection."""
        refusal, request = problem("malformed-request", msg), str(uuid7())
        body = msgspec.json.encode(refusal.as_json(origin=settings.PUBLIC_URL, instance=request))
        fields = [
            *self.server_state.default_headers,
            (b"x-request-id", request.encode()),
            (b"cache-control", b"no-store"),
            (b"content-type", MEDIA_TYPE.encode()),
            (b"content-length", b"%d" % len(body)),
            (b"connection", b"close"),
        ]
        head = b"".join(b"%b: %b\r\n" % field for field in fields)
        self.transport.write(STATUS_LINE[refusal.kind.status] + head + b"\r\n" + body)
        self.transport.close()


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """One WebSocket: `--ws api.core.protocols.uvicorn:WebSocketProtocol`."""

    async def send(self, message: Any) -> None:
        """Send a message; a handshake refused with a response has ended, and is no error of ours to be logged."""
        await super().send(message)
        if message["type"] == "websocket.http.response.body" and not message.get("more_body"):
            self.handshake_complete = True
