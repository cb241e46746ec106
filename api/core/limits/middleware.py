"""Counts every request, and refuses those that come too soon: 429, with the same headers as every answer.

A key that is known counts at once, and so does somebody unknown. Another identity is found out by the view: it is
counted there (`ActorLimit`), or, where the view finds none, as somebody unknown.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from api.core.http import errors
from api.core.http.authentication import actor_of, secret_in
from api.core.http.event_stream import IDENTITY, wants_events
from api.core.limits import admission, work
from api.core.limits.visit import VISIT, Visit
from resources.core.api_keys.keyring import KEYRING
from serializers.core.problems import Refusal

if TYPE_CHECKING:  # which imports this module, by way of the settings
    from rest_framework.views import APIView

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class Limits:
    """The middleware."""

    def __init__(self, get_response: GetResponse) -> None:
        """Take what answers."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, or refuse."""
        if admission.is_free(request.path_info):
            return self.get_response(request)
        earlier = request.META.get(VISIT)
        visit = request.visit = earlier or Visit(request.META.get("REMOTE_ADDR", ""))  # type: ignore[attr-defined]  # for the view
        with work.budgeted():
            response = self._refusal(request, visit, lambda: _count(request, visit)) or self.get_response(request)
            if not visit.is_final:
                _count_late(visit, response.status_code)
            else:
                visit.end(len(getattr(response, "content", b"")))
        for name, text in visit.decision.headers if visit.decision else ():
            response[name] = text
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponseBase], *_: object
    ) -> HttpResponseBase | None:
        """Count as somebody unknown who asks a view that is none of DRF's, which `ActorLimit` would count."""
        visit = getattr(request, "visit", None)
        if visit is None or visit.is_final or hasattr(view, "cls"):
            return None
        return self._refusal(request, visit, lambda: visit.conclude(admission.of_address(visit.address)))

    def _refusal(self, request: HttpRequest, visit: Visit, count: Callable[[], None]) -> HttpResponseBase | None:
        try:
            count()
        except Exception as error:  # of the database, too
            visit.is_final = True
            return errors.answer_exception(request, error)
        return None


class ActorLimit(BaseThrottle):
    """Counts, in a view of DRF's, the person whom it has found."""

    def allow_request(self, request: Request, view: "APIView") -> bool:
        """Count the request, if it has not been.

        Raises:
            Refusal: it came too soon.
        """
        visit = getattr(request._request, "visit", None)
        if visit is not None and not visit.is_final:
            visit.identify(actor_of(request))
        return True


def _count(request: HttpRequest, visit: Visit) -> None:
    """Count a request as far as can be told before a view has it.

    Raises:
        Refusal: it came too soon.
    """
    if VISIT in request.META:  # counted before Django had it
        visit.conclude(visit.decision)
    elif IDENTITY in request.META:  # asked for on a socket that has been identified
        visit.identify(request.META[IDENTITY].actor)
    elif admission.is_login(request.method, request.path_info):
        visit.conclude(admission.of_login(visit.address))
    elif secret := secret_in(request.META.get("HTTP_AUTHORIZATION", "")):
        _count_key(secret, visit)
    elif _shows_something(request):
        _refuse_guessing(visit)
    else:
        visit.conclude(admission.of_address(visit.address))


def _count_late(visit: Visit, status: int) -> None:
    """Count a request whose answer is there already, so that it cannot be refused any more.

    One that failed before its identity was looked at counts as a guess: those are refused when there are too many.
    """
    with suppress(Refusal):
        visit.decision = (admission.count_guess if status >= 400 else admission.of_address)(visit.address)


def _count_key(secret: str, visit: Visit) -> None:
    if not KEYRING.holds(secret):  # one that was good a moment ago is no guess
        _refuse_guessing(visit)
    actor = KEYRING.actor(secret)
    if actor is not None:
        visit.identify(actor)


def _refuse_guessing(visit: Visit) -> None:
    decision = admission.may_guess(visit.address)
    if decision is not None and not decision.allowed:
        visit.conclude(decision)
    visit.is_final = False


def _shows_something(request: HttpRequest) -> bool:
    headers = ("HTTP_AUTHORIZATION", "HTTP_X_SESSION_TOKEN")
    ticket = "ticket=" in request.META.get("QUERY_STRING", "") and wants_events(request)
    return ticket or any(map(request.META.get, headers)) or settings.SESSION_COOKIE_NAME in request.COOKIES
