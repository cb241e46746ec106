"""An answer without an end: server-sent events (WHATWG HTML, section 9.2), natively on ASGI.

While nothing happens a stream is one task that sleeps in `receive()`: no thread, no database connection, and of its
request nothing but what the server itself keeps.
"""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress

from api.core.http.event_stream import Ending, Event, Feed
from api.core.server.asgi import ConnectionScope, HTTPScope, Receive, Send, SendEvent
from api.core.server.opening import Opening
from api.core.server.outbox import Outbox, went_on
from api.core.server.streams import Streams
from api.core.server.threads import Threads

BEGINNING = b"retry: 3000\n"
"""Milliseconds after which a client comes back by itself; also the first bytes, for who waits for some.

It is a line of the first event: of a block with nothing else in it some clients make an event without data.
"""
BEAT = b":\n"


class EventStream(Outbox[bytes]):
    """One client."""

    __slots__ = ()

    def _piece(self, event: Event) -> bytes:
        return event.block

    def _messages(self, pieces: list[bytes]) -> list[SendEvent]:
        body = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        return [{"type": "http.response.body", "body": body, "more_body": True}]

    def _last(self, ending: Ending) -> list[SendEvent]:
        retry = b"" if ending.pause is None else b"retry: %d\n" % (1000 * ending.pause)
        return [{"type": "http.response.body", "body": retry + ending.event().block, "more_body": False}]

    def beat(self) -> None:
        """Send a comment."""
        self._put(BEAT)

    def begin(self) -> None:
        """Send the first bytes."""
        self._put(BEGINNING)


class EventStreams:
    """Answers with streams."""

    def __init__(self, threads: Threads, streams: Streams) -> None:
        """Take the threads that feeds are read in, and who looks after streams."""
        self._threads, self._streams = threads, streams

    async def carry(self, feed: Feed, start: Awaitable[None], scope: HTTPScope, receive: Receive, send: Send) -> None:
        """Send events until the client leaves or the stream ends.

        Args:
            feed: what it carries.
            start: sends the head of the answer.
            scope: of the request, which is emptied.
            receive: where the client's leaving is heard.
            send: where it goes.
        """
        empty(scope)
        opening = None
        try:
            await start
            stream = EventStream(send)
            with self._streams.joined(stream, "events"):
                stream.begin()
                opening = Opening(feed, stream, self._threads)
                while (await receive())["type"] != "http.disconnect":
                    pass
                stream.drop()
        except asyncio.CancelledError:
            if opening is None or not stream.ended:
                raise
            went_on()
        except OSError:
            pass  # the client has left
        finally:
            if opening is not None:
                opening.cancel()
            feed.close()


def empty(scope: ConnectionScope) -> None:
    """Drop what nobody will read again of a request: a browser's headers are as large as all the rest of a stream."""
    scope["headers"] = ()
    scope["query_string"] = scope["raw_path"] = b""
    with suppress(KeyError):
        del scope["extensions"]
