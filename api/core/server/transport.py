"""A connection's transport, which sends together what belongs together, and knows how far its client has come."""

import asyncio
from collections.abc import Callable
from typing import Any

from api.core.server.bounds import PACE

MOST = 2**16
"""Bytes that are gathered before they are sent, so that the transport can say when its client takes no more."""


class Gathering:
    """A transport that sends together what it is given in one turn of the event loop.

    uvicorn writes the head and the body of an answer apart, and uvloop sends each at once: two packets, and two calls
    of the system between one answer and the next, at which the processor forgets what it had at hand.

    """

    def __init__(
        self, transport: Any, loop: asyncio.AbstractEventLoop, finish: Callable[["Gathering"], None] | None = None
    ) -> None:
        """Take the transport, the loop it belongs to, and what chooses between `end` and `close_both` at the end."""
        self._transport, self._loop, self._finish = transport, loop, finish or Gathering.close_both
        self._pieces: list[bytes] = []
        self._size = 0
        self._written = 0  # bytes that the transport was given
        self._taken, self._since = -1, 0.0  # bytes that the client had taken at a time; -1 while it was owed none
        self._ended = False

    def write(self, piece: bytes) -> None:
        """Write, a little later."""
        if not self._pieces:
            self._loop.call_soon(self._flush)
        self._pieces.append(piece)
        self._size += len(piece)
        if self._size >= MOST:
            self._flush()

    def close(self) -> None:
        """Write what there is, and close."""
        self._flush()
        self._finish(self)

    def close_both(self) -> None:
        """Close both directions, when what was written is on its way."""
        self._transport.close()

    def end(self) -> None:
        """Close ours, and go on hearing the client; where that cannot be done, it learns from the answer."""
        self._ended = True
        if self._transport.can_write_eof():
            self._transport.write_eof()

    def is_closing(self) -> bool:
        """Whether nothing more is to be written."""
        return self._ended or bool(self._transport.is_closing())

    def owes(self) -> bool:
        """Whether the client has not taken all that was written."""
        return bool(self._size or self._transport.get_write_buffer_size())

    def is_stuck(self, now: float, seconds: float) -> bool:
        """Whether the client has taken next to nothing of what it is owed, for so many seconds.

        It is to be asked now and then. A client that takes bytes at `PACE` goes on as long as it likes.
        """
        owed = self._transport.get_write_buffer_size()
        taken = self._written - owed
        if not owed:
            self._taken = -1
        elif self._taken < 0 or (now - self._since > seconds and taken - self._taken >= PACE * seconds):
            self._taken, self._since = taken, now
        return bool(owed) and now - self._since > seconds

    def _flush(self) -> None:
        if self._pieces:
            pieces, self._pieces = self._pieces, []
            self._written += self._size
            self._size = 0
            self._transport.write(b"".join(pieces))

    def __getattr__(self, name: str) -> Any:
        """Do all else as the transport does."""
        return getattr(self._transport, name)
