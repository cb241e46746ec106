"""Every error becomes a problem (RFC 9457): Django's, DRF's, the database's and our own."""

from collections.abc import Callable
from typing import Any

import structlog
from django.core.exceptions import (
    BadRequest,
    DisallowedHost,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.db import DataError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from rest_framework import exceptions

from api.core.links import origin_of
from serializers.core.json import encode
from serializers.core.problems import BY_STATUS, MEDIA_TYPE, Problem, Refusal, problem
from serializers.core.writing import error_faults, refusal

log = structlog.get_logger("headwater")
RETRY_AFTER = "1"


def answer(request: HttpRequest, found: Problem) -> HttpResponse:
    """Answer with a problem."""
    body = found.as_json(origin=origin_of(request), instance=getattr(request, "id", None))
    response = HttpResponse(encode(body), status=found.kind.status, content_type=MEDIA_TYPE)
    for name, text in found.headers:
        response[name] = text
    response["Cache-Control"] = "no-store"
    return response


def _too_large(error: Exception) -> Problem:
    return problem("content-too-large", "The body is larger than this server reads.")


def _unknown_host(error: Exception) -> Problem:
    return problem("malformed-request", "This server does not answer to that host name. See ALLOWED_HOSTS.")


def _validation(error: Any) -> Problem:
    return refusal(list(error_faults(error.detail))).problem


def _of_drf(error: Any) -> Problem:
    kind = BY_STATUS.get(error.status_code, BY_STATUS[500 if error.status_code >= 500 else 400])
    headers = (("WWW-Authenticate", error.auth_header),) if getattr(error, "auth_header", None) else ()
    return Problem(kind, str(error.detail), headers=headers)


def _not_acceptable(error: Exception) -> Problem:
    return problem("not-acceptable", "This is served as application/json; collections as NDJSON and CSV, too.")


TABLE: tuple[tuple[type[BaseException], Callable[[Any], Problem]], ...] = (
    (Refusal, lambda error: error.problem),
    (exceptions.ValidationError, _validation),
    (exceptions.NotAcceptable, _not_acceptable),
    (exceptions.APIException, _of_drf),
    (Http404, lambda error: problem("not-found", "There is nothing at this address.")),
    (PermissionDenied, lambda error: problem("forbidden", "You may not do this.")),
    (RequestDataTooBig, _too_large),
    (DisallowedHost, _unknown_host),
    (SuspiciousOperation, lambda error: problem("malformed-request", "The request is not well formed.")),
    (BadRequest, lambda error: problem("malformed-request", str(error) or "The request is not well formed.")),
    (UnicodeError, lambda error: problem("malformed-request", "The request is not valid UTF-8.")),
    (DataError, lambda error: problem("malformed-request", "A value is not one that the database can keep.")),
    (
        OperationalError | InterfaceError,  # type: ignore[arg-type]
        lambda error: problem("unavailable", "The database is out of reach or busy.", retry_after=RETRY_AFTER),
    ),
)
"""What each exception is to a client. The first row that fits counts."""


def problem_of(error: BaseException) -> Problem | None:
    """Return what an exception is to a client, or None for a fault of ours."""
    return next((make(error) for kind, make in TABLE if isinstance(error, kind)), None)


def handle(error: Exception, context: Any) -> HttpResponse | None:
    """Answer an exception raised in a view of DRF; a fault of ours is raised again, to be logged once."""
    found = problem_of(error)
    if found is None:
        return None
    request = context["request"]
    if isinstance(error, exceptions.MethodNotAllowed):
        allowed = ", ".join(context["view"].allowed_methods)
        found = Problem(found.kind, found.detail, headers=(("Allow", allowed),))
    if found.kind.status == 503:
        log.warning("unavailable", error=str(error), path=request.path)
    return answer(request._request, found)


def fault(request: HttpRequest, error: BaseException) -> HttpResponse:
    """Answer a fault of ours: the client learns the request's id and nothing else."""
    log.error("fault", path=request.path, method=request.method, exc_info=error)
    return answer(request, problem("internal-error", "The server met a fault. It has been logged."))


def not_found(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """Answer where no route leads."""
    return answer(request, problem("not-found", f"There is nothing at {request.path[:200]}."))


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer what Django refuses before a view is reached."""
    return answer(request, problem_of(exception or BadRequest()) or problem("malformed-request", str(exception)))


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer what Django forbids."""
    return answer(request, problem("forbidden", "You may not do this."))


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer where even the middleware failed; Django has logged it."""
    return answer(request, problem("internal-error", "The server met a fault. It has been logged."))
