"""A streamed body, made in turns: a thread makes a piece, and is free again until the client has taken it.

Each piece may be made by another thread, with another database connection. So a generator that streams rows asks one
query per piece (by keyset), and no cursor, transaction or lock may be held between two: a transaction left open is
rolled back, and ends the stream with an error.
"""

import time
from collections.abc import AsyncGenerator, Iterator
from contextvars import copy_context

from django.db import close_old_connections, connections
from django.http import StreamingHttpResponse

from api.core.server.request_state import RequestState

PIECE = 2**16
"""Bytes after which a piece is long enough to be sent."""
HURRY = 0.005
"""Seconds after which a piece is sent, however short it is."""


class TransactionLeftOpenError(RuntimeError):
    """A generator holds a transaction from one piece to the next."""


class Stream:
    """The body of a streaming response. Made in a thread, at the end of the turn that answered the request.

    Attributes:
        native: whether the body is an asynchronous iterator, which the event loop runs itself (`native_pieces`).
        context: the request's context variables; every further turn runs in it.
        first: the first piece, made at once, so that what fails before it can still be answered with an error.
    """

    def __init__(self, response: StreamingHttpResponse) -> None:
        """Take the response; from here on whoever holds the stream calls `close`, in a thread."""
        self.native = bool(response.is_async)
        self._response = response
        self._parts: Iterator[bytes] = iter(()) if self.native else iter(response)
        self._request_state = RequestState.current()
        self.first = self.piece()
        self.context = copy_context()

    def piece(self) -> bytes:
        """Make the next piece, of parts that are ready at once; empty at the end. Runs in a thread."""
        self._request_state.restore()
        try:
            return b"".join(self._ready())
        finally:
            release_connections()

    def _ready(self) -> Iterator[bytes]:
        size, deadline = 0, time.monotonic() + HURRY
        for part in self._parts:
            yield part
            size += len(part)
            if size >= PIECE or (size and time.monotonic() > deadline):
                return

    async def native_pieces(self) -> AsyncGenerator[bytes]:
        """Yield the pieces of an asynchronous body. Runs in the event loop."""
        self._request_state.restore()
        parts = self._response._iterator  # type: ignore[attr-defined]  # `streaming_content` would hide `aclose`
        try:
            async for part in parts:
                yield self._response.make_bytes(part)
        finally:
            if hasattr(parts, "aclose"):
                await parts.aclose()

    def close(self) -> None:
        """Close the response, and with it the generator and whatever the request opened. Runs in a thread."""
        self._request_state.restore()
        self._response.close()


def release_connections() -> None:
    """End a turn as a request ends: no transaction stays open, and connections not to be kept go back to their pool.

    Raises:
        TransactionLeftOpenError: a transaction was open, and is rolled back.
    """
    in_transaction = [connection for connection in connections.all(initialized_only=True) if connection.in_atomic_block]
    for connection in in_transaction:
        connection.close()
        del connections[connection.alias]  # the next request of this thread must not begin in a transaction
    close_old_connections()
    if in_transaction:
        raise TransactionLeftOpenError(
            "A streamed response may hold no transaction between two pieces: query piece by piece"
        )
