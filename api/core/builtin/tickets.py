"""`POST /v1/tickets`: for browsers, whose `EventSource` and `WebSocket` cannot send who asks."""

from collections.abc import Mapping

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request

from api.core.builtin.endpoint import Endpoint
from api.core.http.authentication import actor_of
from api.core.http.responses import JSON, with_cache_headers
from api.core.people.validity import identity_of
from resources.core import tickets
from serializers.core.json import encode
from serializers.core.problems import refuse


@extend_schema(exclude=True)  # the contract has it from service.yaml, with its headers and errors
class Tickets(Endpoint):
    """Tickets, each for one stream."""

    allow = {"Allow": "POST, OPTIONS"}

    def post(self, request: Request, *_: object, **__: object) -> HttpResponse:
        """Make a ticket.

        Raises:
            NotAuthenticated: nobody asks, who needs none.
            Refusal: there are parameters or members, or too many tickets that were not used.
        """
        self.refuse_parameters(request)
        actor = actor_of(request)
        if actor.anonymous:
            raise NotAuthenticated
        if request.data or not isinstance(request.data, Mapping):
            raise refuse("invalid-body", "Send no body, or {}: a ticket is for whoever asks for it.")
        expires_at = timezone.now() + tickets.LIFE
        try:
            ticket = tickets.issue(actor, identity_of(request._request, actor).session)
        except tickets.TooManyError:
            told = f"You have {tickets.MOST} tickets that were not used. Each runs out after 30 seconds."
            raise refuse("too-many-requests", told, retry_after="30") from None
        body = encode({"ticket": ticket, "expires_at": expires_at})
        response = with_cache_headers(request._request, HttpResponse(body, status=201, content_type=JSON))
        response["Cache-Control"] = "no-store"
        response["Allow"] = self.allow["Allow"]
        return response
