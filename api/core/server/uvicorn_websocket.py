"""uvicorn's protocol of a WebSocket with bounds, and with as little memory as possible while nothing happens.

May refuse: a handshake that is too long, or comes to nothing. A client that takes nothing is not read from any further,
and let go after a while.
"""

import asyncio
from typing import TYPE_CHECKING

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from api.core.server.bounds import bounds
from api.core.server.connections import connections_of
from api.core.server.refusal import refusal
from api.core.server.transport import BufferedTransport

if TYPE_CHECKING:
    from uvicorn._types import ASGIReceiveEvent, ASGISendEvent


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """One WebSocket: `--ws api.core.server.uvicorn:WebSocketProtocol`."""

    @property
    def idle_since(self) -> None:
        """Return nothing: it is under way from its handshake on."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection over."""
        assert isinstance(transport, BufferedTransport)  # noqa: S101 - that of `Protocol`, which hands it over
        self._buffered = transport
        self._bounds = bounds()
        self._deadline = self.loop.time() + self._bounds.head_timeout
        self._connections = connections_of(self.loop, self._bounds.connections)
        self._connections.add(self)
        super().connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of everything."""
        self._connections.remove(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take a handshake, and messages; drop what is sent before the handshake is answered."""
        if self.handshake_initiated and not self.handshake_complete:
            return
        super().data_received(data)
        if not self.handshake_initiated and not self.transport.is_closing():
            self.transport.write(refusal("malformed-request", "The handshake is too long.", self.default_headers))
            self.transport.close()

    async def send(self, message: "ASGISendEvent") -> None:
        """Send a message; a handshake refused with a response has ended, and is no error of ours to be logged."""
        await super().send(message)
        if message["type"] == "websocket.accept":
            self.request.headers.clear()  # as large as half of an idle socket, and held by a parser to its end
            del self.request, self.response
        elif message["type"] == "websocket.http.response.body" and not message.get("more_body"):
            self.handshake_complete = True

    async def receive(self) -> "ASGIReceiveEvent":
        """Wait for a message; while the client takes nothing, nothing more is read of it, and no ping answered."""
        message = await super().receive()
        if not self.writable.is_set():
            self.transport.pause_reading()
        return message

    def pause_writing(self) -> None:
        """Read no further while the client takes nothing."""
        super().pause_writing()
        self.transport.pause_reading()

    def resume_writing(self) -> None:
        """Read on, unless messages wait."""
        super().resume_writing()
        if not self.read_paused:
            self.transport.resume_reading()

    def review(self, now: float) -> str | None:
        """Let go of a client that does not take what it is sent, and of a handshake that came to nothing."""
        if self._buffered.is_stuck(now, self._bounds.answer_timeout):
            self.abort()
            return "an answer was not taken"
        if now > self._deadline and not self.handshake_complete:
            self.abort()
            return "a handshake came to nothing"
        return None

    def abort(self) -> None:
        """End at once."""
        self.transport.abort()
