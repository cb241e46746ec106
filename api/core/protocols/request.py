"""The request that Django reads: its Content-Type speaks of the body, and changes nothing about the address.

Django would read the query string in the body's charset, and fail before any view where that charset cannot.
"""

from typing import Any

from django.core.handlers.wsgi import WSGIRequest
from django.utils.http import parse_header_parameters


class Request(WSGIRequest):
    """Django's, with an address that is UTF-8 always; a Content-Type that cannot be read is none."""

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        try:
            self.content_type, self.content_params = parse_header_parameters(meta.get("CONTENT_TYPE", ""))
        except ValueError:  # too long, or in a charset that is none
            meta["CONTENT_TYPE"] = ""
            self.content_type, self.content_params = "", {}
