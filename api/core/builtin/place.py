"""A place that is no resource, and is only read: what it offers."""

from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.views import APIView

from api.core.http.responses import nothing

ALLOW = {"Allow": "GET, HEAD, OPTIONS"}


class Place(APIView):
    """What answers GET and HEAD."""

    def options(  # type: ignore[override]  # an answer of Django's, as all are here
        self, request: Request, *_: object, **__: object
    ) -> HttpResponse:
        """Say which methods are on offer (RFC 9110, section 9.3.7)."""
        return nothing(request._request, 204, ALLOW)
