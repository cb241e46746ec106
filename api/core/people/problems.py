"""allauth's errors as this API's: a problem of a known kind, with allauth's `data` and `meta` as further members.

Statuses stay as allauth's documentation has them, so that its clients work here too; but for one: who logs out is told
so by a 204, where allauth's 401 would make an error of a success.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import TypedDict

from allauth.headless.account.views import SessionView
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.views import View

from api.core.http import errors
from serializers.core.json import Json, escape
from serializers.core.problems import Fault, Problem, problem

CHALLENGE = f'Bearer realm="{settings.REALM}"'
WAIT = "60"
"""Seconds after which most of allauth's limits let the next try through."""
LIMITED = frozenset(("too_many_login_attempts", "rate_limited"))
"""Codes of input errors that mean that somebody tried too often."""
NO_WAY = "set a password first (auth/password/request), and then reauthenticate"
"""For who has neither a password nor a second factor; allauth has asked them for one since 65.22, and not before."""
LOGGED_OUT = (SessionView, "DELETE", HTTPStatus.UNAUTHORIZED)


class Flow(TypedDict, total=False):
    """A way to go on that allauth offers."""

    id: str
    is_pending: bool


class Data(TypedDict, total=False):
    """What allauth answers with: among other members, the ways to go on."""

    flows: list[Flow]


class InputError(TypedDict, total=False):
    """What allauth finds wrong with the input: with a member of it where `param` says so."""

    code: str
    message: str
    param: str


class Body(TypedDict, total=False):
    """The body of an answer of allauth's."""

    data: Data
    meta: dict[str, Json]
    errors: list[InputError]


def translate(view_class: type[View], request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Return the answer of a view, as a problem where it is an error."""
    if (view_class, request.method, response.status_code) == LOGGED_OUT:
        return nothing()
    if response.status_code < 400:
        response["Cache-Control"] = "no-store"
        response.headers.pop("Expires", None)
        return response
    body: Body = json.loads(response.content) if isinstance(response, JsonResponse) else {}
    refusal = replace(_problem(response.status_code, body), members=_members(body))
    answer = errors.answer(request, refusal)
    answer.cookies = response.cookies
    return answer


def nothing() -> HttpResponse:
    """Answer that something is done, and that there is no more to say."""
    response = HttpResponse(status=HTTPStatus.NO_CONTENT, headers={"Cache-Control": "no-store"})
    del response["Content-Type"]
    return response


def too_many(request: HttpRequest) -> HttpResponse:
    """Answer somebody who tried too often."""
    return errors.answer(request, _too_many())


def _members(body: Body) -> dict[str, object]:
    """Return what a client needs to go on; allauth says null for somebody who is not logged in."""
    meta = {name: bool(value) if name == "is_authenticated" else value for name, value in body.get("meta", {}).items()}
    return {name: value for name, value in (("data", body.get("data")), ("meta", meta)) if value}


def _problem(status: int, body: Body) -> Problem:
    if status == 429 or LIMITED & {error["code"] for error in body.get("errors", ())}:
        return _too_many()
    if status == 401:
        return _unauthenticated(body)
    slug, detail = STATUSES.get(status, STATUSES[500])
    faults = list(_faults(body))
    return problem(slug, faults[0].detail if faults else detail, faults)


def _too_many() -> Problem:
    return problem("too-many-requests", "There were too many tries. Wait a little.", retry_after=WAIT)


def _unauthenticated(body: Body) -> Problem:
    flows = body.get("data", Data()).get("flows", ())
    pending_flows = [flow["id"] for flow in flows if flow.get("is_pending")]
    if body.get("meta", {}).get("is_authenticated"):
        ways = ", ".join(flow["id"] for flow in flows if "reauthenticate" in flow["id"]) or NO_WAY
        return problem(
            "reauthentication-required", f"Show once more that it is you: {ways}.", www_authenticate=CHALLENGE
        )
    if pending_flows:
        detail = f"Left to do: {', '.join(pending_flows)}."
        return problem("authentication-pending", detail, www_authenticate=CHALLENGE)
    return problem("not-authenticated", "Nobody is logged in.", www_authenticate=CHALLENGE)


def _faults(body: Body) -> Iterator[Fault]:
    for error in body.get("errors", ()):
        pointer = f"/{escape(error['param'])}" if "param" in error else ""
        yield Fault(error["code"] or "invalid", error["message"], pointer)


STATUSES: Mapping[int, tuple[str, str]] = {
    400: ("invalid-body", "What was sent is not valid, or no longer."),
    403: ("forbidden", "This may not be done now."),
    404: ("not-found", "There is none yet."),
    409: ("conflict", "This does not fit the state of the session: no such step is pending, or somebody is logged in."),
    410: ("session-gone", "The session token is unknown, or its session has ended."),
    500: ("internal-error", "The server met a fault. It has been logged."),
}
"""The kind of problem for each status that allauth answers with, and what is said where allauth says nothing."""
