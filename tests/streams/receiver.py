"""A client of a stream, by httpx-sse, that reads in a thread of its own."""

import contextlib
import json
import queue
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
from httpx_sse import ServerSentEvent, connect_sse

PATIENCE = 10.0
"""Seconds that an event is waited for; only a failing test waits as long."""
SILENCE = 1.5
"""Seconds after which nothing more is thought to come: longer than a lost hint delays."""


class NothingCameError(AssertionError):
    """No event came in time."""


@dataclass
class Receiver:
    """One stream."""

    events: "queue.Queue[ServerSentEvent | Exception | None]" = field(default_factory=queue.Queue)
    last_id: str = ""

    def next(self, name: str | None = None, patience: float = PATIENCE) -> Any:
        """Return the data of the next event, which must have a name."""
        event = self.event(patience)
        assert name is None or event.event == name, f"{event.event} came, and not {name}: {event.data}"
        return json.loads(event.data)

    def event(self, patience: float = PATIENCE) -> ServerSentEvent:
        """Return the next event."""
        try:
            event = self.events.get(timeout=patience)
        except queue.Empty:
            raise NothingCameError from None
        assert isinstance(event, ServerSentEvent), f"The stream ended: {event!r}"
        self.last_id = event.id or self.last_id
        return event

    def until_ready(self) -> list[Any]:
        """Return the rows that a live list begins with."""
        rows: list[Any] = []
        while (event := self.event()).event != "ready":
            assert event.event == "snapshot", event
            rows += json.loads(event.data)["results"]
        return rows

    def is_silent(self, seconds: float = SILENCE) -> bool:
        """Whether nothing comes for a while."""
        try:
            event = self.events.get(timeout=seconds)
        except queue.Empty:
            return True
        raise AssertionError(f"An event came: {event}")

    def has_ended(self, patience: float = PATIENCE) -> bool:
        """Whether the stream ends, with nothing more in it."""
        return self.events.get(timeout=patience) is None


@contextlib.contextmanager
def receiving(url: str, key: str = "", **headers: str) -> Iterator[Receiver]:
    """Receive a stream until the block ends."""
    receiver, opened = Receiver(), threading.Event()
    fields = {name.replace("_", "-"): text for name, text in headers.items()}
    if key:
        fields["Authorization"] = f"Bearer {key}"
    client = httpx.Client(timeout=httpx.Timeout(PATIENCE, read=60))

    def read() -> None:
        try:
            with connect_sse(client, "GET", url, headers=fields) as source:
                opened.set()
                source.response.raise_for_status()
                for event in source.iter_sse():
                    receiver.events.put(event)
            receiver.events.put(None)
        except Exception as error:
            receiver.events.put(error)
        finally:
            opened.set()

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    assert opened.wait(PATIENCE)
    try:
        yield receiver
    finally:
        client.close()
