"""What an actor may do with a resource, or with one row of it, and which rules say so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model

from api.core.query.field_rules import forbidden_members
from api.core.resource.resource_type import ResourceType
from resources.core.access.decision import Decision, decide, written
from resources.core.actor import EVERYTHING, Actor
from resources.core.policy import Verb

VERBS: tuple[Verb, ...] = ("read", "create", "update", "delete")


@dataclass(frozen=True, slots=True)
class Permitted:
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
    """What a field rule makes of one member: whether it is seen, may be given in a new row, may be changed."""

    name: str
    rule: str
    seen: bool
    created: bool
    updated: bool


@dataclass(frozen=True, slots=True)
class Access:
    """What an actor may do with a resource.

    Attributes:
        resource: its plural name.
        actor: who.
        row: the key of the row that is asked about; None for the whole of it.
        verbs: what is decided of each.
        permissions: the viewset's own permission classes, which are asked beside the policy, with the request.
        custom_code: the first method of the viewset's own that chooses rows beside the policy.
        fields: what the field rules make of the members they name.
    """

    resource: str
    actor: Actor
    row: Any
    verbs: dict[Verb, Permitted]
    permissions: tuple[str, ...]
    custom_code: str | None
    fields: tuple[FieldAccess, ...]


def access(resource: ResourceType, actor: Actor, row: Any = None) -> Access:
    """Ask the policy and the field rules of a resource about an actor, and one of its rows if it is given."""
    holds = None if row is None else lambda rows: bool(resource.model._base_manager.filter(rows, pk=row.pk).exists())
    verbs = {}
    for verb in VERBS:
        who, scope = resource.in_scope(verb, actor), resource.scope_of(verb)
        verbs[verb] = Permitted(decide(resource.policy, verb, who, holds), scope, actor.has_scope(scope))
    key = None if row is None else getattr(row, resource.key.name)
    return Access(
        resource.plural, actor, key, verbs, resource.permissions, resource.custom_code, tuple(_fields(resource, actor))
    )


def _fields(resource: ResourceType, actor: Actor) -> Iterator[FieldAccess]:
    kept = {verb: forbidden_members(resource, verb, actor) for verb in VERBS}
    for name, rule in resource.field_rules.items():
        seen = name not in kept["read"]
        created, updated = (seen and name not in kept[verb] for verb in ("create", "update"))
        yield FieldAccess(name, written(rule), seen, created, updated)


def person_of(email: str) -> Any:
    """Return the person with an address, in any case; None where nobody has it."""
    people: Any = get_user_model()._default_manager
    try:
        return people.get_by_natural_key(email)
    except people.model.DoesNotExist:
        return None


def as_person(person: Any) -> Actor:
    """Return how a person acts, who shows no key."""
    return Actor(id=person.pk, is_staff=bool(person.is_staff), scopes=frozenset((EVERYTHING,)))


def as_json(found: Access) -> dict[str, Any]:
    """Write what was found for programs: the schema `Access` of the contract."""
    actor = found.actor
    return {
        "resource": found.resource,
        "row": found.row,
        "actor": {
            "person": actor.id,
            "is_staff": actor.is_staff,
            "key": actor.key,
            "scopes": sorted(actor.scopes),
        },
        "verbs": {verb: _permitted(permitted) for verb, permitted in found.verbs.items()},
        "permissions": list(found.permissions),
        "own_code": found.custom_code,
        "fields": [
            {"name": each.name, "rule": each.rule, "read": each.seen, "create": each.created, "update": each.updated}
            for each in found.fields
        ],
    }


def _permitted(permitted: Permitted) -> dict[str, Any]:
    decision = permitted.decision
    return {
        "allowed": decision.lets_in,
        "because": list(decision.because),
        "scope": permitted.scope,
        "in_scope": permitted.in_scope,
        "policy": _decision(decision),
    }


def _decision(decision: Decision) -> dict[str, Any]:
    return {
        "rule": decision.rule,
        "kind": decision.kind,
        "rows": decision.rows,
        "matches": decision.matches,
        "parts": [_decision(part) for part in decision.parts],
    }


def lines(found: Access, name: str) -> Iterator[str]:
    """Write what was found for a person to read."""
    staff = ", who is staff" if found.actor.is_staff else ""
    row = "" if found.row is None else f", row {found.row}"
    yield f"{found.resource}{row}, for {name}{staff}"
    for verb, permitted in found.verbs.items():
        yield f"\n{verb}: {_verdict(permitted)}"
        yield from _tree(permitted.decision, 1)
    if found.permissions:
        yield f"\nasked beside the policy, with each request: {', '.join(found.permissions)}"
    if found.custom_code:
        yield f"\nrows are also chosen by code of the viewset's own: {found.custom_code}"
    for each in found.fields:
        may = [word for word, yes in (("seen", each.seen), ("written", each.created or each.updated)) if yes]
        yield f"\nfield {each.name}: {' and '.join(may) or 'hidden'}, by {each.rule}"


def _verdict(permitted: Permitted) -> str:
    decision = permitted.decision
    if not permitted.in_scope:
        return f"counts as nobody, since the scope {permitted.scope} is missing; {_outcome(decision)}"
    return _outcome(decision)


def _outcome(decision: Decision) -> str:
    rules = ", ".join(decision.because)
    if decision.matches is not None:
        return f"{'let in' if decision.matches else 'kept out'} by {rules}"
    return f"kept out by {rules}" if decision.rows == "none" else f"{decision.rows} rows, by {rules}"


def _tree(decision: Decision, depth: int) -> Iterator[str]:
    said = decision.rows if decision.matches is None else "yes" if decision.matches else "no"
    yield f"{'  ' * depth}{said:<5}{decision.rule}"
    for part in decision.parts:
        yield from _tree(part, depth + 1)
