"""Django's synchronous handler, made to answer alike under every server: one framing, one limit, one last resort."""

import logging
from typing import TYPE_CHECKING

import msgspec
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from structlog.contextvars import bound_contextvars

from api.core.http.links import origin_of
from api.core.http.request import Request, id_of
from api.core.server.body import bound_body, drain
from api.core.server.environ import Environ
from serializers.core.problems import MEDIA_TYPE, Problem, problem

if TYPE_CHECKING:
    from wsgiref.types import StartResponse

logger = logging.getLogger(__name__)

BODILESS = frozenset({204, 304})
REFUSED = "headwater.refused"
"""The key of an environ under which stands the problem that the request is to be answered with."""


class Handler(WSGIHandler):
    """The WSGI application of the API. Under ASGI, `Bridge` calls it in its threads."""

    request_class = Request

    def __call__(self, environ: Environ, start_response: "StartResponse") -> HttpResponseBase:
        """Answer a request; what escapes Django's own handling of errors is logged and becomes a problem."""
        try:
            response = super().__call__(bound_body(environ), start_response)
            drain(environ)
            return response
        except Exception:
            return self._fault(environ, start_response)

    def get_response(self, request: HttpRequest) -> HttpResponseBase:
        """Answer a request, framed as HTTP asks."""
        return frame(request, super().get_response(request))

    def _get_response(self, request: HttpRequest) -> HttpResponseBase:
        """Ask the view, unless the request was refused before it came here; either way inside the middleware."""
        refusal = request.META.get(REFUSED)
        return problem_response(refusal, request) if refusal else super()._get_response(request)  # type: ignore[misc]  # the stubs do not know it

    def _fault(self, environ: Environ, start_response: "StartResponse") -> HttpResponseBase:
        response = problem_response(problem("internal-error", "The server met a fault."), Request(environ))
        with bound_contextvars(request_id=response["X-Request-ID"]):
            logger.exception("%s %s failed", environ.get("REQUEST_METHOD"), environ.get("PATH_INFO"))
        response._handler_class = type(self)  # type: ignore[attr-defined]  # the sender of `request_finished`
        start_response(f"{response.status_code} {response.reason_phrase}", list(response.items()))
        return response


def frame(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Say the length where it is known, and send no body where there is none (RFC 9110, sections 6.4.1 and 8.6)."""
    bodiless = response.status_code in BODILESS
    if bodiless:
        del response["Content-Length"]
    elif isinstance(response, HttpResponse) and "Content-Length" not in response:
        response["Content-Length"] = str(len(response.content))
    if bodiless or request.method == "HEAD":
        _empty(response)
    return response


def _empty(response: HttpResponseBase) -> None:
    if isinstance(response, HttpResponse):
        response.content = b""
    elif isinstance(response, StreamingHttpResponse):
        response.streaming_content = ()  # its closers stay: a generator is closed


def problem_response(refusal: Problem, request: HttpRequest) -> HttpResponse:
    """Write a problem as an answer to a request that comes to no view."""
    identity = id_of(request)
    body = msgspec.json.encode(refusal.as_json(origin=origin_of(request), instance=identity))
    headers = dict(refusal.headers) | {
        "Cache-Control": "no-store",
        "Content-Length": str(len(body)),
        "X-Request-ID": identity,
    }
    return HttpResponse(body, status=refusal.kind.status, content_type=MEDIA_TYPE, headers=headers)
