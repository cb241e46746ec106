"""`POST /v1/tickets`: for browsers, whose `EventSource` and `WebSocket` cannot send who asks."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request
from rest_framework.views import APIView

from api.core.http.authentication import actor_of
from api.core.http.links import origin_set
from api.core.http.responses import JSON, nothing, with_cache_headers
from api.core.people.validity import identity_of
from api.core.query.suggestions import unknown
from resources.core import tickets
from serializers.core.json import encode
from serializers.core.problems import Fault, refuse

ALLOW = {"Allow": "POST, OPTIONS"}


@extend_schema(exclude=True)  # the contract has it from service.yaml, with its headers and errors
class Tickets(APIView):
    """Tickets, each for one stream."""

    def dispatch(self, request: HttpRequest, *args: str, **kwargs: str) -> HttpResponseBase:
        """Serve a request, with links that lead back to where it was sent."""
        with origin_set(request):
            return super().dispatch(request, *args, **kwargs)

    def post(self, request: Request, *_: object, **__: object) -> HttpResponse:
        """Make a ticket.

        Raises:
            NotAuthenticated: nobody asks, who needs none.
            Refusal: there are parameters or members, or too many tickets that were not used.
        """
        faults = [Fault("unknown", unknown("parameter", name, ()), parameter=name) for name in request.query_params]
        if faults:
            raise refuse("invalid-parameters", faults[0].detail, faults)
        actor = actor_of(request)
        if actor.anonymous:
            raise NotAuthenticated
        if request.data:
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
        response["Allow"] = ALLOW["Allow"]
        return response

    def options(  # type: ignore[override]  # an answer of Django's, as all are here
        self, request: Request, *_: object, **__: object
    ) -> HttpResponse:
        """Say which methods are on offer (RFC 9110, section 9.3.7)."""
        return nothing(request._request, 204, ALLOW)
