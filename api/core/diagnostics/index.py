"""The front door: where everything is, for programs as JSON, for browsers the docs."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views import View

from api.core.http.links import absolute, origin_set
from api.core.http.methods import only
from api.core.http.responses import answer, body_digest
from serializers.core.json import encode


class Index(View):
    """`GET /`: name, version, and links to the resources, the contract and its pages."""

    resources: Mapping[str, str] = MappingProxyType({})
    credits: Sequence[dict[str, str]] = ()

    def dispatch(self, request: HttpRequest, *_: object, **__: object) -> HttpResponse:
        """Answer a reader, and nobody else."""
        return only(request, "GET", "HEAD") or self.read(request)

    def read(self, request: HttpRequest) -> HttpResponse:
        """Send browsers to the docs, tell programs where things are."""
        best = request.get_preferred_type(["application/json", "text/html"])
        with origin_set(request):
            if best == "text/html":
                return HttpResponseRedirect(absolute(reverse("docs")), headers={"Vary": "Accept"})
            body = encode(self.links())
        return answer(request, body, f'"{body_digest(body)}"', {})

    def links(self) -> dict[str, object]:
        """Return the members of the index."""
        return {
            "name": settings.NAME,
            "version": settings.VERSION,
            "resources": {name: absolute(reverse(route)) for name, route in self.resources.items()},
            "schema": absolute(reverse("openapi")),
            "docs": absolute(reverse("docs")),
            "credits": list(self.credits),
        }
