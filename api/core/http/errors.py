"""Every error becomes a problem (RFC 9457): Django's, DRF's, the database's and our own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from math import ceil
from typing import TYPE_CHECKING, TypedDict

import structlog
from django.conf import settings
from django.core.exceptions import (
    BadRequest,
    DisallowedHost,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    ValidationError,
)
from django.db import DataError, InterfaceError, OperationalError, ProgrammingError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from rest_framework import exceptions
from rest_framework.fields import get_error_detail
from rest_framework.request import Request

from api.core.http.links import origin_of
from resources.core.database import budget
from resources.core.database.budget import ENDLESS, is_over
from serializers.core.json import encode
from serializers.core.problems import MEDIA_TYPE, Problem, Refusal, kind_of, problem
from serializers.core.write.validation import error_faults, refusal

if TYPE_CHECKING:  # which imports this module, by way of the settings
    from rest_framework.views import APIView

log = structlog.get_logger("headwater")
RETRY_AFTER = "1"


class ExceptionContext(TypedDict):
    """What DRF tells of an exception: the request, and the view that it was raised in."""

    request: Request
    view: APIView


def answer(request: HttpRequest, refusal: Problem) -> HttpResponse:
    """Answer with a problem."""
    body = refusal.as_json(origin=origin_of(request), instance=getattr(request, "id", None))
    response = HttpResponse(encode(body), status=refusal.kind.status, content_type=MEDIA_TYPE)
    for name, text in refusal.headers:
        response[name] = text
    response["Cache-Control"] = "no-store"
    return response


def _too_large(error: Exception) -> Problem:
    return problem("content-too-large", f"A body may have {settings.DATA_UPLOAD_MAX_MEMORY_SIZE} bytes.")


def _unknown_host(error: Exception) -> Problem:
    return problem("malformed-request", "This server does not answer to that host name. See ALLOWED_HOSTS.")


def _validation(error: exceptions.ValidationError) -> Problem:
    return refusal(list(error_faults(error.detail))).problem


def _model_validation(error: ValidationError) -> Problem:
    return _validation(exceptions.ValidationError(get_error_detail(error)))


def _of_drf(error: exceptions.APIException) -> Problem:
    challenge, wait = getattr(error, "auth_header", None), getattr(error, "wait", None)
    offers = {"WWW-Authenticate": challenge, "Retry-After": wait and str(ceil(wait))}
    headers = tuple((name, text) for name, text in offers.items() if text)
    if isinstance(error.detail, str):
        return Problem(kind_of(error.status_code), error.detail, headers=headers)
    faults = tuple(error_faults(error.detail))
    detail = faults[0].detail if faults else error.default_detail
    return Problem(kind_of(error.status_code), str(detail), faults, headers)


def _not_acceptable(error: Exception) -> Problem:
    return problem("not-acceptable", "This is served as application/json; collections as NDJSON and CSV, too.")


def _unavailable(error: Exception) -> Problem:
    if is_over(error):
        return problem("unavailable", over_budget(), retry_after=RETRY_AFTER)
    return problem("unavailable", "The database is out of reach or busy.", retry_after=RETRY_AFTER)


def over_budget() -> str:
    """Say which of its two bounds a request has met."""
    spent = budget.current()
    if spent is not None and spent.work != ENDLESS and spent.spent >= spent.work:
        return f"Without an identity, a request may take {spent.work:g} s of a processor. Ask for less, or show a key."
    return f"A request may take {settings.TIME_BUDGET or 0:g} s, and this one needed more. Ask for less."


def _incomparable(error: ProgrammingError) -> Problem | None:
    """Refuse what PostgreSQL cannot do with a column that has another type than its model declares, such as json.

    Which type a table really has that another program made is known to the database alone, when it is asked.
    """
    if getattr(error.__cause__, "sqlstate", None) not in INCOMPARABLE:
        return None
    return problem(
        "invalid-parameters", "The database cannot compare a column of this type in the way that was asked for."
    )


def _too_long(error: OperationalError) -> Problem | None:
    """Refuse a value that is longer than an index of PostgreSQL takes (a B-tree: 2,704 bytes, compressed)."""
    if getattr(error.__cause__, "sqlstate", None) != BEYOND_LIMIT:
        return None
    return problem("malformed-request", "A value is longer than the database can keep in an index.")


BEYOND_LIMIT = "54000"
"""PostgreSQL's code for `program_limit_exceeded` (its appendix A)."""
INCOMPARABLE = ("42883", "42704")
"""PostgreSQL's codes for an operator, or an array type, that there is not (its appendix A)."""

