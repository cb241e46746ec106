"""`?explain=access`: what an actor may do, over HTTP, for staff and for keys with the scope `explain`.

May refuse: an address that nobody has, or of somebody else than the key's owner; a form other than JSON.
"""

from __future__ import annotations

from django.db.models import Model, QuerySet
from django.http import HttpResponse
from rest_framework.exceptions import NotAcceptable
from rest_framework.request import Request

from api.core.diagnostics.access import access, as_json, as_person, person_of
from api.core.http.responses import answer, body_digest
from api.core.query.grammar import RESERVED, Grammar
from api.core.query.parameters.reader import ITEM_PARAMETERS, Reader
from api.core.views.resource_view import ResourceView
from resources.core.actor import EXPLAIN, Actor
from serializers.core.json import encode

PARAMETERS = frozenset(("explain", "actor"))
ACCESS, PLAN = "access", "plan"
MEDIA_TYPE = "application/vnd.headwater.access+json"
"""A form of its own, so that what typed clients know of pages and rows stays as it is."""


def may_explain(actor: Actor) -> bool:
    """Whether the parameter exists for an actor: for staff in scope, and for keys that name the scope.

    `*` is what the owner may, and an owner who is no staff may not.
    """
    return EXPLAIN in actor.scopes or (actor.is_staff and actor.has_scope(EXPLAIN))


def wants_explanation(view: ResourceView, request: Request) -> bool:
    """Whether a request asks for an explanation, and by somebody for whom there is one."""
    return "explain" in request.query_params and "explain" in parameters_of(view.grammar()) and may_explain(view.actor)


def parameters_of(grammar: Grammar) -> frozenset[str]:
    """Return the parameters that a resource offers for it; one that has a filter of the same name keeps the filter."""
    parameters = PARAMETERS.difference(grammar.filters, grammar.extra)
    return parameters if "explain" in parameters else frozenset()


def explain(view: ResourceView, request: Request, key: str | None = None) -> HttpResponse:
    """Answer with what an actor may do, and why: who asks, or the person whose address `actor` names.

    Raises:
        Refusal: `invalid-parameters`.
        NotFound: there is no such row, or none that who asks may know of.
        NotAcceptable: the client would have a stream.
    """
    actor = _subject(view, request)
    if request.accepted_renderer.media_type != "application/json":
        raise NotAcceptable
    row = None if key is None else view.find(_rows(view), key)
    body = encode(as_json(access(view.resource_type(), actor, row)))
    response = answer(request, body, f'"{body_digest(body)}"', {})
    response["Content-Type"] = MEDIA_TYPE
    return response


def _rows(view: ResourceView) -> QuerySet[Model]:
    """Return the rows that may be explained: staff explain all of them, others those that they may read."""
    return view.model()._default_manager.all() if view.actor.is_staff else view.readable_rows(view.actor)


def _subject(view: ResourceView, request: Request) -> Actor:
    """Read the parameters, those that a request without `explain` may have as well, and return who is explained."""
    parameters, explain_parameters = request.query_params, parameters_of(view.grammar())
    reader = Reader(
        view.grammar_for(view.actor), parameters, (ITEM_PARAMETERS if view.detail else RESERVED) | explain_parameters
    )
    if parameters["explain"] != ACCESS:
        reader.faults.add(
            "explain", "invalid", f"Expected {ACCESS!r}{' or ' + repr(PLAN) if view.actor.is_staff else ''}."
        )
    actor = _actor_with_address(view.actor, parameters.get("actor") if "actor" in explain_parameters else None)
    if actor is None:
        reader.faults.add("actor", "invalid", "There is nobody with this address whom you may ask about.")
    if view.detail:
        reader.refuse_others()
        reader.selection()
        reader.finish()
    else:
        reader.query()
    return actor or view.actor


def _actor_with_address(actor: Actor, email: str | None) -> Actor | None:
    """Return who is asked about; None for an address of nobody, or of somebody whom only staff may ask about."""
    if email is None:
        return actor
    person = person_of(email)
    if person is None or not (actor.is_staff or person.pk == actor.id):
        return None
    return as_person(person)
