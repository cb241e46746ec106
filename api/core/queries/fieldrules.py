"""Field rules: which members of a resource an actor may see and write, worked out from what a viewset declares."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

from api.core.queries.narrowing import MOST_KEPT
from resources.core.actor import Actor
from resources.core.hiding import NOTHING, Hidden, canonical
from resources.core.policy import ALL, Verb
from serializers.core.guarding import UNGUARDED, Guard

if TYPE_CHECKING:
    from api.core.resource import ResourceView


def refused(viewset: type[ResourceView], verb: Verb, actor: Actor) -> tuple[str, ...]:
    """Return the members of a resource that an actor may not see (`read`), or not write (`create`, `update`)."""
    who = viewset.in_scope(verb, actor)
    return tuple(name for name, rule in viewset.field_rules.items() if rule.rows(verb, who) is not ALL)


def hidden_from(actor: Actor, viewsets: Iterable[type[ResourceView]], verb: Verb = "read") -> Hidden:
    """Return what of some resources an actor may not see, or not write."""
    hidden = NOTHING
    for viewset in viewsets:
        hidden |= paths_of(viewset, refused(viewset, verb, actor))
    return hidden


@lru_cache(maxsize=MOST_KEPT)
def paths_of(viewset: type[ResourceView], members: tuple[str, ...]) -> Hidden:
    """Return where some members of a resource are read from: what is hidden is hidden under any other name, too."""
    grammar = viewset.grammar()
    return frozenset((grammar.model, canonical(grammar.model, grammar.sources[n].read_from)) for n in members)


def guard_for(viewset: type[ResourceView], actor: Actor, verb: Verb) -> Guard:
    """Return what keeps a body from saying what its writer may not see or not write."""
    grammar = viewset.grammar()
    if not grammar.ruled:
        return UNGUARDED
    return Guard(grammar.model, hidden_from(actor, grammar.ruled), hidden_from(actor, grammar.ruled, verb))
