"""Which headers an answer has, since it shows what is going to go, or was asked for by that: Deprecation and Sunset."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache, lru_cache

from api.core.query.field_rules import expanded
from api.core.query.grammar import Grammar
from api.core.query.shape import Shape
from api.core.query.visible_grammar import narrow
from api.core.resource.deprecation import Deprecation, deprecation_of, headers_of
from api.core.resource.registry import REGISTRY
from api.core.resource.resource_type import ResourceType
from resources.core.access.hidden_fields import Hidden
from serializers.core.read.selection import Selection

NONE: Mapping[str, str] = {}


def announcements(grammar: Grammar, shape: Shape) -> Mapping[str, str]:
    """Return the headers of an answer to a request: none, at the cost of a look, where nothing is deprecated."""
    return _headers(grammar.resource, grammar.hidden, shape) if _has_any(grammar.resource) else NONE


def announcements_of_rows(grammar: Grammar, selection: Selection) -> Mapping[str, str]:
    """Return the headers of an answer that shows rows which were written."""
    return announcements(grammar, Shape((), 0, (), selection)) if _has_any(grammar.resource) else NONE


@cache
def _has_any(resource: ResourceType) -> bool:
    """Whether a resource, or one that it shows as objects, has anything that is deprecated."""
    return any(grammar.deprecated for grammar in expanded(resource))


@lru_cache(maxsize=256)  # clients make them up, of 40 KB at most
def _headers(resource: ResourceType, hidden: Hidden, shape: Shape) -> Mapping[str, str]:
    grammar = narrow(resource, hidden)
    asked = [*shape.filters(), *(() if shape.order == grammar.order else [term.name for term in shape.order])]
    named = [deprecation_of(grammar.deprecated, name) for name in asked]
    return headers_of([*filter(None, named), *_shown(grammar, shape.selection)])


def _shown(grammar: Grammar, selection: Selection) -> Iterator[Deprecation]:
    """Yield what is deprecated of all that a selection shows, in whatever depth."""
    members = grammar.fields if selection.fields is None else selection.fields
    shown = {*members, *(expansion.name for expansion in selection.expand)}
    for name, deprecation in grammar.deprecated.items():
        if name.partition(".")[0] in shown:
            yield deprecation
    for expansion in selection.expand:
        related = REGISTRY.of(grammar.expandable[expansion.name].model)
        assert related is not None  # noqa: S101 - the grammar makes sure of it
        yield from _shown(narrow(related, grammar.hidden), expansion.selection)
