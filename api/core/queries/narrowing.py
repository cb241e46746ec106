"""What is left of a grammar for somebody who may not see all of it: what is hidden from them does not exist."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.db.models import Model

from api.core.filters.filtersets import LookupFilter
from api.core.filters.search import column_of
from api.core.pages.ordering import OrderTerm, closed_by_key
from api.core.registry import REGISTRY
from resources.core.hiding import Hidden, Path, conceals, met
from resources.core.related import LOOKUP_SEPARATOR

if TYPE_CHECKING:
    from api.core.queries.grammar import Grammar
    from api.core.resource import ResourceView

MOST_KEPT = 1024


@lru_cache(maxsize=MOST_KEPT)
def narrowed(viewset: type[ResourceView], hidden: Hidden) -> Grammar:
    """Return the grammar of a resource, without what is hidden."""
    grammar = viewset.grammar()
    if not hidden:
        return grammar
    without = frozenset(n for n, source in grammar.sources.items() if conceals(hidden, grammar.model, source.shown))
    return replace(
        grammar,
        filters=_filters(grammar, hidden, without),
        orderings={name: term for name, term in grammar.orderings.items() if not _orders_by(hidden, grammar, term)},
        order=_order(grammar, hidden),
        fields=tuple(name for name in grammar.fields if name not in without),
        expandable={n: each for n, each in grammar.expandable.items() if not conceals(hidden, grammar.model, (n,))},
        search=tuple(f for f in grammar.search if not conceals(hidden, grammar.model, _searched(grammar, f))),
        hidden=hidden,
        without=without,
    )


def ruled(grammar: Grammar) -> tuple[type[ResourceView], ...]:
    """Return the resources with field rules that a grammar has to do with: its own, and those its names lead to."""
    models: dict[type[Model], None] = {}
    found: dict[type[ResourceView], None] = {}
    for each in _expanded(grammar):
        found[each.viewset] = None
        models |= dict.fromkeys(model for path in _paths(each) for model in met(each.model, path))
    found |= dict.fromkeys(viewset for model in models if (viewset := REGISTRY.of(model)) is not None)
    return tuple(viewset for viewset in found if viewset.field_rules)


def _expanded(grammar: Grammar) -> Iterator[Grammar]:
    """Yield a grammar and those of all that may be shown as objects along with it."""
    waiting, known = [grammar.viewset], set()
    while waiting:
        viewset = waiting.pop()
        if viewset not in known:
            known.add(viewset)
            yield viewset.grammar()
            related = (REGISTRY.of(relation.model) for relation in viewset.grammar().expandable.values())
            waiting += [viewset for viewset in related if viewset is not None]


def _paths(grammar: Grammar) -> Iterator[Path]:
    """Yield every path that a grammar's names lead along."""
    yield from (path_of(filter_) for filter_ in grammar.filters.values())
    yield from (_split(term.path) for term in (*grammar.orderings.values(), *grammar.order))
    yield from (_searched(grammar, field) for field in grammar.search)
    yield from (source.shown for source in grammar.sources.values())


def path_of(filter_: Any) -> Path:
    """Return the path of what a filter asks about, as far as it says."""
    return _split(str(filter_.field_name or ""))


def _split(path: str) -> Path:
    return tuple(path.split(LOOKUP_SEPARATOR))


def _searched(grammar: Grammar, field: str) -> Path:
    return _split(column_of(grammar.model, field)[0])


def _filters(grammar: Grammar, hidden: Hidden, without: frozenset[str]) -> Mapping[str, Any]:
    """Leave the filters out that ask about what is hidden; one that runs code is known by its name, too."""
    return {
        name: filter_
        for name, filter_ in grammar.filters.items()
        if not conceals(hidden, grammar.model, path_of(filter_))
        and (isinstance(filter_, LookupFilter) or name not in without)
    }


def _orders_by(hidden: Hidden, grammar: Grammar, term: OrderTerm) -> bool:
    return conceals(hidden, grammar.model, _split(term.path))


def _order(grammar: Grammar, hidden: Hidden) -> tuple[OrderTerm, ...]:
    return closed_by_key([term for term in grammar.order if not _orders_by(hidden, grammar, term)], grammar.key)
