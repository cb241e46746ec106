"""uvicorn's protocols with bounds and with words of ours: `--http api.core.server.uvicorn:Protocol`.

The parser and the cycle of a request are uvicorn's. Ours is what a connection may make the server hold: one request is
parsed and answered at a time, and while it is, what else has arrived waits unread, and nothing more is read.
May refuse, as a problem, what is never handed to an application: bytes that are not HTTP, what has no end, and a head
that does not arrive. What is refused is dropped, and so is all that its client goes on to send.
"""

import asyncio
import socket
from enum import Enum
from typing import TYPE_CHECKING

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api.core.server import LINGERING
from api.core.server.bounds import LINGER, bounds
from api.core.server.connections import connections_of
from api.core.server.flow import Flow
from api.core.server.framing import Framing, TooLongError, Trailers
from api.core.server.overload import only_alive
from api.core.server.refusal import refusal
from api.core.server.transport import BufferedTransport
from api.core.server.uvicorn_websocket import WebSocketProtocol

if TYPE_CHECKING:
    from uvicorn import Config
    from uvicorn.server import ServerState

__all__ = ("Protocol", "WebSocketProtocol")

AHEAD = 2**16
"""Bytes that the system keeps of an answer beyond what is on its way; of its own accord it would keep megabytes."""
NOTSENT_LOWAT = getattr(socket, "TCP_NOTSENT_LOWAT", None)
"""The option of a connection that says so, where the system has it."""
LINGERS: dict[str, dict[object, object]] = {LINGERING: {}}


class Phase(Enum):
    """The phases of a connection."""

    WAITING = 1
    """For a head, which may have begun to arrive."""
    RECEIVING = 2
    """A request is under way, and its body is not all there."""
    ANSWERING = 3
    """All of it is there."""
    ENDED = 4
    """Nothing more is heard of the client; it may still read its last answer."""


