"""What a filter means: the tree of conditions of a request, and the condition on rows it becomes.

Every condition across a to-many relation is an EXISTS, so no row is repeated; a condition and its
negation partition the rows, NULLs included; rows the actor may not read take no part.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import django_filters
from django.db.models import Model, Q, QuerySet

from api.core.query.filters.filter_sets import LookupFilter
from api.core.query.order.ordering import OrderTerm
from api.core.resource.readable import Readable
from resources.core.database.related import LOOKUP_SEPARATOR, end_of, referred_to, some, split_at_many
from resources.core.policy import ALL


@dataclass(frozen=True, slots=True)
class Condition:
    """One filter used, perhaps negated.

    Attributes:
        name: the filter's name, without `__not`.
        slot: the place of its value among the request's values.
        negated: whether it closes with `__not`.
        constant: a value that belongs to the shape, such as that of `isnull`; otherwise None.
    """

    name: str
    slot: int
    negated: bool = False
    constant: Hashable = None


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions joined by `and`, by `or`, or negated together by `not`."""

    join: Literal["and", "or", "not"]
    parts: tuple["Condition | Group", ...]


@dataclass(frozen=True, slots=True)
class Term:
    """A condition on its way to the database: a path that is followed relation by relation."""

    path: str
    filter: LookupFilter
    value: object
    negated: bool

    def turned(self) -> "Term":
        """Write `isnull=true` as the negation of `isnull=false`, which also holds where there is no row to ask."""
        if not self.filter.lookup_expr.endswith("isnull"):
            return self
        return replace(self, value=False, negated=self.negated != self.value)


@dataclass(frozen=True, slots=True)
class Conditions:
    """Turns a tree of conditions into a condition on rows of a model, for somebody.

    Attributes:
        model: whose rows.
        filters: every filter that a condition may name.
        values: the values of the conditions, by their slot.
        readable: the rows of other resources that they may read.
        everything: the rows that a custom filter is asked about.
        related_first: whether related rows that are asked about are read first, and not for each row by itself.
    """

    model: type[Model]
    filters: Mapping[str, django_filters.Filter]
    values: Sequence[object]
    readable: Readable
    everything: QuerySet[Model]
    related_first: bool = False

    def rows(self, node: Condition | Group) -> Q:
        """Return the condition of a node."""
        if isinstance(node, Condition):
            return self._all((node,))
        if node.join == "not" and self.related_first:
            return replace(self, related_first=False).rows(node)
        groups = [self.rows(part) for part in node.parts if isinstance(part, Group)]
        conditions = [part for part in node.parts if isinstance(part, Condition)]
        if node.join == "or":
            return _any([*groups, *(self.rows(part) for part in conditions)])
        inside = _every([*groups, self._all(conditions)])
        return ~inside if node.join == "not" else inside

    def _all(self, conditions: Iterable[Condition]) -> Q:
        """Join conditions by `and`; those on one to-many relation mean the same related row."""
        terms, others = [], []
        for condition in conditions:
            filter_ = self.filters[condition.name]
            value = self.values[condition.slot] if condition.constant is None else condition.constant
            if isinstance(filter_, LookupFilter):
                terms.append(Term(str(filter_.field_name), filter_, value, condition.negated))
            else:
                others.append(self._custom(filter_, value, condition.negated))
        return _every([self._terms(self.model, terms), *others])

    def _custom(self, filter_: django_filters.Filter, value: object, negated: bool) -> Q:  # as the filter reads it
        """Ask a filter that is not ours which rows it leaves."""
        left = filter_.filter(self.everything, value)
        readable = self.readable.along(self.model, str(filter_.field_name or ""))
        inside = _every([*readable, Q(pk__in=left.order_by().values("pk"))])
        return ~inside if negated else inside

    def _terms(self, model: type[Model], terms: list[Term]) -> Q:
        """Join terms on a model by `and`, gathering those behind one to-many relation."""
        split = [(split_at_many(model, term.path), term) for term in terms]
        plain = [self._plain(model, term) for (_, many, _), term in split if not many]
        behind: dict[str, list[tuple[str, Term]]] = {}
        for (before, many, after), term in split:
            if many:
                path = f"{before}{LOOKUP_SEPARATOR}{many}" if before else many
                behind.setdefault(path, []).append((after, term if after else term.turned()))
        return _every([*plain, *(self._across(model, path, entries) for path, entries in behind.items())])

    def _plain(self, model: type[Model], term: Term) -> Q:
        """Return the condition of a term that crosses to-one relations only."""
        readable = [*self.readable.along(model, term.path)]
        term = term.turned() if readable else term
        inside = _every([*readable, term.filter.condition(term.path, term.value)])
        return ~inside if term.negated else inside

    def _across(self, model: type[Model], path: str, entries: list[tuple[str, Term]]) -> Q:
        """Return the condition of terms behind one to-many relation.

        A negated term beside others speaks of the same related row; by itself it says that there is none.
        """
        alone = all(term.negated for _, term in entries)
        if alone and len(entries) > 1:
            return _every([self._across(model, path, [entry]) for entry in entries])
        related = end_of(model, path)
        inner = [Term(after or "pk", term.filter, term.value, term.negated and not alone) for after, term in entries]
        first = self.related_first and not alone
        terms = replace(self, related_first=first)._terms(related, inner)
        narrower = self.readable.narrower(related)
        exists = referred_to(model, path, terms, narrower) if first else Q(some(model, path, terms, narrower))
        inside = _every([*self.readable.along(model, path), exists])
        return ~inside if alone else inside


