"""What is left of a grammar for somebody who may not see all of it: what is hidden from them does not exist."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

import django_filters

from api.core.query.filters.filter_sets import LookupFilter
from api.core.query.filters.search import column_of
from api.core.query.grammar import Grammar, grammar_of
from api.core.query.order.ordering import OrderTerm, closed_by_key
from api.core.resource.resource_type import ResourceType
from resources.core.access.hidden_fields import Hidden, Path, conceals
from resources.core.database.related import LOOKUP_SEPARATOR

MOST_GRAMMARS = 1024
"""How many are remembered, and how many sets of members: one for each that a rule hides something from."""


@lru_cache(maxsize=MOST_GRAMMARS)
def narrow(resource: ResourceType, hidden: Hidden) -> Grammar:
    """Return the grammar of a resource, without what is hidden."""
    grammar = grammar_of(resource)
    if not hidden:
        return grammar
    without = frozenset(
        n for n, source in grammar.sources.items() if conceals(hidden, grammar.model, source.shown_path)
    )
    return replace(
        grammar,
        filters=_filters(grammar, hidden, without),
        orderings={name: term for name, term in grammar.orderings.items() if not _orders_by(hidden, grammar, term)},
        order=_order(grammar, hidden),
        fields=tuple(name for name in grammar.fields if name not in without),
        expandable={
            n: each for n, each in grammar.expandable.items() if not conceals(hidden, grammar.model, (each.relation,))
        },
        search=tuple(f for f in grammar.search if not conceals(hidden, grammar.model, search_path(grammar, f))),
        hidden=hidden,
        without=without,
    )


def path_of(filter_: django_filters.Filter) -> Path:
    """Return the path of what a filter asks about, as far as it says."""
    return split(str(filter_.field_name or ""))


def split(path: str) -> Path:
    """Return the steps of a path."""
    return tuple(path.split(LOOKUP_SEPARATOR))


def search_path(grammar: Grammar, field: str) -> Path:
    """Return the path of what a search field names."""
    return split(column_of(grammar.model, field)[0])


def _filters(grammar: Grammar, hidden: Hidden, without: frozenset[str]) -> Mapping[str, django_filters.Filter]:
    """Leave the filters out that ask about what is hidden; one that runs code is known by its name, too."""
    return {
        name: filter_
        for name, filter_ in grammar.filters.items()
        if not conceals(hidden, grammar.model, path_of(filter_))
        and (isinstance(filter_, LookupFilter) or name not in without)
    }


def _orders_by(hidden: Hidden, grammar: Grammar, term: OrderTerm) -> bool:
    return conceals(hidden, grammar.model, split(term.path))


def _order(grammar: Grammar, hidden: Hidden) -> tuple[OrderTerm, ...]:
    return closed_by_key([term for term in grammar.order if not _orders_by(hidden, grammar, term)], grammar.key)