class Protocol(HttpToolsProtocol):
    """One connection."""

    def __init__(
        self,
        config: "Config",
        server_state: "ServerState",
        app_state: dict[str, object],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        """Wait for a head."""
        super().__init__(config, server_state, app_state, _loop)
        self._bounds = bounds()
        self._framing = Framing(self._bounds.head)
        self._connections = connections_of(self.loop, self._bounds.connections)
        self._phase = Phase.WAITING
        self._since = self._deadline = 0.0
        self._head_begun = False  # whether some of the head that is waited for has arrived

    # The beginning and the end

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        """Take a connection, whose stream is to be made no faster than its client reads it."""
        connection = transport.get_extra_info("socket")
        if NOTSENT_LOWAT and connection.family in (socket.AF_INET, socket.AF_INET6):
            connection.setsockopt(socket.IPPROTO_TCP, NOTSENT_LOWAT, AHEAD)
        self._buffered = BufferedTransport(transport, self.loop, self._finish)
        super().connection_made(self._buffered)
        self.flow = self._flow = Flow(self.transport)
        self._wait(self._bounds.head_timeout)
        if not self._connections.add(self):
            self.app = only_alive(self.app)

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of everything."""
        self._phase = Phase.ENDED
        self._framing.drop()
        self._connections.remove(self)
        super().connection_lost(exc)

    def abort(self) -> None:
        """End at once, whatever is under way."""
        self.transport.abort()

    def _finish(self, transport: BufferedTransport) -> None:
        """Close the connection. While its client may be sending, only our side of it is closed at once.

        A client that is still sending when both are closed may lose its answer (RFC 9112, section 9.6).
        """
        sending = self._phase is Phase.RECEIVING or len(self._framing) > 0
        self._phase, self._since = Phase.ENDED, self.loop.time()
        self._deadline = self._since + LINGER
        self._framing.drop()
        if sending and not transport.is_closing():
            transport.end()
            self._flow.is_enough(False)
            self._flow.resume_reading()
        else:
            transport.close_both()

    # Input

    def data_received(self, data: bytes) -> None:
        """Take what has come, unless it comes too late."""
        if self._phase is not Phase.ENDED:
            self._framing.take(data)
            self._go_on()

    def eof_received(self) -> None:
        """Take the end of what a client sends for its leaving, as nginx does."""

    def resume_writing(self) -> None:
        """Go on, now that the client has taken what it was owed."""
        super().resume_writing()
        self._go_on()

    def _go_on(self) -> None:
        """Hand the parser the pieces that it may have by now."""
        try:
            while self._may_parse() and (piece := self._framing.piece()):
                self._parse(piece)
        except TooLongError as error:
            self._refuse("malformed-request", str(error))
        except httptools.HttpParserError:
            self._refuse("malformed-request", "Invalid HTTP request received.")
        pending = len(self._framing) > 0
        if pending and not self._head_begun and self._may_parse():
            self._head_begun, self._since = True, self.loop.time()
            self._deadline = self._since + self._bounds.head_timeout
        self._flow.is_enough(pending and not self._may_parse())

    def _may_parse(self) -> bool:
        return self._phase is Phase.RECEIVING or (self._phase is Phase.WAITING and not self.flow.write_paused)

    def _parse(self, piece: bytes) -> None:
        head = self._phase is Phase.WAITING
        try:
            self.parser.feed_data(piece)
        except httptools.HttpParserUpgrade:
            if self._should_upgrade():
                self._upgrade()
        if head and self._phase is Phase.RECEIVING:
            self._expect_body()

    def _expect_body(self) -> None:
        if self.cycle is None or self.cycle.scope is not self.scope:
            self._refuse("malformed-request", "The handshake of a WebSocket has no body.")
        length = next((value for name, value in self.headers if name == b"content-length"), None)
        self._framing.follows(None if length is None else int(length))
        self.scope["extensions"] = LINGERS  # the application has not begun yet

    def _upgrade(self) -> None:
        """Hand the connection to a protocol of its own, which hears nothing before it has answered the handshake."""
        self._phase = Phase.ENDED
        self._framing.drop()
        self._connections.remove(self)
        self._buffered.hand_over()
        self.handle_websocket_upgrade()

    # Calls of the parser

    def on_headers_complete(self) -> None:
        """Begin the request."""
        self._phase = Phase.RECEIVING
        super().on_headers_complete()
        self.headers = Trailers(self.headers)  # the scope keeps the first list

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body."""
        self._framing.content(len(body))
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Wait for the answer."""
        if self._phase is Phase.RECEIVING:
            self._phase = Phase.ANSWERING
        if not self.parser.should_upgrade():
            self.headers = Trailers()  # the scope has them, until a stream empties it
        self._framing.ends()
        super().on_message_complete()

    # Answers

    def on_response_complete(self) -> None:
        """Wait for the next head; end where the rest of a body is not wanted any more."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        if self._phase is Phase.RECEIVING:
            self.transport.close()
            return
        self._wait(self.timeout_keep_alive)
        self._flow.resume_reading()
        if len(self._framing):
            self._go_on()

    def _wait(self, seconds: float) -> None:
        self._phase, self._head_begun, self._since = Phase.WAITING, False, self.loop.time()
        self._deadline = self._since + seconds

    def _refuse(self, slug: str, detail: str) -> None:
        """Answer with a problem, if nothing else is being answered, and close the connection."""
        cycle = self.cycle
        if cycle is not None and not cycle.response_complete:
            cycle.disconnected = True
            cycle.message_event.set()
        if cycle is None or cycle.response_complete or not cycle.response_started:
            self.transport.write(refusal(slug, detail, self.server_state.default_headers))
        self._phase = Phase.RECEIVING
        self.transport.close()

    # Deadlines

    @property
    def idle_since(self) -> float | None:
        """Return when it began to wait for a head, or for its end."""
        return self._since if self._phase in (Phase.WAITING, Phase.ENDED) else None

    def review(self, now: float) -> str | None:
        """Let go of a client that does not send its head, or does not take its answer."""
        transport = self._buffered
        if transport.is_stuck(now, self._bounds.answer_timeout):
            self.abort()
            return "an answer was not taken"
        if transport.has_backlog():
            self._deadline = max(self._deadline, now + LINGER)
        elif now > self._deadline:
            return self._overdue()
        return None

    def _overdue(self) -> str | None:
        if self._phase is Phase.ENDED:
            self.abort()
        elif self._phase is Phase.WAITING and self._head_begun:
            self._refuse("request-timeout", f"No head arrived within {self._bounds.head_timeout:g} seconds.")
            return "a head did not arrive"
        elif self._phase is Phase.WAITING:
            self.transport.close()
            return "nothing was asked" if self.cycle is None else None
        return None
