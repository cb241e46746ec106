"""`/v1/changes?watch=`: several live lists in one stream, for browsers, which have six connections to a host.

Each is asked for as a stream of its own would be, and refused with what that would be told.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

import msgspec
from django.http import HttpRequest, HttpResponseBase
from django.urls import Resolver404, resolve

from api.core.http.event_stream import (
    IDENTITY,
    MEDIA_TYPE,
    SHARED_PLACE,
    Ending,
    Event,
    EventStreamResponse,
    Feed,
    Identity,
    Subscriber,
    Turns,
)
from api.core.http.request import Request
from api.core.limits.streams import StreamPlace
from serializers.core.problems import Fault, refuse

MOST = 50
"""Lists in one stream."""


class WatchFeed:
    """Several feeds, by the addresses that they were asked for at."""

    def __init__(self, feeds: Mapping[str, Feed], place: StreamPlace | None) -> None:
        """Take them, and the place that they have together."""
        self._feeds, self._place = feeds, place

    async def open(self, subscriber: Subscriber, turns: Turns) -> None:
        """Open one after another."""
        for address, feed in self._feeds.items():
            await feed.open(Labelled(subscriber, address, feed), turns)

    def close(self) -> None:
        """Close all of them."""
        for feed in self._feeds.values():
            feed.close()
        place, self._place = self._place, None
        if place is not None:
            place.leave()


class Labelled:
    """One of them, as its client is told of it."""

    def __init__(self, subscriber: Subscriber, address: str, feed: Feed) -> None:
        """Take whose it is."""
        self._subscriber, self._address, self._feed = subscriber, address, feed

    def push(self, event: Event) -> None:
        """Send an event."""
        self._subscriber.push(event.labelled(self._address))

    async def write(self, event: Event) -> None:
        """Send an event, and wait for the client."""
        await self._subscriber.write(event.labelled(self._address))

    def end(self, ending: Ending) -> None:
        """Tell that this one has ended; whoever may not go on has all of them ended."""
        if ending.pause is None and ending.reason == "not-authenticated":
            self._subscriber.end(ending)
        else:
            self.push(ending.event())
            self._feed.close()


def feeds_of(request: HttpRequest, addresses: Sequence[str], identity: Identity) -> dict[str, Feed]:
    """Return the feed of each address.

    Raises:
        Refusal: there are too many, or one is refused; all faults are told at once.
    """
    if len(addresses) > MOST:
        told = f"A stream watches {MOST} lists at most."
        raise refuse("invalid-parameters", told, [Fault("max_length", told, parameter="watch")])
    feeds, faults = dict[str, Feed](), list[Fault]()
    for address in dict.fromkeys(addresses):
        response = _response(request, address, identity)
        feed = response.take_feed() if isinstance(response, EventStreamResponse) else None
        if feed is None:
            faults.append(Fault("invalid", f"{address[:200]}: {_detail(response)}", parameter="watch"))
        else:
            feeds[address] = feed
    if faults:
        for feed in feeds.values():
            feed.close()
        raise refuse("invalid-parameters", faults[0].detail, faults)
    return feeds


def _response(request: HttpRequest, address: str, identity: Identity) -> HttpResponseBase | None:
    try:
        parts = urlsplit(address)
        view = resolve(parts.path)
    except (Resolver404, ValueError):
        return None
    if not hasattr(view.func, "cls"):
        return None  # it is none of DRF's, and may count on middleware that this request never meets
    asked = Request(
        request.META
        | {
            "PATH_INFO": parts.path,
            "QUERY_STRING": parts.query,
            "HTTP_ACCEPT": MEDIA_TYPE,
            "HTTP_LAST_EVENT_ID": "",
            "wsgi.input": io.BytesIO(),
            IDENTITY: identity,
            SHARED_PLACE: True,
        }
    )
    asked.resolver_match = view
    response: HttpResponseBase = view.func(asked, *view.args, **view.kwargs)
    return response


def _detail(response: HttpResponseBase | None) -> str:
    try:
        body = msgspec.json.decode(getattr(response, "content", b""))
        return str(body["detail"])
    except (msgspec.DecodeError, KeyError, TypeError):
        return "there is no list at this address."
