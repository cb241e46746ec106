"""The whole of a read: parameters become a Query, that a Plan, that a Page, and that the bytes that are sent.

A view and the short cut both call `read`. May refuse: whatever its steps refuse.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.db import connections, router
from django.db.models import Field
from rest_framework.exceptions import PermissionDenied

from api.core.http.links import with_parameters
from api.core.http.responses import body_digest, item_etag, link_header, page_body
from api.core.http.timing import Stopwatch
from api.core.query.grammar import Grammar
from api.core.query.keys import key_fits
from api.core.query.parameters.templates import Parameters, known_query, query_of
from api.core.query.shape import Paging, Shape
from api.core.read.announcements import announcements
from api.core.read.pipeline import Pipeline
from api.core.read.plan import Page, plan
from api.core.read.strategies import Level, Reading, item, written
from api.core.read.timeouts import bounded
from api.core.read.unindexed import refuse_unindexed
from api.core.resource.resource_type import RowSource
from resources.core.actor import Actor
from resources.core.database.drivers import GIVING_BACK, DriverRow, Returning
from resources.core.policy import Verb
from resources.core.setting import setting
from serializers.core.read.compiled.holes import Fill, filled


class ReadRequest(NamedTuple):
    """Who asks for what of a resource.

    Attributes:
        source: chooses and shows the rows, and may know the HTTP request.
        grammar: what the actor may ask for.
        actor: who asks.
        parameters: names and values, as they were sent.
        origin: scheme and host, for links.
        path: of the collection, for the links of a page.
        key: of the item; None for a page of the collection.
    """

    source: RowSource
    grammar: Grammar
    actor: Actor
    parameters: Parameters
    origin: str
    path: str = ""
    key: str | None = None


class Representation(NamedTuple):
    """What is sent for a page or an item (RFC 9110, section 3.2), before it is compressed."""

    body: bytes
    etag: str
    headers: Mapping[str, str]
    empty: bool = False
    """Whether it is a page without rows."""


def read(request: ReadRequest, *, traced: bool = False) -> Representation | None:
    """Read a page or an item.

    Args:
        request: says what.
        traced: whether to make do with what is kept: a template of the parameters, and a traced statement.

    Returns:
        None where there is no such item; or where (`traced`) something is to be built anew.
    """
    return _read_page(request, traced) if request.key is None else _read_item(request, request.key, traced)


def _read_page(request: ReadRequest, traced: bool) -> Representation | None:
    watch = Stopwatch()
    query = (known_query if traced else query_of)(request.grammar, request.parameters)
    if query is None:
        return None
    watch.lap("parse")
    refuse_unindexed(request.grammar, query.shape, request.actor, request.parameters)
    found = plan(request.source, request.grammar, query, request.actor, request.origin)
    watch.lap("plan")
    with bounded(query, request.actor, request.parameters):
        page = found.traced_page() if traced else found.page()
    if page is None:
        return None
    watch.lap("sql")
    body, etag, links = write_page(page, request.origin + request.path, request.parameters, query.shape.paging)
    watch.lap("render")
    headers = {**links, **watch.header(page.level), **announcements(request.grammar, query.shape)}
    return Representation(body, etag, headers, not page.rows)


def _read_item(request: ReadRequest, key: str, traced: bool) -> Representation | None:
    watch = Stopwatch()
    query = (known_query if traced else query_of)(request.grammar, request.parameters, item=True)
    if query is None:
        return None
    watch.lap("parse")
    with bounded(query, request.actor, request.parameters, of=f"row {key}"):
        row = read_row(request, query.shape, key, watch, traced=traced)
    if row is None:
        return None
    headers = {**watch.header(row.level), **announcements(request.grammar, query.shape)}
    return Representation(row.body, row.etag, headers)


class Item(NamedTuple):
    """A row as it is sent, and how it was read."""

    body: bytes
    etag: str
    level: Level
    allowed: bool = True
    """Whether the actor may do with it what was asked about."""


def read_row(
    request: ReadRequest,
    shape: Shape,
    key: Any,
    watch: Stopwatch,
    column: Field[Any, Any] | None = None,
    *,
    traced: bool = False,
    verb: Verb | None = None,
) -> Item | None:
    """Read one row that the actor may read; None where there is none, or (`traced`) no statement for it.

    Args:
        request: who asks, of which resource.
        shape: what is shown of it.
        key: what the row is found by.
        watch: times it.
        column: that holds the key; None for what rows are found by.
        traced: whether to make do with a statement that is kept.
        verb: what the actor may or may not do with it, which the same statement is asked about.
    """
    column = column or request.grammar.resource.key
    if not key_fits(column, key):
        return None
    pipeline = Pipeline(request.source, request.grammar, shape, request.actor)
    reading = Reading(pipeline, item(column.name, key, verb), request.origin)
    watch.lap("plan")
    level, rows = (Level.TRACED, reading.traced_rows(1)) if traced else reading.rows(1)
    watch.lap("sql")
    if not rows:
        return None
    [(json, version, *allowed)] = rows
    body = json.encode()
    etag = item_etag(version, body)
    watch.lap("render")
    return Item(body, etag, level, all(allowed))


class RowWritten(NamedTuple):
    """A row as the statement that writes it gives it back.

    Attributes:
        returning: what the statement is asked for.
        fills: what fills the holes of the row.
        origin: scheme and host of the request, for links.
    """

    returning: Returning
    fills: Sequence[Fill]
    origin: str

    def item(self, given: DriverRow) -> Item | None:
        """Return the row that was given, as it is sent; None where the actor may not read it.

        Raises:
            PermissionDenied: they may not do with it what they did.
        """
        json, readable, allowed, version = given
        assert isinstance(json, str) and isinstance(version, int | str)  # noqa: S101, PT018 - see `Pipeline.written`
        if not allowed:
            raise PermissionDenied
        body = filled(json, self.fills, self.origin).encode()
        return Item(body, item_etag(version, body), Level.TRACED) if readable else None


def row_written(request: ReadRequest, shape: Shape, verb: Verb) -> RowWritten | None:
    """Return how a row that is written is read by the very statement that writes it; None where that cannot be.

    Args:
        request: who asks, of which resource.
        shape: what is shown of it.
        verb: what is done.
    """
    if connections[router.db_for_write(request.grammar.model)].vendor not in GIVING_BACK:
        return None
    pipeline = Pipeline(request.source, request.grammar, shape, request.actor)
    asked = Reading(pipeline, written(verb), request.origin).returning()
    return None if asked is None else RowWritten(*asked, request.origin)


class WrittenPage(NamedTuple):
    """A page as it is sent."""

    body: bytes
    etag: str
    links: Mapping[str, str]


def write_page(page: Page, url: str, parameters: Parameters, paging: Paging = "keyset") -> WrittenPage:
    """Write a page, with links to its neighbours. One of too many bytes ends early.

    Raises:
        Refusal: it has too many bytes, and is a classic page.
    """
    place, most = "cursor" if paging == "keyset" else "page", setting("MAX_PAGE")

    def pieces(page: Page) -> tuple[bytes, str | None, str | None]:
        following = with_parameters(url, parameters, place, page.next) if page.next else None
        preceding = with_parameters(url, parameters, place, page.previous) if page.previous else None
        count, exact = page.count or (None, True)
        return page_body(page.rows, following, preceding, count, exact=exact), following, preceding

    body, following, preceding = pieces(page)
    if len(body) > most and len(page.rows) > 1:
        body, following, preceding = pieces(page.within(most))
    links = link_header(next=following, prev=preceding)
    return WrittenPage(body, f'"{body_digest(body)}"', {"Link": links} if links else {})
