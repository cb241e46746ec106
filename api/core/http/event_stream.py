"""What a view hands over for an answer without an end: a head, and a feed, from which the event loop sends events.

The same events go to `EventSource` (WHATWG HTML, section 9.2) and to WebSockets; an event is written once for all.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import NamedTuple, Protocol

import msgspec
from django.http import HttpRequest, HttpResponseBase

from resources.core.actor import Actor

MEDIA_TYPE = "text/event-stream"
STREAMING = "headwater.streaming"
"""Where in an environ stands how events can be sent: `events` or `websocket`; nothing under a WSGI server."""
WEBSOCKET, EVENTS = "websocket", "events"
IDENTITY = "headwater.identity"
"""Where in an environ stands who asks, for what is asked for on a connection that has been identified."""


SHARED_PLACE = "headwater.shared-place"
"""Where in an environ something stands if it is one of several subscriptions of a stream, which has its place."""


class Identity(NamedTuple):
    """Who has a stream, for as long as they may have it.

    Attributes:
        actor: who asked for it.
        session: the key of the session that they are logged in with; None for a key, and for nobody.
    """

    actor: Actor
    session: str | None = None


class Event:
    """An event: a name, JSON, and what a client shows to go on after it.

    Attributes:
        name: empty for one that `EventSource` calls `message`.
        data: JSON, as text.
        id: the cursor; empty where nothing can be resumed there.
    """

    __slots__ = ("_block", "_labelled", "_message", "data", "id", "name")

    def __init__(self, name: str, data: str, id: str = "") -> None:
        """Take what it says; it is written when it is first sent."""
        self.name, self.data, self.id = name, data, id
        self._block = b""
        self._message = ""
        self._labelled: dict[str, Event] = {}

    @property
    def block(self) -> bytes:
        """Return the lines of a server-sent event, with the empty line that ends it."""
        if not self._block:
            name = f"event: {self.name}\n" if self.name else ""
            place = f"id: {self.id}\n" if self.id else ""
            data = self.data.replace("\r", "").replace("\n", "\ndata: ")
            self._block = f"{name}{place}data: {data}\n\n".encode()
        return self._block

    @property
    def message(self) -> str:
        """Return the message of a WebSocket."""
        if not self._message:
            place = f',"id":{_json(self.id)}' if self.id else ""
            self._message = f'{{"event":{_json(self.name or "message")}{place},"data":{self.data}}}'
        return self._message

    def labelled(self, label: str) -> "Event":
        """Return the same for a client with several subscriptions: its data says of which it is."""
        event = self._labelled.get(label)
        if event is None:
            event = Event(self.name, f'{{"subscription":{_json(label)},"data":{self.data}}}', self.id)
            place = f',"id":{_json(self.id)}' if self.id else ""
            name = _json(self.name or "message")
            event._message = f'{{"subscription":{_json(label)},"event":{name}{place},"data":{self.data}}}'
            self._labelled[label] = event
        return event


def _json(text: str) -> str:
    return msgspec.json.encode(text).decode()


class Ending:
    """Why a stream ends, and when its client had better come back.

    Attributes:
        reason: in one word, for programs.
        detail: for people.
        code: of a WebSocket: 4000 and the status that would tell it (private use: RFC 6455, section 7.4.2). Servers do
            not all send the registered ones.
        pause: seconds; None for who need not come back.
    """

    __slots__ = ("code", "detail", "pause", "reason")

    def __init__(self, reason: str, detail: str, code: int, pause: float | None) -> None:
        """Take all of it."""
        self.reason, self.detail, self.code, self.pause = reason, detail, code, pause

    def event(self) -> Event:
        """Return what tells it."""
        told: dict[str, str | float] = {"reason": self.reason, "detail": self.detail}
        if self.pause is not None:
            told["retry_after"] = round(self.pause, 3)
        return Event("end", _json_of(told))


def _json_of(value: Mapping[str, str | float]) -> str:
    return msgspec.json.encode(value).decode()


LAGGING = Ending("lagging", "You read too slowly. Go on from the last event that you have.", 4408, 1.0)
REFUSED = Ending("not-authenticated", "Your identity is not valid any more.", 4401, None)
FAULT = Ending("unavailable", "The stream broke off. Go on from the last event that you have.", 4500, 2.0)


class Subscriber(Protocol):
    """A client, or one subscription of it, as whoever has events for it knows it. All of it in the event loop."""

    def push(self, event: Event) -> None:
        """Send an event, or keep it while the client is still reading others; one that falls too far behind is let go.

        It returns at once.
        """
        ...

    async def write(self, event: Event) -> None:
        """Send an event, and return when the client has taken what it was sent before."""
        ...

    def end(self, ending: Ending) -> None:
        """Tell why there are no more events."""
        ...


class Turns(Protocol):
    """Lets code that waits, for a database mostly, take its turn in a thread."""

    def __call__[T](self, call: Callable[[], T], /) -> Awaitable[T]:
        """Make a call in a thread."""
        ...


class Feed(Protocol):
    """What a stream carries: made in a thread, when all about the request was decided; from then on in the loop."""

    async def open(self, subscriber: Subscriber, turns: Turns) -> None:
        """Send what comes first, and see to it that what comes later is pushed."""
        ...

    def close(self) -> None:
        """Push nothing more, and give back what was taken. It may be called early, late, and twice."""
        ...


class EventStreamResponse(HttpResponseBase):
    """The head of a stream, with its feed. To who asks for the head alone, and under WSGI, its body is empty."""

    streaming = True
    is_async = False

    def __init__(self, feed: Feed, identity: Identity) -> None:
        """Take the feed, which is closed with the response unless somebody takes it over, and who asked for it."""
        super().__init__(content_type=f"{MEDIA_TYPE}; charset=utf-8")
        self._feed: Feed | None = feed
        self.identity = identity
        self["X-Accel-Buffering"] = "no"

    def take_feed(self) -> Feed | None:
        """Hand the feed over to whoever closes it from now on."""
        feed, self._feed = self._feed, None
        return feed

    def __iter__(self) -> Iterator[bytes]:
        """Yield nothing."""
        return iter(())

    def close(self) -> None:
        """Close the feed if nobody has taken it, and end the request."""
        if self._feed is not None:
            self._feed.close()
        super().close()


def can_stream(request: HttpRequest) -> bool:
    """Whether the server of a request can send events when they happen."""
    return STREAMING in request.META


def wants_events(request: HttpRequest) -> bool:
    """Whether a request asks for events, as far as its headers tell."""
    return request.META.get(STREAMING) == WEBSOCKET or MEDIA_TYPE in request.META.get("HTTP_ACCEPT", "")
