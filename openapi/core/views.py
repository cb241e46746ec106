"""What the views of all pages share: they are only read, and say which version they are."""

import hashlib
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views import View

from api.core.http.methods import only


class PageView(View):
    """A view that answers GET and HEAD; OPTIONS says so, other methods are refused (405)."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer a reader, and nobody else."""
        return only(request, "GET", "HEAD") or super().dispatch(request, *args, **kwargs)


def versioned(response: HttpResponse) -> HttpResponse:
    """Give a response an `ETag` made from its content, where it has none: who has that version is sent a 304."""
    response.setdefault("ETag", f'"{hashlib.sha256(response.content).hexdigest()[:32]}"')
    return response
