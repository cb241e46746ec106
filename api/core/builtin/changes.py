"""`GET /v1/changes`: what was changed since a cursor, as far as whoever asks may know of it."""

from collections.abc import Mapping

from django.http import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from api.core.builtin.endpoint import ALLOW, Endpoint
from api.core.changes.feed import Events, events_after
from api.core.changes.parameters import read_parameters
from api.core.changes.participants import participants
from api.core.http.authentication import actor_of
from api.core.http.links import absolute, pairs, with_parameters
from api.core.http.representations import EventRenderer, JSONRenderer, NDJSONRenderer
from api.core.http.responses import answer, body_digest, link_header
from api.core.live.requests import changes_response, watch_response, without_ticket
from serializers.core.json import encode
from serializers.core.problems import Fault, refuse


@extend_schema(exclude=True)  # the contract has it from `openapi.core.generation.changes`
class Changes(Endpoint):
    """Delta sync."""

    def get_renderers(self) -> list[BaseRenderer]:
        """Offer a page, and its events by themselves, one a line."""
        return [JSONRenderer(), NDJSONRenderer(), EventRenderer()]

    def get(self, request: Request, *_: object, **__: object) -> HttpResponseBase:
        """Answer with a page of changes.

        Raises:
            Refusal: parameters are wrong, or the cursor leads nowhere any more.
            NotAuthenticated, PermissionDenied: a resource that is named may not be read.
        """
        if request.accepted_renderer.media_type == EventRenderer.media_type:
            return self._stream(request)
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

    def _stream(self, request: Request) -> HttpResponseBase:
        """Answer with a stream: of changes, or (`watch`) of several live lists."""
        actor = actor_of(request)
        sent = without_ticket(pairs(request.query_params))
        addresses = [text for name, text in sent if name == "watch"]
        others = [name for name, _ in sent if name == "limit" or (addresses and name != "watch")]
        if others:
            faults = [Fault("conflict", f"{name} does not go with such a stream.", parameter=name) for name in others]
            raise refuse("invalid-parameters", faults[0].detail, faults)
        if addresses:
            return watch_response(request._request, actor, addresses)
        asked = read_parameters(sent)
        followed = participants(request, actor, absolute(""), asked.resources)
        return changes_response(request._request, actor, followed, asked.since, absolute(""))


def page_of(page: Events) -> bytes:
    """Write a page, whose events are JSON."""
    about: Mapping[str, object] = {"next": str(page.next), "more": page.more}
    reset = {"reset": page.reset} if page.reset else {}
    return b'%s,"results":[%s]}' % (encode({**about, **reset})[:-1], ",".join(page.events).encode())
