"""Custom actions (DRF's `@action`), under the same laws as the six actions that every resource has.

May refuse: query parameters that nobody declared, who may not act, and a body that its serializer does not take.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial, wraps
from inspect import signature
from typing import Any, Unpack

from django.db import connections
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.http import HttpResponseBase
from rest_framework.exceptions import NotAuthenticated, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import ListSerializer

from api.core.http.request import id_of
from api.core.http.responses import with_cache_headers
from api.core.query.deprecations import old_members
from api.core.query.field_rules import guard_for, ruled_resources
from api.core.query.parameters.reader import Reader
from api.core.resource.marks import OURS, definer, ours
from api.core.resource.readable import Readable
from api.core.views import conditions, rehearsals, repeats
from api.core.views.resource_view import ResourceView, among
from api.core.views.serializer_view import Instance, SerializerOptions
from api.core.write.integrity import saving
from api.core.write.locking import lock
from api.core.write.plan import attribution_of, refuse_outside
from resources.core.actor import Actor
from resources.core.database.attribution import Attribution, attributed_to
from resources.core.policy import ALL, NONE, Verb
from serializers.core.json import round_trip
from serializers.core.kinds import AnySerializer, as_serializer
from serializers.core.write import validation
from serializers.core.write.members import Shown
from serializers.core.write.model_rules import model_of

Handler = Callable[..., HttpResponseBase]
STANDARD = frozenset(("list", "retrieve", "create", "update", "partial_update", "destroy"))
"""The actions that every resource has."""
SAFE = frozenset(("GET", "HEAD"))
ALLOWED = "_allowed"
"""What stands beside a row that was found: whether the actor may do with it what they want to."""
VERBS: Mapping[str, Verb] = {"GET": "read", "HEAD": "read", "PUT": "update", "PATCH": "update", "DELETE": "delete"}
"""What an action is to a policy, by its method, where it does not say so; POST changes a row, or creates some."""


@ours
class ActionView(ResourceView):
    """Holds a viewset's own actions, and its own methods in the place of the six, to what is declared."""

    def initial(self, request: Request, *args: str, **kwargs: str) -> None:
        """Find out who asks, as DRF does, and hold custom code of the viewset to what is declared."""
        super().initial(request, *args, **kwargs)
        name, dry_run = str(request.method).lower(), rehearsals.take_parameter(request)
        if is_custom_action(self):
            admit(self, request)
        elif is_overridden(self):
            enforce_policy(self, request)
        conditions.refuse_unconditional(self, request)
        if dry_run and hasattr(self, name):
            repeats.check_key(request)
            setattr(self, name, rehearsals.rehearsed(self, getattr(self, name), is_custom=is_custom_action(self)))
        elif repeats.is_keyed(request) and hasattr(self, name):
            setattr(self, name, repeats.once(self, getattr(self, name)))

    def finalize_response(self, request: Request, response: Response, *args: str, **kwargs: str) -> Response:
        """Say who may keep the answer of a custom action."""
        final = super().finalize_response(request, response, *args, **kwargs)
        return final if "Cache-Control" in final else with_cache_headers(request, final)

    def get_object(self) -> Any:  # of the model of the viewset, which its class does not say
        """Find the row of this request, for custom actions; one that writes holds it. See `find_and_lock`."""
        if is_custom_action(self) or is_overridden(self):
            return row_of(self, self.request)
        return self.find(self.readable_rows(self.actor), self.key)

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:  # as above
        """Leave the rows that the actor may read, for custom actions that show several."""
        return self.filtered(among(queryset, self.allowed("read", self.actor)))

    def get_serializer(self, *args: Instance, **kwargs: Unpack[SerializerOptions]) -> AnySerializer:
        """Return a serializer, for custom actions, as the field rules say; one that reads a body is strict.

        Raises:
            Refusal: with everything that is wrong with the body.
        """
        serializer = super().get_serializer(*args, **kwargs)
        if self.leaves_serializer:
            return serializer
        if "data" in kwargs:
            return strict(self, serializer)
        has_request = self.request is not None and not getattr(self, "swagger_fake_view", False)
        if has_request and ruled_resources(self.resource_type()):
            validation.conceal(serializer, self.model(), self.grammar_for(self.actor).hidden)
        return serializer


def is_custom_action(view: ResourceView) -> bool:
    """Whether a request, or an operation of the contract, is a custom action."""
    return view.action not in STANDARD and view.action in {action.__name__ for action in every_action(view)}


def is_overridden(view: ResourceView) -> bool:
    """Whether a custom method of the viewset, or of DRF's mixins, stands before Headwater's for a standard action.

    Called as they stand, these would ask no policy: whoever may read a row could delete it.
    """
    names = ("partial_update", "update") if view.action == "partial_update" else (view.action,)
    definers = [definer(type(view), name) for name in names if name in STANDARD]
    return any(each is not None and each not in OURS for each in definers)


def every_action(view: ResourceView) -> list[Handler]:
    """Return the functions behind the custom actions of a viewset, those for further methods among them."""
    actions = view.get_extra_actions()
    return [getattr(type(view), name) for action in actions for name in dict.fromkeys(vars(action)["mapping"].values())]


def verb_of(view: ResourceView, method: str) -> Verb:
    """Return what an action is to the policy: what it declares (`verb="read"`), or what its method says."""
    return view.verb or VERBS.get(method) or ("update" if view.detail else "create")


