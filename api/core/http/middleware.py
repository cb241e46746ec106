"""What happens around every request: its id, clean input, and problems in the place of error pages."""

import re
from collections.abc import Callable
from urllib.parse import unquote_to_bytes

import structlog
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponseBase

from api.core.http import errors
from api.core.http.request import id_of
from serializers.core.problems import problem

GetResponse = Callable[[HttpRequest], HttpResponseBase]
CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class RequestId:
    """Takes the client's X-Request-ID or makes one; echoes it, and binds it to every line logged."""

    def __init__(self, get_response: GetResponse) -> None:
        """Take what answers."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer."""
        identity = request.id = id_of(request)  # type: ignore[attr-defined]  # where others look for it
        with structlog.contextvars.bound_contextvars(request_id=identity):
            response = self.get_response(request)
        response["X-Request-ID"] = identity
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
        return errors.answer_exception(request, exception)


class CleanInput:
    """Refuses, before any view, an address that no database could be asked about, and a host that is not ours."""

    def __init__(self, get_response: GetResponse) -> None:
        """Take what answers."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, or refuse unknown hosts, control characters and broken UTF-8."""
        request.encoding = None  # type: ignore[assignment]  # a Content-Type speaks of the body; what stands in the address is UTF-8
        try:
            request.get_host()
        except DisallowedHost as error:
            return errors.answer_exception(request, error)
        fault = _fault(request)
        if fault is not None:
            return errors.answer(request, problem("malformed-request", fault))
        return self.get_response(request)


def _fault(request: HttpRequest) -> str | None:
    query = unquote_to_bytes(request.META.get("QUERY_STRING", "").encode("latin-1", "replace"))
    if CONTROL.search(request.path):
        return "The path holds a control character."
    if b"\x00" in query:
        return "The query string holds a NUL character."
    try:
        query.decode()
    except UnicodeError:
        return "The query string is not valid UTF-8."
    return None
