"""Carries a streamed answer to its client, no faster than the client reads it, until one of the two ends."""

import asyncio
import contextlib
import sys
import tempfile
from collections.abc import AsyncGenerator, Iterator

from api.core.server import ClientLeftError
from api.core.server.asgi import Receive, ResponseBody, ResponseEvent, ResponseStart, Send
from api.core.server.bounds import ANSWER
from api.core.server.memory import pieces_of
from api.core.server.stream import Stream
from api.core.server.threads import Threads

END: ResponseBody = {"type": "http.response.body", "body": b"", "more_body": False}
SHARED = 0.0005
"""Seconds after which a thread that makes a piece lets a waiting one run; Python's own figure is ten times that.

An ordinary request waits several times. Beside a hundred exports its median fell from 19 ms to 11 ms on one core; were
it the rule at all times, the smallest requests would cost a tenth more. `benchmarks/slow_clients.py` measures it.
"""


async def send_message(send: Send, message: ResponseEvent) -> None:
    """Send a message.

    Raises:
        ClientLeftError: the client is gone, where the server says so (by OSError: specification, version 2.4).
    """
    try:
        await send(message)
    except OSError as error:
        raise ClientLeftError from error


class Relay:
    """Gives streams their turns: half of the threads at most, so that no request waits behind a crowd of exports."""

    def __init__(self, threads: Threads) -> None:
        """Take the threads that streams share with requests."""
        self._threads = threads
        self._lane = asyncio.Semaphore(threads.half)
        self._making = 0
        self._alone = sys.getswitchinterval()

    async def carry(self, start: ResponseStart, stream: Stream, receive: Receive, send: Send, *, whole: bool) -> None:
        """Send an answer to its end, or until the client leaves.

        Args:
            start: its first message.
            stream: its body.
            receive: where the client's leaving is heard.
            send: where it goes.
            whole: whether the client must know the length beforehand, as one that speaks HTTP/1.0 must: its server
                may have no other way to say where the body ends (uvicorn has none).

        Raises:
            Exception: whatever the generator raised. The server then breaks the connection off, so that the client
                does not take what it has for the whole.
        """
        pieces = stream.native_pieces() if stream.native else self._pieces(stream)
        work = _send_whole(start, pieces, send) if whole and not stream.native else send_pieces(start, pieces, send)
        sending = asyncio.create_task(work, context=stream.context if stream.native else None)
        leaving = asyncio.create_task(_leave(receive))
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            leaving.cancel()
            sending.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await sending

    async def _pieces(self, stream: Stream) -> AsyncGenerator[bytes]:
        piece = stream.first
        while piece:
            yield piece
            piece = await self._piece(stream)

    async def _piece(self, stream: Stream) -> bytes:
        async with self._lane:
            with self._sharing():
                return await self._turn(stream)

    async def _turn(self, stream: Stream) -> bytes:
        turn = self._threads.submit(stream.piece, stream.context)
        try:
            return await asyncio.shield(turn)
        except asyncio.CancelledError:
            await asyncio.wait({turn})  # a thread cannot be interrupted; the stream is closed after its turn
            raise

    @contextlib.contextmanager
    def _sharing(self) -> Iterator[None]:
        self._making += 1
        sys.setswitchinterval(SHARED)
        try:
            yield
        finally:
            self._making -= 1
            if not self._making:
                sys.setswitchinterval(self._alone)


async def send_pieces(start: ResponseStart, pieces: AsyncGenerator[bytes], send: Send) -> None:
    """Send an answer, no faster than its client takes it."""
    async with contextlib.aclosing(pieces):
        await send_message(send, start)
        async for piece in pieces:
            await send_message(send, {"type": "http.response.body", "body": piece, "more_body": True})
    await send_message(send, END)


async def _send_whole(start: ResponseStart, pieces: AsyncGenerator[bytes], send: Send) -> None:
    with tempfile.SpooledTemporaryFile(max_size=ANSWER) as file:
        length = 0
        async for piece in pieces:
            length += file.write(piece)
        file.seek(0)
        sized: ResponseStart = {**start, "headers": [*start["headers"], (b"content-length", b"%d" % length)]}
        await send_pieces(sized, pieces_of(file), send)


async def _leave(receive: Receive) -> None:
    """Return when the client has left; whatever else it says after its request (a body's trailers) is not heard."""
    while (await receive())["type"] != "http.disconnect":
        pass