MOST_ALTERNATIVES = 16
"""Alternatives that are told apart."""


def alternatives(nodes: Sequence[Condition | Group]) -> list[tuple[Condition | Group, ...]]:
    """Return conditions in several lists, which together leave what the one list leaves: one for each part of an `or`.

    The first `or` that is not within a `not` counts; a list that has none stays the only one.
    """
    for place, node in enumerate(nodes):
        parts = _parts(node)
        if 1 < len(parts) <= MOST_ALTERNATIVES:
            return [(*nodes[:place], part, *nodes[place + 1 :]) for part in parts]
    return [tuple(nodes)]


def _parts(node: Condition | Group) -> list[Condition | Group]:
    if isinstance(node, Condition) or node.join == "not" or not node.parts:
        return [node]
    if node.join == "and":
        return [replace(node, parts=parts) for parts in alternatives(node.parts)]
    # A group of its own: beside another condition on the same relation, a bare one would mean the same related row.
    return [each for part in node.parts for each in _parts(Group("and", (part,)))]


def condition_along(model: type[Model], path: str, condition: Callable[[str], Q], readable: Readable) -> Q:
    """Return the condition of the rows with a readable row, at the end of a path, that meets a condition there."""
    before, many, after = split_at_many(model, path)
    if not many:
        return _every([*readable.along(model, path), condition(path)])
    path = f"{before}{LOOKUP_SEPARATOR}{many}" if before else many
    related = end_of(model, path)
    inside = condition_along(related, after, condition, readable)
    return _every([*readable.along(model, path), Q(some(model, path, inside, readable.narrower(related)))])


def blind_order(readable: Readable, model: type[Model], terms: Iterable[OrderTerm]) -> tuple[OrderTerm, ...]:
    """Return an order that is blind to what may not be read: nothing can be told from where a row stands."""
    hidden = {term.path: [*readable.along(model, term.path)] for term in terms if term.crosses}
    return tuple(
        replace(term, visible=_every(hidden[term.path]), nullable=True) if hidden.get(term.path) else term
        for term in terms
    )


def _every(conditions: Iterable[Q]) -> Q:
    """Join by `and`; nothing to join is everything."""
    joined = Q()
    for condition in conditions:
        joined &= condition
    return joined or ALL


def _any(conditions: Iterable[Q]) -> Q:
    """Join by `or`; nothing to join is nothing."""
    joined = Q(pk__in=[])
    for condition in conditions:
        joined |= condition
    return joined
