"""Field rules: which members of a resource an actor may see and write, worked out from what it declares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache, lru_cache

from django.db.models import Model

from api.core.query.grammar import Grammar, grammar_of
from api.core.query.visible_grammar import MOST_GRAMMARS, narrow, path_of, search_path, split
from api.core.resource.registry import REGISTRY
from api.core.resource.resource_type import ResourceType
from resources.core.access.hidden_fields import NOTHING, Hidden, Path, canonical, met
from resources.core.actor import Actor
from resources.core.policy import ALL, Verb
from serializers.core.write.write_access import UNGUARDED, Guard


def grammar_for(resource: ResourceType, actor: Actor) -> Grammar:
    """Return what an actor may ask for: what the field rules hide from them is not there."""
    ruled = ruled_resources(resource)
    return narrow(resource, hidden_from(actor, ruled)) if ruled else grammar_of(resource)


@cache
def ruled_resources(resource: ResourceType) -> tuple[ResourceType, ...]:
    """Return the resources with field rules that a resource has to do with: itself, and those its names lead to."""
    models: dict[type[Model], None] = {}
    resources: dict[ResourceType, None] = {}
    for each in expanded(resource):
        resources[each.resource] = None
        models |= dict.fromkeys(model for path in _paths(each) for model in met(each.model, path))
    resources |= dict.fromkeys(related for model in models if (related := REGISTRY.of(model)) is not None)
    return tuple(each for each in resources if each.field_rules)


def expanded(resource: ResourceType) -> Iterator[Grammar]:
    """Yield the grammar of a resource and those of all that may be shown as objects along with it."""
    waiting, done = [resource], set()
    while waiting:
        each = waiting.pop()
        if each not in done:
            done.add(each)
            yield grammar_of(each)
            related = (REGISTRY.of(relation.model) for relation in grammar_of(each).expandable.values())
            waiting += [other for other in related if other is not None]


def _paths(grammar: Grammar) -> Iterator[Path]:
    """Yield every path that a grammar's names lead along."""
    yield from (path_of(filter_) for filter_ in grammar.filters.values())
    yield from (split(term.path) for term in (*grammar.orderings.values(), *grammar.order))
    yield from (search_path(grammar, field) for field in grammar.search)
    yield from (source.shown_path for source in grammar.sources.values())


def forbidden_members(resource: ResourceType, verb: Verb, actor: Actor) -> tuple[str, ...]:
    """Return the members of a resource that an actor may not see (`read`), or not write (`create`, `update`)."""
    who = resource.in_scope(verb, actor)
    return tuple(name for name, rule in resource.field_rules.items() if rule.rows(verb, who) is not ALL)


def hidden_from(actor: Actor, resources: Iterable[ResourceType], verb: Verb = "read") -> Hidden:
    """Return what of some resources an actor may not see, or not write."""
    hidden = NOTHING
    for resource in resources:
        hidden |= paths_of(resource, forbidden_members(resource, verb, actor))
    return hidden


@lru_cache(maxsize=MOST_GRAMMARS)
def paths_of(resource: ResourceType, members: tuple[str, ...]) -> Hidden:
    """Return where some members of a resource are read from: what is hidden is hidden under any other name, too."""
    grammar = grammar_of(resource)
    return frozenset((grammar.model, canonical(grammar.model, grammar.sources[n].path)) for n in members)


def guard_for(resource: ResourceType, actor: Actor, verb: Verb) -> Guard:
    """Return what keeps a body from saying what its writer may not see or not write."""
    ruled = ruled_resources(resource)
    return Guard(resource.model, hidden_from(actor, ruled), hidden_from(actor, ruled, verb)) if ruled else UNGUARDED
