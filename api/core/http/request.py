"""The request that Django reads, and the id it goes by.

Its Content-Type speaks of the body, and changes nothing about the address: Django would read the query string in the
body's charset, and fail before any view where that charset cannot.
"""

import re

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest
from django.utils.http import parse_header_parameters

from resources.core.uuids import uuid7_text

REQUEST_ID = re.compile(r"[A-Za-z0-9._~:-]{1,128}")


class Request(WSGIRequest):
    """Django's, with an address that is UTF-8 always; a Content-Type that cannot be read is none."""

    def _set_content_type_params(self, meta: dict[str, object]) -> None:
        try:
            self.content_type, self.content_params = parse_header_parameters(str(meta.get("CONTENT_TYPE", "")))
        except ValueError:  # too long, or in a charset that is none
            meta["CONTENT_TYPE"] = ""
            self.content_type, self.content_params = "", {}


def id_of(request: HttpRequest) -> str:
    """Return what a request goes by: the id it was given, else what its client sent as X-Request-ID, else a new one."""
    identity: str | None = getattr(request, "id", None)
    return identity or accepted_id(request.META.get("HTTP_X_REQUEST_ID", ""))


def accepted_id(header: str) -> str:
    """Return the id that a client sent, if it is one, or else a new one."""
    return header if REQUEST_ID.fullmatch(header) else uuid7_text()
