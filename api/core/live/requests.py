"""How a request becomes a stream: all about it is decided here, in a thread, before anything is sent.

May refuse: what does not go with a stream, a cursor that leads nowhere, and a server that cannot stream.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest

from api.core.changes.feed import gone
from api.core.changes.participants import Participant
from api.core.http.event_stream import SHARED_PLACE, EventStreamResponse, Identity, can_stream
from api.core.http.responses import with_cache_headers
from api.core.limits.streams import ROOM, StreamPlace, who_of
from api.core.limits.visit import Visit
from api.core.live.changes import ChangeFeed, key_of
from api.core.live.list_feed import ListFeed
from api.core.live.list_rows import ListRows
from api.core.live.lists import live_list, make_room
from api.core.live.watching import WatchFeed, feeds_of
from api.core.people.validity import identity_of
from api.core.query.parameters.templates import Parameters, query_of
from api.core.read.plan import plan
from api.core.read.read import ReadRequest
from resources.core.actor import Actor
from resources.core.journal import log
from resources.core.journal.cursor import Cursor, CursorGone
from serializers.core.problems import Fault, refuse
from serializers.core.read.selection import Selection

PAGES = ("count", "cursor", "page", "page_size")


def changes_response(
    request: HttpRequest, actor: Actor, participants: Sequence[Participant], since: Cursor | None, origin: str
) -> EventStreamResponse:
    """Answer with a stream of changes.

    Raises:
        Refusal: the cursor leads nowhere any more, there is no room, or the server cannot stream.
    """
    _refuse_without_streams(request)
    start = last_event(request) or since
    if start is None:
        start = log.latest()
    else:
        _refuse_gone(start)
    identity = identity_of(request, actor)
    key = key_of(participants, actor, origin)
    feed = ChangeFeed(identity, _place(request, actor), key, participants, start)
    return _response(request, feed, identity)


def watch_response(request: HttpRequest, actor: Actor, addresses: Sequence[str]) -> EventStreamResponse:
    """Answer with several live lists in one stream.

    Raises:
        Refusal: one of them would be refused, there is no room, or the server cannot stream.
    """
    _refuse_without_streams(request)
    if SHARED_PLACE in request.META:  # fifty lists of fifty lists each would be as many as somebody likes
        told = "A subscription is one list, or the changes; it watches no others."
        raise refuse("invalid-parameters", told, [Fault("conflict", told, parameter="watch")])
    identity = identity_of(request, actor)
    feeds = feeds_of(request, addresses, identity)
    visit: Visit | None = getattr(request, "visit", None)
    if visit is not None and len(feeds) > 1:
        visit.count(len(feeds) - 1)  # each list counts as a request
    return _response(request, WatchFeed(feeds, _place(request, actor)), identity)


def list_response(request: HttpRequest, asked: ReadRequest) -> EventStreamResponse:
    """Answer with a live list.

    Raises:
        Refusal: parameters are wrong or do not go with a stream, there is no room, or the server cannot stream.
    """
    _refuse_without_streams(request)
    parameters = [(name, text) for name, text in without_ticket(asked.parameters) if name != "since"]
    cursor = last_event(request) or _since(asked.parameters)
    _refuse_pages(parameters)
    query = query_of(asked.grammar, _with_id(parameters))
    if _has_lists(query.shape.selection):
        told = "A live list expands what a row refers to, and no lists of other rows."
        raise refuse("invalid-parameters", told, [Fault("conflict", told, parameter="expand")])
    resource = asked.grammar.resource
    source = resource.source() if resource.custom_code is None else asked.source
    rows = ListRows(plan(source, asked.grammar, query, asked.actor, asked.origin), query.values.limit)
    live = live_list(rows, who_of(asked.actor, request.META.get("REMOTE_ADDR", "")))
    make_room(live)
    identity = identity_of(request, asked.actor)
    feed = ListFeed(identity, _place(request, asked.actor), live, cursor)
    return _response(request, feed, identity)


def without_ticket(parameters: Parameters) -> list[tuple[str, str]]:
    """Return the parameters but for that which says who asks.

    Raises:
        Refusal: it stands twice.
    """
    others = [(name, text) for name, text in parameters if name != "ticket"]
    times = len(parameters) - len(others)
    if times > 1:
        told = f"ticket stands {times} times; write it once."
        raise refuse("invalid-parameters", told, [Fault("repeated", told, parameter="ticket")])
    return others


def last_event(request: HttpRequest) -> Cursor | None:
    """Return where a client goes on that was cut off, as `EventSource` says by itself.

    Raises:
        Refusal: it says something else.
    """
    text = request.META.get("HTTP_LAST_EVENT_ID", "")
    try:
        return Cursor.parse(text) if text else None
    except ValueError:
        told = "Expected the `id` of an event."
        raise refuse("invalid-parameters", told, [Fault("invalid", told, header="Last-Event-ID")]) from None


def _since(parameters: Parameters) -> Cursor | None:
    texts = [text for name, text in parameters if name == "since"]
    if not texts:
        return None
    told = "Expected one cursor: the `id` of an event, or that of `ready`."
    try:
        [text] = texts
        return Cursor.parse(text)
    except ValueError:
        raise refuse("invalid-parameters", told, [Fault("invalid", told, parameter="since")]) from None


def _refuse_without_streams(request: HttpRequest) -> None:
    if not can_stream(request):
        raise refuse("not-acceptable", "This server speaks WSGI, which has no streams. An ASGI server has them.")


def _refuse_gone(cursor: Cursor) -> None:
    try:
        log.check(cursor)
    except CursorGone:
        raise gone("default", "The log does not hold what followed this cursor any more.") from None


def _refuse_pages(parameters: Parameters) -> None:
    names = dict.fromkeys(name for name, _ in parameters if name in PAGES)
    if names:
        faults = [Fault("conflict", f"{name} does not go with a live list.", parameter=name) for name in names]
        raise refuse("invalid-parameters", faults[0].detail, faults)


def _with_id(parameters: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Have rows show their id, by which a client knows them again."""
    return [
        (name, f"{text},id" if name == "fields" and "id" not in text.split(",") else text) for name, text in parameters
    ]


def _has_lists(selection: Selection) -> bool:
    return any(each.many or _has_lists(each.selection) for each in selection.expand)


def _place(request: HttpRequest, actor: Actor) -> StreamPlace | None:
    """Take a place, unless the stream is one of several that have one together."""
    return None if SHARED_PLACE in request.META else ROOM.enter(actor, request.META.get("REMOTE_ADDR", ""))


def _response(request: HttpRequest, feed: ChangeFeed | ListFeed | WatchFeed, identity: Identity) -> EventStreamResponse:
    response = with_cache_headers(request, EventStreamResponse(feed, identity))
    response["Cache-Control"] = "no-store"
    return response
