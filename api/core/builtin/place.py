"""A place that is no resource: what it offers."""

from collections.abc import Mapping

from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.views import APIView

from api.core.http.responses import nothing

ALLOW = {"Allow": "GET, HEAD, OPTIONS"}


class Place(APIView):
    """What answers GET and HEAD, or says otherwise in `allow`."""

    allow: Mapping[str, str] = ALLOW

    def options(  # type: ignore[override]  # an answer of Django's, as all are here
        self, request: Request, *_: object, **__: object
    ) -> HttpResponse:
        """Say which methods are on offer (RFC 9110, section 9.3.7)."""
        return nothing(request._request, 204, self.allow)
