"""Requests with an `Idempotency-Key`, on their way through a view: done once, and answered again as they were."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING

from django.db import transaction
from django.http import HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response

from api.core.http.errors import problem_of
from api.core.http.request import id_of
from api.core.write.idempotency import (
    HEADER,
    UNSAFE,
    KeyedRequest,
    Overtaken,
    UsedElsewhere,
    bare_key,
    in_use,
    replay_of,
    response_to_store,
    used_elsewhere,
)
from api.core.write.integrity import refusals
from api.core.write.plan import attribution_of
from resources.core.database.attribution import attributed_to

if TYPE_CHECKING:
    from api.core.views.resource_view import ResourceView

type Handler = Callable[..., HttpResponseBase]
type Work = Callable[[], HttpResponseBase]

OVERTAKEN = 3
"""How often a request is begun again which another with its key has overtaken; that one's answer is found then."""


def is_keyed(request: Request) -> bool:
    """Whether a request is to be done once, however often it comes."""
    return request.method in UNSAFE and HEADER in request.headers


def check_key(request: Request) -> None:
    """Refuse what is no key, also where it is not used, since nothing is done (`dry_run`)."""
    if is_keyed(request):
        bare_key(request.headers[HEADER])


def once(view: ResourceView, handler: Handler) -> Handler:
    """Let the method of a view do what it does once for each key, in one transaction with the answer that is stored.

    That is success, or a conflict with what is there (409): all that was written before it was met is rolled back to a
    savepoint. No other refusal is stored: it rolls back the whole, and the key is free again.
    """

    @wraps(handler)
    def call(request: Request, *args: str, **kwargs: str) -> HttpResponseBase:
        keyed = KeyedRequest.of(request.headers[HEADER], request.META, request._request.body, view.actor)

        def work() -> HttpResponseBase:
            return handler(request, *args, **kwargs)

        with attributed_to(attribution_of(view.actor, id_of(request._request))), keyed.waiting():
            for _ in range(OVERTAKEN):
                try:
                    return _in_one_transaction(view, keyed, work)
                except UsedElsewhere:
                    raise used_elsewhere() from None
                except Overtaken:
                    continue
            raise in_use()

    return call


def _in_one_transaction(view: ResourceView, keyed: KeyedRequest, work: Work) -> HttpResponseBase:
    """Do the work, unless it was done, and store its answer."""
    try:
        with refusals(unseen=view.grammar_for(view.actor).unseen), transaction.atomic():
            original = keyed.claim()
            if original is not None:
                return replay_of(original)
            response = _tried(view, work)
            keyed.store(response_to_store(response))
            return response
    except (UsedElsewhere, Overtaken):
        raise
    except Exception as error:  # what the database refuses at the commit, when everything is rolled back
        response = _conflict(view, error)
        with transaction.atomic():
            original = keyed.claim()
            if original is None:
                keyed.store(response_to_store(response))
        return response if original is None else replay_of(original)


def _tried(view: ResourceView, work: Work) -> HttpResponseBase:
    """Do the work; what is in conflict with what is stored leaves nothing but the answer that says so.

    Whatever writes does it in a block of its own, which is a savepoint here, and goes back to it.
    """
    try:
        response = work()
    except Exception as error:
        return _conflict(view, error)
    return rendered(view, view.request, response)


def _conflict(view: ResourceView, error: Exception) -> HttpResponseBase:
    """Return the answer to a conflict; raise the error again that is another."""
    problem = problem_of(error)
    if problem is None or problem.kind.slug != "conflict":
        raise error
    return _final(view, view.request, view.handle_exception(error))


def rendered(view: ResourceView, request: Request, response: HttpResponseBase) -> HttpResponseBase:
    """Return an answer with its body, within the transaction whose rows it may show."""
    final = _final(view, request, response)
    return final.render() if isinstance(final, Response) and not final.is_rendered else final


def _final(view: ResourceView, request: Request, response: HttpResponseBase) -> HttpResponseBase:
    """Return an answer with the headers that DRF gives it, which is done once more when it is sent."""
    finalize: Callable[..., HttpResponseBase] = view.finalize_response  # to the stubs it takes DRF's responses only
    return finalize(request, response, *view.args, **view.kwargs)
