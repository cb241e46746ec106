"""A connection's transport, which sends together what belongs together, and knows how far its client has come."""

import asyncio
from collections.abc import Callable, Iterable

from api.core.server.bounds import PACE

type Bytes = bytes | bytearray | memoryview

MOST = 2**16
"""Bytes that are gathered before they are sent, so that the transport can say when its client takes no more."""


class BufferedTransport(asyncio.Transport):
    """A transport that sends together what is written in one turn of the event loop.

    uvicorn writes the head and the body of an answer apart, and uvloop sends each at once: two packets, and two calls
    of the system between one answer and the next, at which the processor forgets what it had at hand.
    """

    def __init__(
        self,
        transport: asyncio.Transport,
        loop: asyncio.AbstractEventLoop,
        finish: Callable[["BufferedTransport"], None] | None = None,
    ) -> None:
        """Take the transport, the loop it belongs to, and what chooses between `end` and `close_both` at the end."""
        super().__init__()
        self._transport, self._loop, self._finish = transport, loop, finish or BufferedTransport.close_both
        self._pieces: list[Bytes] = []
        self._size = 0
        self._bytes_written = 0  # by the transport
        self._progress, self._since = -1, 0.0  # bytes the client had at a time; -1 while none waited
        self._write_closed = False

    def write(self, data: Bytes) -> None:
        """Write, a little later."""
        if not self._pieces:
            self._loop.call_soon(self._flush)
        self._pieces.append(data)
        self._size += len(data)
        if self._size >= MOST:
            self._flush()

    def writelines(self, list_of_data: Iterable[Bytes]) -> None:
        """Write several pieces, a little later."""
        for data in list_of_data:
            self.write(data)

    def close(self) -> None:
        """Write what there is, and close."""
        self._flush()
        self._finish(self)

    def hand_over(self) -> None:
        """Forget who chose how it ends: the connection goes on in another protocol."""
        self._finish = BufferedTransport.close_both

    def close_both(self) -> None:
        """Close both directions, when what was written is on its way."""
        self._transport.close()

    def end(self) -> None:
        """Close ours, and go on hearing the client; where that cannot be done, it learns from the answer."""
        self._write_closed = True
        if self._transport.can_write_eof():
            self._transport.write_eof()

    def is_closing(self) -> bool:
        """Whether nothing more is to be written."""
        return self._write_closed or bool(self._transport.is_closing())

    def has_backlog(self) -> bool:
        """Whether bytes wait for the client to take them."""
        return bool(self._size or self._transport.get_write_buffer_size())

    def is_stuck(self, now: float, seconds: float) -> bool:
        """Whether the client has taken next to nothing of what it is owed, for so many seconds.

        It is to be asked now and then. A client that takes bytes at `PACE` goes on as long as it likes.
        """
        backlog = self._transport.get_write_buffer_size()
        progress = self._bytes_written - backlog
        if not backlog:
            self._progress = -1
        elif self._progress < 0 or (now - self._since > seconds and progress - self._progress >= PACE * seconds):
            self._progress, self._since = progress, now
        return bool(backlog) and now - self._since > seconds

    def _flush(self) -> None:
        if self._pieces:
            pieces, self._pieces = self._pieces, []
            self._bytes_written += self._size
            self._size = 0
            self._transport.write(b"".join(pieces))

    # All else is the transport's

    def get_extra_info(self, name: str, default: object = None) -> object:  # of any type, as asyncio has it
        """Return what the transport knows of the connection."""
        return self._transport.get_extra_info(name, default)

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Hand the connection to another protocol."""
        self._transport.set_protocol(protocol)

    def get_protocol(self) -> asyncio.BaseProtocol:
        """Return the protocol that hears of what arrives."""
        return self._transport.get_protocol()

    def is_reading(self) -> bool:
        """Whether what arrives is read."""
        return self._transport.is_reading()

    def pause_reading(self) -> None:
        """Leave what arrives unread."""
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Read on."""
        self._transport.resume_reading()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Set how many bytes may wait before the protocol hears of it."""
        self._transport.set_write_buffer_limits(high, low)

    def get_write_buffer_size(self) -> int:
        """Return the bytes that the transport has and the system does not."""
        return self._transport.get_write_buffer_size()

    def get_write_buffer_limits(self) -> tuple[int, int]:
        """Return how many bytes may wait."""
        return self._transport.get_write_buffer_limits()

    def can_write_eof(self) -> bool:
        """Whether one direction can be closed alone."""
        return self._transport.can_write_eof()

    def write_eof(self) -> None:
        """Close ours, as `end` does."""
        self.end()

    def abort(self) -> None:
        """Close at once, whatever waits."""
        self._transport.abort()
