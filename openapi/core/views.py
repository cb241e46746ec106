"""What the views of all pages share: they are only read, and answer 304 to who has them already."""

import hashlib
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views import View

from api.core.methods import only
from api.core.respond import matches, strip_coding

_KEPT = ("ETag", "Cache-Control", "Vary", "Content-Security-Policy")


class PageView(View):
    """A view that answers GET and HEAD; OPTIONS says so, other methods are refused (405)."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer a reader, and nobody else."""
        return only(request, "GET", "HEAD") or super().dispatch(request, *args, **kwargs)


def conditional(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Return the response, or a 304 in its place when the client has it (RFC 9110, section 13.1.2).

    The response's `ETag` is made from its content where it has none.
    """
    response.setdefault("ETag", f'"{hashlib.sha256(response.content).hexdigest()[:32]}"')
    if not matches(request, strip_coding(response["ETag"])):
        return response
    return HttpResponse(status=304, headers={name: response[name] for name in _KEPT if name in response})
