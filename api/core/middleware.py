"""What happens around every request: its id, clean input, and problems in the place of error pages."""

import re
from collections.abc import Callable
from urllib.parse import unquote_to_bytes

import structlog
from django.http import HttpRequest, HttpResponseBase

from api.core import errors
from resources.core.keys import uuid7
from serializers.core.problems import problem

GetResponse = Callable[[HttpRequest], HttpResponseBase]
REQUEST_ID = re.compile(r"[A-Za-z0-9._~:-]{1,128}")


class RequestId:
    """Takes the client's X-Request-ID or makes one; echoes it, and binds it to every line logged."""

    def __init__(self, get_response: GetResponse) -> None:
        """Take what answers."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer."""
        sent = request.headers.get("X-Request-ID", "")
        request.id = sent if REQUEST_ID.fullmatch(sent) else str(uuid7())  # type: ignore[attr-defined]
        with structlog.contextvars.bound_contextvars(request_id=request.id):  # type: ignore[attr-defined]
            response = self.get_response(request)
        response["X-Request-ID"] = request.id  # type: ignore[attr-defined]
        return response


class Problems:
    """Turns what a view raises into a problem, under DEBUG too."""

    def __init__(self, get_response: GetResponse) -> None:
        """Take what answers."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase:
        """Answer an exception that no view handled."""
        found = errors.problem_of(exception)
        return errors.fault(request, exception) if found is None else errors.answer(request, found)


class CleanInput:
    """Refuses, before any view, an address that no database could be asked about."""

    def __init__(self, get_response: GetResponse) -> None:
        """Take what answers."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, or refuse NUL characters and broken UTF-8 in the path and the query string."""
        fault = _fault(request)
        if fault is not None:
            return errors.answer(request, problem("malformed-request", fault))
        return self.get_response(request)


def _fault(request: HttpRequest) -> str | None:
    query = request.META.get("QUERY_STRING", "")
    if "\x00" in request.path or "%00" in query or "\x00" in query:
        return "The address holds a NUL character."
    try:
        unquote_to_bytes(query.encode("latin-1", "surrogateescape")).decode()
    except UnicodeError:
        return "The query string is not valid UTF-8."
    return None
