"""`GET /v1/changes`: what was changed since a cursor, as far as whoever asks may know of it."""

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from api.core.changes.feed import Events, events_after
from api.core.changes.parameters import read_parameters
from api.core.changes.participants import participants
from api.core.http.authentication import actor_of
from api.core.http.links import absolute, origin_set, pairs, with_parameters
from api.core.http.representations import JSONRenderer, NDJSONRenderer
from api.core.http.responses import answer, body_digest, link_header, nothing
from serializers.core.json import encode

ALLOW = {"Allow": "GET, HEAD, OPTIONS"}


@extend_schema(exclude=True)  # the contract has it from `openapi.core.generation.changes`
class Changes(APIView):
    """Delta sync."""

    def get_renderers(self) -> list[BaseRenderer]:
        """Offer a page, and its events by themselves, one a line."""
        return [JSONRenderer(), NDJSONRenderer()]

    def dispatch(self, request: HttpRequest, *args: str, **kwargs: str) -> HttpResponse:
        """Serve a request, with links that lead back to where it was sent."""
        with origin_set(request):
            return super().dispatch(request, *args, **kwargs)

    def get(self, request: Request, *_: object, **__: object) -> HttpResponse:
        """Answer with a page of changes.

        Raises:
            Refusal: parameters are wrong, or the cursor leads nowhere any more.
            NotAuthenticated, PermissionDenied: a resource that is named may not be read.
        """
        asked = read_parameters(pairs(request.query_params))
        followed = participants(request, actor_of(request), absolute(""), asked.resources)
        page = events_after(followed, asked.since, asked.limit)
        following = with_parameters(absolute(request.path), asked.again, "since", str(page.next))
        links = {**ALLOW, "Link": link_header(next=following)}
        if request.accepted_renderer.media_type == NDJSONRenderer.media_type:
            lines = "".join(f"{event}\n" for event in page.events).encode()
            response = answer(request._request, lines, f'"{body_digest(lines)}"', links)
            response["Content-Type"] = f"{NDJSONRenderer.media_type}; charset=utf-8"
            return response
        body = page_of(page)
        return answer(request._request, body, f'"{body_digest(body)}"', links)

    def options(  # type: ignore[override]  # an answer of Django's, as all are here
        self, request: Request, *_: object, **__: object
    ) -> HttpResponse:
        """Say which methods are on offer (RFC 9110, section 9.3.7)."""
        return nothing(request._request, 204, ALLOW)


def page_of(page: Events) -> bytes:
    """Write a page, whose events are JSON."""
    about: Mapping[str, object] = {"next": str(page.next), "more": page.more}
    reset = {"reset": page.reset} if page.reset else {}
    return b'%s,"results":[%s]}' % (encode({**about, **reset})[:-1], ",".join(page.events).encode())
