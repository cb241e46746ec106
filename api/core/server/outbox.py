"""What is on its way to one client of a stream: events that others have, too, sent as fast as the client reads them.

An event is sent at once where the client has taken all before it, as most have. Else it waits, and so do at most `MOST`
bytes, which is kept small because the system takes megabytes before it: who reads too slowly is told to come back.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Coroutine
from contextlib import suppress
from typing import ClassVar

from api.core.http.event_stream import LAGGING, Ending, Event
from api.core.server.asgi import Receive, Send, SendEvent

MOST = 2**16
"""Bytes that wait for one client, beside those in the buffers of its connection."""


class Outbox[Piece: (bytes, str)](ABC):
    """Sends what a stream's client is owed. All of it happens in the event loop.

    Attributes:
        transport: what it is called in metrics.
        send: the server's way to send.
        ended: whether no event is taken any more.
        busy_since: when the client had not taken all of something, on the clock of the loop; None while it has.
    """

    __slots__ = ("_loop", "_sender", "_size", "_task", "_waiting", "busy_since", "ended", "send")
    transport: ClassVar[str]

    def __init__(self, send: Send) -> None:
        """Take where to send; the stream lives as long as the task that makes this."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - an ASGI application is called in one
        self._task, self._loop, self.send = task, asyncio.get_running_loop(), send
        self._sender: asyncio.Task[None] | None = None
        self._waiting: list[Piece] | None = None
        self._size = 0
        self.busy_since: float | None = None
        self.ended = False

    @abstractmethod
    def _piece(self, event: Event) -> Piece:
        """Write an event."""

    @abstractmethod
    def _messages(self, pieces: list[Piece]) -> list[SendEvent]:
        """Return what is sent for pieces."""

    @abstractmethod
    def _last(self, ending: Ending) -> list[SendEvent]:
        """Return what is sent at the end."""

    @abstractmethod
    def beat(self) -> None:
        """Send something that says nothing, so that nobody takes the connection for dead."""

    @abstractmethod
    async def listen(self, receive: Receive) -> None:
        """Hear what the client says, until it leaves; what it has asked for by then is let go."""

    def push(self, event: Event) -> None:
        """Send an event, now or when the client has taken those before it."""
        self._put(self._piece(event))

    async def write(self, event: Event) -> None:
        """Send an event when the client has taken what it was sent before; return when it has taken that, too."""
        await self._taken()  # or two who write long events in turn would be more than may wait
        self.push(event)
        await self._taken()

    async def _taken(self) -> None:
        while self._sender is not None:
            await asyncio.wait({self._sender})

    def end(self, ending: Ending) -> None:
        """Send the end in the place of what waits; then the stream's own task ends."""
        if self.ended:
            return
        self.ended, self._waiting = True, None
        if self._sender is None:
            self._start(self._finish(ending))
        else:
            self._sender.add_done_callback(lambda _: self._start(self._finish(ending)))

    def abandon(self) -> None:
        """End at once, whatever is on its way: the server then closes the connection."""
        self.ended = True
        self.drop()
        self._task.cancel()

    def drop(self) -> None:
        """Send nothing more; the client has left."""
        self.ended, self._waiting = True, None
        if self._sender is not None:
            self._sender.cancel()

    def _put(self, piece: Piece) -> None:
        if self.ended:
            return
        if self._sender is None:
            self._start(self._send_all(self._messages([piece])))
            return
        if self._waiting is None:
            self._waiting, self._size = [], 0
        self._waiting.append(piece)
        self._size += len(piece)
        if self._size > MOST:
            self.end(LAGGING)

    def _start(self, sending: Coroutine[object, None, None]) -> None:
        """Begin to send. Mostly that is all: the task runs to its end at once, and never waits for its turn."""
        sender = asyncio.Task(sending, loop=self._loop, eager_start=True)
        if not sender.done():
            self._sender, self.busy_since = sender, self._loop.time()
            sender.add_done_callback(self._sent)

    def _sent(self, sender: asyncio.Task[None]) -> None:
        if self._sender is sender:
            self._sender = self.busy_since = None

    async def _send_all(self, messages: list[SendEvent]) -> None:
        try:
            while messages:
                for message in messages:
                    await self.send(message)
                pieces, self._waiting, self._size = self._waiting, None, 0
                if self._sender is not None:
                    self.busy_since = self._loop.time()
                messages = self._messages(pieces) if pieces else []
        except Exception:  # each server has its own way to say that the client is gone
            self.abandon()

    async def _finish(self, ending: Ending) -> None:
        with suppress(Exception):
            for message in self._last(ending):
                await self.send(message)
        self._task.cancel()
