"""An endpoint that is no resource: what it offers, and what it refuses."""

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from rest_framework.request import Request
from rest_framework.views import APIView

from api.core.http.links import origin_set
from api.core.http.responses import nothing
from api.core.query.suggestions import unknown
from serializers.core.problems import Fault, refuse

ALLOW = {"Allow": "GET, HEAD, OPTIONS"}


class Endpoint(APIView):
    """What answers GET and HEAD, or says otherwise in `allow`."""

    allow: Mapping[str, str] = ALLOW

    def dispatch(self, request: HttpRequest, *args: str, **kwargs: str) -> HttpResponseBase:
        """Serve a request, with links that lead back to where it was sent."""
        with origin_set(request):
            return super().dispatch(request, *args, **kwargs)

    def options(  # type: ignore[override]  # an answer of Django's, as all are here
        self, request: Request, *_: object, **__: object
    ) -> HttpResponse:
        """Say which methods are on offer (RFC 9110, section 9.3.7)."""
        return nothing(request._request, 204, self.allow)

    def refuse_parameters(self, request: Request) -> None:
        """Refuse all query parameters.

        Raises:
            Refusal: there are some.
        """
        faults = [Fault("unknown", unknown("parameter", name, ()), parameter=name) for name in request.query_params]
        if faults:
            raise refuse("invalid-parameters", faults[0].detail, faults)