def rows_of(view: ResourceView, method: str) -> Q:
    """Return the rows with which the actor may do it: by the action's own policy, if it declares one."""
    verb = verb_of(view, method)
    if "policy" in vars(view):
        return view.policy.rows(verb, view.resource_type().in_scope(verb, view.actor))
    return view.allowed(verb, view.actor)


def admit(view: ResourceView, request: Request) -> None:
    """Hold a request for a custom action to the parameters and the policy that are declared.

    Raises:
        Refusal: `invalid-parameters`.
        NotAuthenticated, PermissionDenied: see `hold`.
    """
    refuse_parameters(view, request)
    enforce_policy(view, request)


def enforce_policy(view: ResourceView, request: Request) -> None:
    """Hold a request that custom code of the viewset answers to the policy, and what it writes together.

    Raises:
        NotAuthenticated: an identity might help.
        PermissionDenied: the actor is known, and may not.
    """
    if rows_of(view, str(request.method)) is NONE:
        raise NotAuthenticated if view.actor.anonymous else PermissionDenied
    name = str(request.method).lower()
    handler = _with_key(getattr(view, name), view.lookup_url_kwarg or view.lookup_field)
    if request.method not in SAFE:
        attribution = attribution_of(view.actor, id_of(request._request))
        if view.detail and conditions.is_conditional(request):
            handler = _on_condition(view, handler)
        handler = _in_one_transaction(handler, view.grammar_for(view.actor).unseen, attribution)
    setattr(view, name, handler)


def _with_key(handler: Handler, name_in_path: str) -> Handler:
    """Let an action call the key `id`, as the contract does, where the path has it under DRF's name, such as `pk`."""
    names = signature(handler).parameters
    if name_in_path in names or "id" not in names:
        return handler

    @wraps(handler)
    def call(request: Request, *args: str, **kwargs: str) -> HttpResponseBase:
        return handler(request, *args, id=kwargs.pop(name_in_path), **kwargs)

    return call


def refuse_parameters(view: ResourceView, request: Request) -> None:
    """Refuse every query parameter that the viewset, or the action, does not declare in `extra_parameters`.

    Raises:
        Refusal: `invalid-parameters`.
    """
    reader = Reader(view.grammar(), request.query_params, allowed=frozenset(view.extra_parameters))
    reader.refuse_others()
    reader.finish()


def _in_one_transaction(handler: Handler, unseen: frozenset[str], attribution: Attribution) -> Handler:
    """Let an action keep all that it writes, or nothing; its body is read to the end before anything is locked."""

    @wraps(handler)
    def call(request: Request, *args: str, **kwargs: str) -> HttpResponseBase:
        _ = request.data
        with attributed_to(attribution), saving(unseen):
            return handler(request, *args, **kwargs)

    return call


def _on_condition(view: ResourceView, handler: Handler) -> Handler:
    """Let an action on an item begin only with the row that its client knows, which stays locked."""

    @wraps(handler)
    def call(request: Request, *args: str, **kwargs: str) -> HttpResponseBase:
        conditions.refuse_unmatched(view, request, row_of(view, request))
        return handler(request, *args, **kwargs)

    return call


def row_of(view: ResourceView, request: Request) -> Model:
    """Return the row of an action on an item; in a transaction it stays locked until its end.

    Raises:
        NotFound: the actor may not know of it.
        PermissionDenied: they may, but not do this with it.
    """
    return find_and_lock(
        view, view.actor, view.key, verb_of(view, str(request.method)), rows_of(view, str(request.method))
    )


def find_and_lock(view: ResourceView, actor: Actor, key: str, verb: Verb, allowed: Q) -> Model:
    """Find a row that an actor may read, lock it until the end of a transaction, and hold it against the policy.

    Raises:
        NotFound: the actor may not know of it.
        PermissionDenied: they may, but not do this with it.
    """
    rows = view.readable_rows(actor)
    connection = connections[rows.db]
    locks = verb != "read" and connection.in_atomic_block and connection.features.has_select_for_update
    find = partial(view.find, key=key)
    asked = rows
    if allowed is not ALL and allowed is not NONE:  # the statement that finds the row asks the policy, too
        same = view.model()._base_manager.filter(pk=OuterRef("pk"))
        asked = rows.annotate(**{ALLOWED: Exists(same.filter(allowed))})
    row = lock(rows, find, no_key=verb != "delete", again=asked) if locks else find(asked)
    held: bool | None = vars(row).pop(ALLOWED, None)
    if held is None:
        refuse_outside(view.model(), [row.pk], allowed)
    elif not held:
        raise PermissionDenied
    return row


def strict[Reader: AnySerializer](view: ResourceView, serializer: Reader) -> Reader:
    """Hold a serializer that reads a body to what the contract says of bodies, as `create` and `update` do.

    Raises:
        Refusal: with everything that is wrong with the body, before `is_valid` is asked.
    """
    actor = view.actor
    readable = Readable(actor, view.request).condition
    guard = guard_for(view.resource_type(), actor, "create" if serializer.instance is None else "update")
    validation.prepare(as_serializer(serializer), readable, guard, old_names=old_members(view.resource_type()))
    if isinstance(serializer, ListSerializer):
        faults = validation.list_faults(serializer)
    else:
        faults = validation.faults(as_serializer(serializer), _representation(serializer))
    if faults:
        raise validation.refusal(faults)
    return serializer


def _representation(serializer: AnySerializer) -> Shown | None:
    """Return how to learn what a stored row shows, where that can be asked of this serializer."""
    row = serializer.instance
    shows_it = row is not None and isinstance(row, model_of(serializer) or type(None))
    return cache(lambda: round_trip(serializer.to_representation(row))) if shows_it else None
