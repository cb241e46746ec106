"""An answer without an end: server-sent events (WHATWG HTML, section 9.2), natively on ASGI."""

from api.core.http.event_stream import Ending, Event
from api.core.server.asgi import Receive, SendEvent
from api.core.server.outbox import Outbox

BEGINNING = b"retry: 3000\n"
"""Milliseconds after which a client comes back by itself; also the first bytes, for who waits for some.

It is a line of the first event: of a block with nothing else in it some clients make an event without data.
"""
BEAT = b":\n"


class EventStream(Outbox[bytes]):
    """One client."""

    __slots__ = ()
    transport = "events"

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

    async def listen(self, receive: Receive) -> None:
        """Send the first bytes, and wait until the client leaves; it has nothing more to say."""
        self._put(BEGINNING)
        while (await receive())["type"] != "http.disconnect":
            pass
        self.drop()