type Translation = Callable[[BaseException], Problem | None]


def _to[Error: BaseException](kind: type[Error], make: Callable[[Error], Problem | None]) -> Translation:
    """Translate exceptions of a kind, and no others."""
    return lambda error: make(error) if isinstance(error, kind) else None


TABLE: tuple[Translation, ...] = (
    _to(Refusal, lambda error: error.problem),
    _to(exceptions.ValidationError, _validation),
    _to(exceptions.NotAcceptable, _not_acceptable),
    _to(exceptions.APIException, _of_drf),
    _to(ValidationError, _model_validation),
    _to(Http404, lambda error: problem("not-found", "There is nothing at this address.")),
    _to(PermissionDenied, lambda error: problem("forbidden", "You may not do this.")),
    _to(RequestDataTooBig, _too_large),
    _to(DisallowedHost, _unknown_host),
    _to(SuspiciousOperation, lambda error: problem("malformed-request", "The request is not well formed.")),
    _to(BadRequest, lambda error: problem("malformed-request", str(error) or "The request is not well formed.")),
    _to(UnreadablePostError, lambda error: problem("malformed-request", "The body did not arrive.")),
    _to(UnicodeError, lambda error: problem("malformed-request", "The request is not valid UTF-8.")),
    _to(DataError, lambda error: problem("malformed-request", "A value is not one that the database can keep.")),
    _to(ProgrammingError, _incomparable),
    _to(OperationalError, _too_long),
    _to(OperationalError, _unavailable),
    _to(InterfaceError, _unavailable),
)
"""What each exception is to a client. The first row that fits counts."""


def problem_of(error: BaseException) -> Problem | None:
    """Return what an exception is to a client, or None for a fault of ours."""
    return next((refusal for translate in TABLE if (refusal := translate(error)) is not None), None)


def handle(error: Exception, context: ExceptionContext) -> HttpResponse | None:
    """Answer an exception raised in a view of DRF; a fault of ours is raised again, to be logged once."""
    refusal = problem_of(error)
    if refusal is None:
        return None
    add = OFFERS.get(type(error))
    return _answer_exception(context["request"]._request, error, add(refusal, context["view"]) if add else refusal)


def _answer_exception(request: HttpRequest, error: BaseException, refusal: Problem) -> HttpResponse:
    if refusal.kind.status == 503:
        log.warning("unavailable", error=str(error), path=request.path)
    return answer(request, refusal)


def _methods(refusal: Problem, view: APIView) -> Problem:
    allowed = ", ".join(view.allowed_methods)
    return replace(refusal, detail=f"{refusal.detail} Offered here: {allowed}.", headers=(("Allow", allowed),))


def _types(refusal: Problem, view: APIView) -> Problem:
    types = ", ".join(parser.media_type for parser in view.get_parsers())
    name = "Accept-Patch" if view.request.method == "PATCH" else "Accept"  # RFC 5789, 3.1; RFC 9110, 15.5.16
    return replace(refusal, detail=f"{refusal.detail} Read here: {types}.", headers=((name, types),))


OFFERS: Mapping[type[Exception], Callable[[Problem, APIView], Problem]] = {
    exceptions.MethodNotAllowed: _methods,
    exceptions.UnsupportedMediaType: _types,
}
"""What a view adds to a refusal: the methods and the types that it has on offer."""


def answer_exception(request: HttpRequest, error: BaseException) -> HttpResponse:
    """Answer an exception raised outside of DRF; of a fault of ours the client learns the request's id only."""
    refusal = problem_of(error)
    if refusal is not None:
        return _answer_exception(request, error, refusal)
    log.error("fault", path=request.path, method=request.method, exc_info=error)
    return answer(request, problem("internal-error", "The server met a fault. It has been logged."))


def not_found(request: HttpRequest, *_: object, **__: object) -> HttpResponse:
    """Answer where no route leads."""
    return answer(request, problem("not-found", f"There is nothing at {request.path[:200]}."))


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer what Django refuses before a view is reached."""
    return answer_exception(request, exception or BadRequest())


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer what Django forbids."""
    return answer(request, problem("forbidden", "You may not do this."))


def no_csrf_token(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a request with a browser's cookie, which a page of somebody else's may have sent."""
    detail = f"Send the header X-CSRFToken, with what the cookie {settings.CSRF_COOKIE_NAME} says. {reason}"
    return answer(request, problem("forbidden", detail.strip()))


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer where even the middleware failed; Django has logged it."""
    return answer(request, problem("internal-error", "The server met a fault. It has been logged."))
