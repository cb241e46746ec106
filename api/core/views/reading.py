"""GET of a resource: what is asked for is handed to `read`, and what is read is sent."""

from django.http import HttpResponseBase
from rest_framework.request import Request

from api.core.changes.history import history
from api.core.changes.parameters import read_history_parameters
from api.core.changes.participants import participant
from api.core.http.links import absolute, pairs, with_parameters
from api.core.http.representations import STREAMS, EventRenderer, streamed
from api.core.http.responses import answer, body_digest, link_header, page_body, with_cache_headers
from api.core.limits.visit import Visit
from api.core.limits.work import meter
from api.core.live.requests import list_response
from api.core.query.parameters.templates import query_of
from api.core.read.announcements import announcements
from api.core.read.plan import Plan, plan
from api.core.read.read import ReadRequest, read
from api.core.read.timeouts import bounded
from api.core.read.unindexed import refuse_unindexed
from api.core.resource.marks import ours
from api.core.views import explain_access, explain_plan
from api.core.views.actions import ActionView
from api.core.views.resource_view import ResourceView
from serializers.core.problems import Fault, refuse
from serializers.core.read.selection import Selection


@ours
class ReadView(ActionView):
    """GET of a collection and of an item."""

    def list(self, request: Request, *args: str, **kwargs: str) -> HttpResponseBase:
        """Read a page, or stream the whole collection."""
        if explain_access.wants_explanation(self, request):
            if explain_plan.wants_plan(request, self.actor):
                return explain_plan.explain(request, _read_request(self, request, self.path()))
            return explain_access.explain(self, request)
        self.refuse_nobody("read")
        media_type = request.accepted_renderer.media_type
        if media_type in STREAMS:
            return _stream(self, request, media_type)
        if media_type == EventRenderer.media_type:
            return list_response(request._request, _read_request(self, request))
        page = read(_read_request(self, request, self.path()))
        assert page is not None  # noqa: S101 - only an item may be missing
        return answer(request, page.body, page.etag, page.headers)

    def retrieve(self, request: Request, *args: str, **kwargs: str) -> HttpResponseBase:
        """Read one item."""
        if explain_access.wants_explanation(self, request):
            if explain_plan.wants_plan(request, self.actor):
                return explain_plan.explain(request, _read_request(self, request, key=self.item_key()))
            return explain_access.explain(self, request, self.key)
        self.refuse_nobody("read")
        if self.overrides("get_object"):
            self.item_selection(request)  # what is wrong with the parameters is told before what its code says
        key = self.item_key()
        item = read(_read_request(self, request, key=key))
        if item is None:
            raise self.missing(key)
        if self.permissions_see_rows():
            self.find(self.readable_rows(self.actor), key)
        return answer(request, item.body, item.etag, item.headers)

    def row_history(self, request: Request, *args: str, **kwargs: str) -> HttpResponseBase:
        """Read the changes of one row, the newest first."""
        self.refuse_nobody("read")
        sent = pairs(request.query_params)
        asked = read_history_parameters(sent)
        followed = participant(self.resource_type(), self.actor, request, absolute(""))
        page = history(followed, self.key, asked.before, asked.limit)
        if page is None:
            raise self.missing(self.key)
        url = absolute(f"{self.path(self.key)}/history")
        following = None if page.next is None else with_parameters(url, sent, "cursor", str(page.next))
        body = page_body(page.events, following, None, None)
        links = link_header(next=following)
        return answer(request, body, f'"{body_digest(body)}"', {"Link": links} if links else {})

    def item_selection(self, request: Request) -> Selection:
        """Read the parameters of an operation on items."""
        return query_of(self.grammar_for(self.actor), pairs(request.query_params), item=True).shape.selection


def _read_request(view: ResourceView, request: Request, path: str = "", key: str | None = None) -> ReadRequest:
    """Return what a request asks for; custom filters, which only lists have, know the request."""
    actor = view.actor
    grammar = view.grammar_for(actor)
    grammar = grammar.bound_to(view, request) if key is None else grammar
    return ReadRequest(view, grammar, actor, pairs(request.query_params), absolute(""), path, key)


def _stream(view: ResourceView, request: Request, media_type: str) -> HttpResponseBase:
    """Stream a whole collection, as it is filtered, row by row."""
    read_request = _read_request(view, request)
    query = query_of(read_request.grammar, read_request.parameters)
    refuse_unindexed(read_request.grammar, query.shape, read_request.actor, read_request.parameters)
    rows = plan(view, read_request.grammar, query, read_request.actor)
    refuse_pages(request, rows)
    visit: Visit | None = getattr(request._request, "visit", None)
    chunks = STREAMS[media_type].stream(rows)
    with bounded(query, read_request.actor, read_request.parameters, of="export"):
        stream = streamed(media_type, meter(chunks, visit.count) if visit else chunks, view.plural())
    for name, text in announcements(read_request.grammar, query.shape).items():
        stream[name] = text
    return with_cache_headers(request, stream)


def refuse_pages(request: Request, reading: Plan) -> None:
    """Refuse what asks a stream to be a page: it runs forward, from its beginning or a cursor, to the end."""
    pages = {"page", "page_size", "count"} & set(request.query_params)
    backwards = {"cursor"} if reading.start is not None and reading.start.backwards else set()
    faults = [Fault("conflict", f"{name} does not go with a stream.", parameter=name) for name in sorted(pages)]
    faults += [Fault("conflict", "A stream cannot run backwards.", parameter=name) for name in backwards]
    if faults:
        raise refuse("invalid-parameters", faults[0].detail, faults)
