"""How a resource is read: parse, plan, run, respond."""

from collections.abc import Iterable
from typing import NamedTuple

from django.http import HttpResponseBase
from rest_framework.request import Request

from api.core.http.links import absolute, pairs, with_parameters
from api.core.http.representations import STREAMS, streamed
from api.core.http.responses import answer, body_digest, item_etag, link_header, page_body, with_cache_headers
from api.core.http.timing import Stopwatch
from api.core.limits.middleware import Visit
from api.core.limits.work import metered
from api.core.query.keys import key_fits
from api.core.query.parameters.reader import Reader, selection_of
from api.core.query.shape import Shape
from api.core.read.pipeline import Pipeline
from api.core.read.plan import Page, Plan, plan
from api.core.read.strategies import Level, item
from api.core.read.strategies import Reading as Rows
from api.core.resource.marks import ours
from api.core.views import explain_access
from api.core.views.actions import ActionView
from resources.core.database.columns import Column
from resources.core.keys import Key
from resources.core.setting import setting
from serializers.core.problems import Fault, refuse
from serializers.core.read.selection import Selection


class PageBytes(NamedTuple):
    """A page as it is sent."""

    body: bytes
    etag: str
    link: str


class WrittenRow(NamedTuple):
    """A row as it is sent, and how it was read."""

    body: bytes
    etag: str
    level: Level


def write_row(json: str, version: str | int, level: Level) -> WrittenRow:
    """Write a row."""
    body = json.encode()
    return WrittenRow(body, item_etag(version, body), level)


def write_page(page: Page, url: str, parameters: Iterable[tuple[str, str]], paging: str = "keyset") -> PageBytes:
    """Write a page, with links to its neighbours. One of too many bytes ends early.

    Raises:
        Refusal: it has too many bytes, and is a classic page.
    """
    place = "cursor" if paging == "keyset" else "page"

    def written(page: Page, count: int | None) -> tuple[bytes, str | None, str | None]:
        following, preceding = (
            with_parameters(url, parameters, **{place: where}) if where else None
            for where in (page.next, page.previous)
        )
        return page_body(page.rows, following, preceding, count), following, preceding

    body, following, preceding = written(page, page.count)
    most = setting("MAX_PAGE")
    if len(body) > most and len(page.rows) > 1:
        body, following, preceding = written(page.within(most), page.count)
    return PageBytes(body, f'"{body_digest(body)}"', link_header(next=following, prev=preceding))


@ours
class Reading(ActionView):
    """GET of a collection and of an item."""

    def list(self, request: Request, *args: str, **kwargs: str) -> HttpResponseBase:
        """Read a page, or stream the whole collection."""
        if explain_access.is_asked(self, request):
            return explain_access.explained(self, request)
        watch = Stopwatch()
        self.refuse_nobody("read")
        grammar = self.grammar_for(self.actor).bound_to(self, request)
        query = Reader(grammar, request.query_params).query()
        watch.lap("parse")
        reading = plan(self, grammar, query, self.actor)
        media_type = request.accepted_renderer.media_type
        if media_type in STREAMS:
            refuse_pages(request, reading)
            visit: Visit | None = getattr(request._request, "visit", None)
            chunks = STREAMS[media_type].stream(reading)
            stream = streamed(media_type, metered(chunks, visit.count) if visit else chunks, self.plural())
            return with_cache_headers(request, stream)
        watch.lap("plan")
        page = reading.page()
        watch.lap("sql")
        return self.respond(request, page, query.shape.paging, watch)

    def respond(self, request: Request, page: Page, paging: str, watch: Stopwatch) -> HttpResponseBase:
        """Write a page, with links to its neighbours."""
        written = write_page(page, absolute(self.path()), pairs(request.query_params), paging)
        watch.lap("render")
        link = {"Link": written.link} if written.link else {}
        return answer(request, written.body, written.etag, {**link, **watch.header(page.level)})

    def retrieve(self, request: Request, *args: str, **kwargs: str) -> HttpResponseBase:
        """Read one item."""
        if explain_access.is_asked(self, request):
            return explain_access.explained(self, request, self.key)
        watch = Stopwatch()
        self.refuse_nobody("read")
        selection = self.item_selection(request)
        watch.lap("parse")
        key = self.item_key()
        found = self.shown(key, selection, watch)
        if self.permissions_see_rows():
            self.find(self.readable_rows(self.actor), key)
        return answer(request, found.body, found.etag, watch.header(found.level))

    def item_selection(self, request: Request) -> Selection:
        """Read the parameters of an operation on items."""
        return selection_of(self.grammar_for(self.actor), request.query_params)

    def shown(self, key: Key, selection: Selection, watch: Stopwatch, column: Column | None = None) -> WrittenRow:
        """Read a row that the actor may read, by what rows are found by or by another column.

        Raises:
            NotFound: there is none, or none that the actor may know of.
        """
        pipeline = Pipeline(self, self.grammar_for(self.actor), Shape((), 0, (), selection), self.actor)
        column = column or self.resource_type().key
        if not key_fits(column, key):
            raise self.missing(key)
        reading = Rows(pipeline, item(column.name, key), absolute(""))
        watch.lap("plan")
        level, rows = reading.rows(1)
        watch.lap("sql")
        if not rows:
            raise self.missing(key)
        [(json, version)] = rows
        written = write_row(json, version, level)
        watch.lap("render")
        return written


def refuse_pages(request: Request, reading: Plan) -> None:
    """Refuse what asks a stream to be a page: it runs forward, from its beginning or a cursor, to the end."""
    pages = {"page", "page_size", "count"} & set(request.query_params)
    backwards = {"cursor"} if reading.start is not None and reading.start.backwards else set()
    faults = [Fault("conflict", f"{name} does not go with a stream.", parameter=name) for name in sorted(pages)]
    faults += [Fault("conflict", "A stream cannot run backwards.", parameter=name) for name in backwards]
    if faults:
        raise refuse("invalid-parameters", faults[0].detail, faults)
