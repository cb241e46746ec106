"""What an actor may do with a resource, or with one row of it, and which rules say so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.db.models import Model

from api.core.query.field_rules import forbidden_members
from api.core.resource.resource_type import ResourceType
from resources.core.access.decision import Decision, decide, text_of
from resources.core.actor import EVERYTHING, Actor, Person
from resources.core.keys import Key
from resources.core.policy import Verb

VERBS: tuple[Verb, ...] = ("read", "create", "update", "delete")
WRITING: tuple[Verb, ...] = ("create", "update")


@dataclass(frozen=True, slots=True)
class VerbAccess:
    """What is decided of one verb.

    Attributes:
        decision: what the policy says.
        scope: what a key must have, or one that says more.
        in_scope: whether the actor has it; a key without it counts as nobody.
    """

    decision: Decision
    scope: str
    in_scope: bool


@dataclass(frozen=True, slots=True)
class FieldAccess:
    """What a field rule makes of one member: whether it may be seen, be given in a new row, be changed."""

    name: str
    rule: str
    read: bool
    create: bool
    update: bool


@dataclass(frozen=True, slots=True)
class Access:
    """What an actor may do with a resource.

    Attributes:
        resource: its plural name.
        actor: who.
        row: the key of the row in question; None for the whole of it.
        verbs: what is decided of each.
        permissions: the viewset's own permission classes, which are asked beside the policy, with the request.
        custom_code: the first custom method of the viewset that chooses rows beside the policy.
        fields: what the field rules make of the members they name.
    """

    resource: str
    actor: Actor
    row: Key | None
    verbs: dict[Verb, VerbAccess]
    permissions: tuple[str, ...]
    custom_code: str | None
    fields: tuple[FieldAccess, ...]


def access(resource: ResourceType, actor: Actor, row: Model | None = None) -> Access:
    """Ask the policy and the field rules of a resource about an actor, and one of its rows if it is given."""
    holds = None if row is None else lambda rows: resource.model._base_manager.filter(rows, pk=row.pk).exists()
    verbs = {}
    for verb in VERBS:
        who, scope = resource.in_scope(verb, actor), resource.scope_of(verb)
        verbs[verb] = VerbAccess(decide(resource.policy, verb, who, holds), scope, actor.has_scope(scope))
    key = None if row is None else getattr(row, resource.key.name)
    return Access(
        resource.plural, actor, key, verbs, resource.permissions, resource.custom_code, tuple(_fields(resource, actor))
    )


def _fields(resource: ResourceType, actor: Actor) -> Iterator[FieldAccess]:
    forbidden = {verb: forbidden_members(resource, verb, actor) for verb in VERBS}
    for name, rule in resource.field_rules.items():
        read = name not in forbidden["read"]
        create, update = (read and name not in forbidden[verb] for verb in WRITING)
        yield FieldAccess(name, text_of(rule), read, create, update)


def person_of(email: str) -> Person | None:
    """Return the person with an address, in any case; None where nobody has it."""
    people = get_user_model()._default_manager
    try:
        return people.get_by_natural_key(email)
    except people.model.DoesNotExist:
        return None


def as_person(person: Person) -> Actor:
    """Return how a person acts, who shows no key."""
    return Actor(id=person.pk, is_staff=bool(person.is_staff), scopes=frozenset((EVERYTHING,)))


def as_json(access: Access) -> dict[str, object]:
    """Write it for programs: the schema `Access` of the contract."""
    actor = access.actor
    return {
        "resource": access.resource,
        "row": access.row,
        "actor": {
            "person": actor.id,
            "is_staff": actor.is_staff,
            "key": actor.key,
            "scopes": sorted(actor.scopes),
        },
        "verbs": {verb: _verb_json(verb_access) for verb, verb_access in access.verbs.items()},
        "permissions": list(access.permissions),
        "own_code": access.custom_code,
        "fields": [
            {"name": each.name, "rule": each.rule, "read": each.read, "create": each.create, "update": each.update}
            for each in access.fields
        ],
    }


def _verb_json(verb_access: VerbAccess) -> dict[str, object]:
    decision = verb_access.decision
    return {
        "allowed": decision.lets_in,
        "because": list(decision.because),
        "scope": verb_access.scope,
        "in_scope": verb_access.in_scope,
        "policy": _decision_json(decision),
    }


def _decision_json(decision: Decision) -> dict[str, object]:
    return {
        "rule": decision.rule,
        "kind": decision.kind,
        "rows": decision.rows,
        "matches": decision.matches,
        "parts": [_decision_json(part) for part in decision.parts],
    }


def lines(access: Access, name: str) -> Iterator[str]:
    """Write it for a person to read."""
    staff = ", who is staff" if access.actor.is_staff else ""
    row = "" if access.row is None else f", row {access.row}"
    yield f"{access.resource}{row}, for {name}{staff}"
    for verb, verb_access in access.verbs.items():
        yield f"\n{verb}: {_verdict(verb_access)}"
        yield from _tree(verb_access.decision, 1)
    if access.permissions:
        yield f"\nasked beside the policy, with each request: {', '.join(access.permissions)}"
    if access.custom_code:
        yield f"\nrows are also chosen by code of the viewset's own: {access.custom_code}"
    for each in access.fields:
        may = [word for word, yes in (("seen", each.read), ("written", each.create or each.update)) if yes]
        yield f"\nfield {each.name}: {' and '.join(may) or 'hidden'}, by {each.rule}"


def _verdict(verb_access: VerbAccess) -> str:
    decision = verb_access.decision
    if not verb_access.in_scope:
        return f"counts as nobody, since the scope {verb_access.scope} is missing; {_outcome(decision)}"
    return _outcome(decision)


def _outcome(decision: Decision) -> str:
    rules = ", ".join(decision.because)
    if decision.matches is not None:
        return f"{'let in' if decision.matches else 'kept out'} by {rules}"
    return f"kept out by {rules}" if decision.rows == "none" else f"{decision.rows} rows, by {rules}"


def _tree(decision: Decision, depth: int) -> Iterator[str]:
    answer = decision.rows if decision.matches is None else "yes" if decision.matches else "no"
    yield f"{'  ' * depth}{answer:<5}{decision.rule}"
    for part in decision.parts:
        yield from _tree(part, depth + 1)
