"""A WebSocket and its subscriptions: what its client is sent, and what it may say.

A client sends `{"subscribe": "/v1/cities?country=FR", "name": "a"}` and `{"unsubscribe": "a"}`. Every event of such a
subscription says its name; those of the address that the handshake named say none.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import urlsplit

import msgspec

from api.core.http.event_stream import Ending, Event, Feed
from api.core.server.answer import Answer
from api.core.server.asgi import Receive, Send, SendEvent
from api.core.server.opening import Opening
from api.core.server.outbox import Outbox
from api.core.server.threads import Threads

MOST_SUBSCRIPTIONS = 100
LONGEST_MESSAGE = 2**14
"""Characters: as long as a URL may be."""
LONGEST_NAME = 100
MOST_FAULTS = 100
"""Messages of one socket that make no sense."""
BEAT = '{"event":"heartbeat","data":null}'

type Ask = Callable[[str, str], Awaitable[Answer]]
"""Answers a request for events, given by its path and its query."""


class Command(msgspec.Struct, forbid_unknown_fields=True):
    """A message of a client."""

    subscribe: str | None = None
    name: str | None = None
    unsubscribe: str | None = None


READER = msgspec.json.Decoder(Command)


class Socket(Outbox[str]):
    """One client."""

    __slots__ = ("_ask", "_faults", "_subscriptions", "_threads", "_turn")
    transport = "websocket"

    def __init__(self, send: Send, ask: Ask, threads: Threads) -> None:
        """Take where to send, and who answers what messages ask for."""
        super().__init__(send)
        self._ask, self._threads = ask, threads
        self._subscriptions: dict[str, Subscription] | None = None
        self._faults = 0
        self._turn: asyncio.Lock | None = None

    def _piece(self, event: Event) -> str:
        return event.message

    def _messages(self, pieces: list[str]) -> list[SendEvent]:
        return [{"type": "websocket.send", "text": piece} for piece in pieces]

    def _last(self, ending: Ending) -> list[SendEvent]:
        return [
            {"type": "websocket.send", "text": ending.event().message},
            {"type": "websocket.close", "code": ending.code, "reason": ending.reason},
        ]

    def beat(self) -> None:
        """Send a message that says nothing: a ping is the server's to send."""
        self._put(BEAT)

    async def listen(self, receive: Receive) -> None:
        """Do what the client says, one message after another, until it leaves.

        Answers wait like events do, so that a client that sends and does not read is let go like any other.
        """
        try:
            while (message := await receive())["type"] != "websocket.disconnect":
                if message["type"] == "websocket.receive":
                    await self._hear(message.get("text"))
            self.drop()
        finally:
            for name in [*(self._subscriptions or ())]:
                self.forget(name)

    async def _hear(self, text: str | None) -> None:
        if text is None or len(text) > LONGEST_MESSAGE:
            return self.end(Ending("message-refused", "Messages are text, of 16,384 characters at most.", 4413, None))
        try:
            command = READER.decode(text)
        except msgspec.DecodeError as error:
            return self._complain(None, f"This message could not be read: {error}")
        return await self._obey(command)

    def _complain(self, name: str | None, detail: str) -> None:
        """Tell what is wrong with a message; who goes on sending such ones is let go."""
        self._faults += 1
        if self._faults > MOST_FAULTS:
            self.end(Ending("message-refused", "Too many messages made no sense.", 4400, None))
        event = Event("refused", _json({"detail": detail}))
        self.push(event.labelled(name[:LONGEST_NAME]) if name else event)

    async def _obey(self, command: Command) -> None:
        subscriptions = self._subscriptions
        if command.unsubscribe is not None:
            subscription = (subscriptions or {}).pop(command.unsubscribe, None)
            if subscription is None:
                self._complain(command.unsubscribe, "There is no such subscription.")
            else:
                subscription.close()
                self.push(Event("unsubscribed", "null").labelled(command.unsubscribe))
            return
        url, name = command.subscribe, command.name
        if url is None or not name or len(name) > LONGEST_NAME:
            self._complain(name, "Send subscribe, with a URL, and name, of 100 characters at most; or unsubscribe.")
        elif subscriptions is not None and (name in subscriptions or len(subscriptions) >= MOST_SUBSCRIPTIONS):
            told = "has this name already" if name in subscriptions else f"has {MOST_SUBSCRIPTIONS} subscriptions"
            self._complain(name, f"This socket {told}.")
        else:
            await self._subscribe(url, name)

    async def _subscribe(self, url: str, name: str) -> None:
        try:
            parts = urlsplit(url)
        except ValueError:
            self._complain(name, "This is no URL.")
            return
        given = await self._ask(parts.path, parts.query)
        if given.feed is None:
            self.push(Event("refused", given.body.decode()).labelled(name))
        elif self.ended:
            given.feed.close()
        else:
            if self._subscriptions is None or self._turn is None:
                self._subscriptions, self._turn = {}, asyncio.Lock()
            self._subscriptions[name] = Subscription(self, name, given.feed, self._threads, self._turn)

    def forget(self, name: str) -> None:
        """Let go of a subscription that has ended by itself."""
        subscription = (self._subscriptions or {}).pop(name, None)
        if subscription is not None:
            subscription.close()


class Subscription:
    """One of several subscriptions of a socket."""

    __slots__ = ("_feed", "_name", "_opening", "_socket")

    def __init__(self, socket: Socket, name: str, feed: Feed, threads: Threads, turn: asyncio.Lock) -> None:
        """Begin, one after another: the rows of a hundred lists are more than a client takes at once."""
        self._socket, self._name, self._feed = socket, name, feed
        self._opening = Opening(feed, self, threads, turn)

    def push(self, event: Event) -> None:
        """Send an event."""
        self._socket.push(event.labelled(self._name))

    async def write(self, event: Event) -> None:
        """Send an event, and wait for the client."""
        await self._socket.write(event.labelled(self._name))

    def end(self, ending: Ending) -> None:
        """Tell that this subscription has ended; the socket goes on."""
        self.push(ending.event())
        self._socket.forget(self._name)

    def close(self) -> None:
        """Push nothing more."""
        self._opening.cancel()
        self._feed.close()


def _json(value: Mapping[str, str]) -> str:
    return msgspec.json.encode(value).decode()
