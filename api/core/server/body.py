"""A request's body: received before a thread is taken, in memory up to a bound, then in a temporary file.

May refuse: a body over `settings.DATA_UPLOAD_MAX_MEMORY_SIZE` is not received to its end, and reading it raises
`RequestDataTooBig`, under ASGI and WSGI alike. The view decides first: an unknown key is told so, whatever it sent.
"""

import asyncio
import contextlib
import io
import sys
import tempfile
from dataclasses import dataclass
from typing import IO, Protocol, runtime_checkable

from django.conf import settings
from django.core.exceptions import RequestDataTooBig

from api.core.server import ClientLeftError
from api.core.server.asgi import HTTPScope, Receive
from api.core.server.bounds import LINGER, PACE
from api.core.server.environ import Environ

IN_MEMORY = 256 * 2**10
PIECE = 2**16
MOST_DISCARDED = 64 * 2**20
"""Bytes of a refused body that are still taken in, so that its client comes to read why."""


@runtime_checkable
class Readable(Protocol):
    """`wsgi.input` as it is used here, which a WSGI server makes as it likes (PEP 3333)."""

    def read(self, size: int, /) -> bytes:
        """Read so many bytes."""
        ...


class TooLarge(io.RawIOBase):
    """Stands in the place of a body over the limit."""

    def __init__(self, rest: Readable) -> None:
        """Take what has not been read of it."""
        super().__init__()
        self._rest = rest

    def discard(self) -> None:
        """Read on, and keep nothing; see the function of that name."""
        length = 0
        while length < MOST_DISCARDED and (piece := self._rest.read(PIECE)):
            length += len(piece)

    def read(self, size: int = -1) -> bytes:
        """Raise `RequestDataTooBig`, for whoever wants to read the body."""
        raise RequestDataTooBig(f"The body is over the limit of {limit()} bytes.")

    def readline(self, size: int | None = -1) -> bytes:
        """Raise `RequestDataTooBig`."""
        return self.read()


@dataclass(frozen=True, slots=True)
class Body:
    """A request's body, ready to be read, and its length in bytes as far as it is known."""

    file: IO[bytes]
    length: int

    @property
    def too_large(self) -> bool:
        """Whether it is over the limit, and was not received to its end."""
        return self.length > limit()


def limit() -> int:
    """Return the greatest length of a body, in bytes."""
    most: int | None = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    return sys.maxsize if most is None else most


async def receive_body(scope: HTTPScope, receive: Receive) -> Body:
    """Receive a body to its end, or until it is over the limit.

    A length declared over the limit is believed, and nothing received: a client that asked with
    `Expect: 100-continue` (RFC 9110, section 10.1.1) then never sends it.

    Raises:
        ClientLeftError: the client disconnected.
        TimeoutError: it was slower than `settings.BODY_TIMEOUT` and `PACE` allow.
    """
    length = content_length(scope)
    if length is None or length > limit():
        return Body(io.BytesIO(), length or 0)
    async with asyncio.timeout(settings.BODY_TIMEOUT) as deadline:
        piece, more = await _receive_piece(receive)
        if not more:
            return Body(io.BytesIO(piece), len(piece))
        return await _spool(piece, receive, deadline)


async def _spool(piece: bytes, receive: Receive, deadline: asyncio.Timeout) -> Body:
    """Receive the rest of a body; every piece puts the deadline off, by as long as it takes at `PACE`."""
    file: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - closed with the response
    try:
        length, more = file.write(piece), True
        while more and length <= limit():
            deadline.reschedule((deadline.when() or 0) + len(piece) / PACE)
            piece, more = await _receive_piece(receive)
            length += file.write(piece)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return Body(file, length)


async def _receive_piece(receive: Receive) -> tuple[bytes, bool]:
    message = await receive()
    if message["type"] != "http.request":
        raise ClientLeftError
    return message.get("body", b""), message.get("more_body", False)


async def discard(receive: Receive) -> None:
    """Receive the rest of a refused body, and keep nothing; give up after `MOST_DISCARDED` bytes or `LINGER` seconds.

    A client that is still sending when its connection ends may lose the answer (RFC 9112, section 9.6), and some
    clients of HTTP/2 take a stream that ends early for a fault.
    """
    length, more = 0, True
    with contextlib.suppress(TimeoutError, ClientLeftError):
        async with asyncio.timeout(LINGER):
            while more and length < MOST_DISCARDED:
                piece, more = await _receive_piece(receive)
                length += len(piece)


def content_length(scope: HTTPScope) -> int | None:
    """Return the length that a body is said to have, 0 where nothing is said; None where there is none.

    In HTTP/1 a request that says neither length nor coding has no body (RFC 9112, section 6.3), and a read is not kept
    waiting for one. Of other methods a server that leaves such headers out is given the benefit of the doubt.
    """
    coded = scope["method"] != "GET" or not scope["http_version"].startswith("1")
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else 0
        coded = coded or name == b"transfer-encoding"
    return 0 if coded else None


def bound_body(environ: Environ) -> Environ:
    """Give a chunked body of a WSGI server its length, and put `TooLarge` in the place of one over the limit."""
    stream = environ["wsgi.input"]
    if environ.get("wsgi.input_terminated") and not environ.get("CONTENT_LENGTH"):
        environ["wsgi.input"], length = _dechunk(_readable(stream))
        environ["CONTENT_LENGTH"] = str(length)
    header = str(environ.get("CONTENT_LENGTH") or "0")
    if header.isdigit() and int(header) > limit():
        environ["wsgi.input"] = TooLarge(_readable(stream))
    return environ


def _readable(stream: object) -> Readable:  # whatever a WSGI server gives
    if not isinstance(stream, Readable):
        raise TypeError(f"wsgi.input cannot be read: {stream!r}")
    return stream


def drain(environ: Environ) -> None:
    """Discard what a WSGI server has left of a refused body, unless its client waits to be told to send it."""
    body = environ["wsgi.input"]
    if isinstance(body, TooLarge) and "HTTP_EXPECT" not in environ:
        body.discard()


def _dechunk(stream: Readable) -> tuple[IO[bytes], int]:
    file: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - lives as long as the environ
    length = 0
    while length <= limit() and (piece := stream.read(PIECE)):
        length += file.write(piece)
    file.seek(0)
    return file, length
