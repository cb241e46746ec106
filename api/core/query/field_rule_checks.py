"""Looks at field rules when the server starts; refuses those that could not be kept, and says what to write instead."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.core.exceptions import ImproperlyConfigured

from api.core.query.field_rules import paths_of
from api.core.query.grammar import grammar_of
from api.core.query.suggestions import unknown
from api.core.resource.registry import REGISTRY
from api.core.resource.resource_type import ResourceType
from resources.core.access.hidden_fields import NOTHING, Hidden
from resources.core.actor import ANONYMOUS, EVERYTHING, Actor
from resources.core.policy import ALL, NONE, Policy, Verb
from resources.core.uuids import uuid7

VERBS: tuple[Verb, ...] = ("read", "create", "update")
"""What may be done with a member."""


@dataclass(frozen=True)
class Probe(Actor):
    """An actor made up to try rules with, who remembers the scopes that are asked for."""

    questions: set[str] = field(default_factory=set, compare=False)

    def has_scope(self, scope: str) -> bool:
        """Answer as an actor, and remember the question."""
        self.questions.add(scope)
        return super().has_scope(scope)


def actors(rules: Iterable[Policy]) -> list[Actor]:
    """Return actors of every kind that some rules could tell apart: nobody, people, staff, and keys by their scopes."""
    rules, questions = list(rules), set[str]()
    for probe in (*_probes((), questions), *_probes((EVERYTHING,), questions)):
        for verb in VERBS:
            for rule in rules:
                rule.rows(verb, probe)
    alone = [(scope,) for scope in ("", EVERYTHING, *sorted(questions))]
    all_but_one = [tuple(questions - {scope}) for scope in sorted(questions)]
    return [ANONYMOUS, *(probe for scopes in (*alone, *all_but_one) for probe in _probes(scopes, questions))]


def _probes(scopes: tuple[str, ...], questions: set[str]) -> Iterator[Probe]:
    for is_staff in (False, True):
        yield Probe(uuid7(), is_staff, frozenset(scopes), questions=questions)


def for_everybody(rule: Policy, verb: Verb) -> bool:
    """Whether a rule holds for whoever asks."""
    return all(rule.rows(verb, actor) is ALL for actor in actors([rule]))


def hidden_from_some() -> Hidden:
    """Return what of all resources some actor or other may not see."""
    hidden = NOTHING
    for resource in REGISTRY.by_model.values():
        members = (name for name, rule in resource.field_rules.items() if not for_everybody(rule, "read"))
        hidden |= paths_of(resource, tuple(members))
    return hidden


def check_field_rules(resource: ResourceType) -> None:
    """Make sure that the field rules of a resource can be kept.

    Raises:
        ImproperlyConfigured: one cannot; the message says what to write instead.
    """
    for name, rule in resource.field_rules.items():
        for look in CHECKS:
            fault = look(resource, name, rule)
            if fault:
                raise ImproperlyConfigured(f"{resource.declared_by}.field_rules: {fault}")


def _is_unknown(resource: ResourceType, name: str, rule: Policy) -> str:
    fields = resource.serializer.fields
    if name in fields:
        return ""
    return f"{unknown('field', name, fields.keys())} Name one that {type(resource.serializer).__name__} has."


def _asks_about_rows(resource: ResourceType, name: str, rule: Policy) -> str:
    answers = (rule.rows(verb, actor) for actor in actors([rule]) for verb in VERBS)
    if all(rows is ALL or rows is NONE for rows in answers):
        return ""
    return (
        f"the rule of {name} asks about rows, and a field rule may ask about the actor only: its rows() must be ALL or "
        "NONE. Write one of anyone, authenticated, staff and scope(...), or several joined by &, | and ~, such as "
        f'{{"{name}": read(authenticated) | write(staff)}}; rows are kept from somebody by the policy.'
    )


def _hides_the_key(resource: ResourceType, name: str, rule: Policy) -> str:
    key = resource.model._meta.pk.name, resource.key.name
    if grammar_of(resource).sources[name].path[0] not in key or for_everybody(rule, "read"):
        return ""
    return f"rows are found by {name}, so everybody must see it: write read(anyone) | write(...)."


def _is_for_nobody(resource: ResourceType, name: str, rule: Policy) -> str:
    if any(rule.rows("read", actor) is ALL for actor in actors([rule])):
        return ""
    return f"nobody may see {name}. Add who may, such as read(staff), or take the field out of the serializer."


def _is_missing_in_new_rows(resource: ResourceType, name: str, rule: Policy) -> str:
    member = resource.serializer.fields[name]
    if not resource.creatable or member.read_only or not member.required:
        return ""
    for actor in actors([resource.policy, rule]):
        may_write = rule.rows("create", actor) is ALL and rule.rows("read", actor) is ALL
        if resource.policy.rows("create", actor) is not NONE and not may_write:
            return (
                f"a new row needs {name}, and not everybody who may create one may see and write it. Give its column a "
                "default, or let whoever creates rows write it."
            )
    return ""


CHECKS = (_is_unknown, _asks_about_rows, _hides_the_key, _is_for_nobody, _is_missing_in_new_rows)
"""What is wrong with a rule, in words; nothing where all is well. The first that finds something counts."""
