"""The lists that a resource offers, each by itself: what it is called, and whether an index serves it."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Model

from api.core.diagnostics.explain import actor_of
from api.core.query.filters.filter_sets import LookupFilter
from api.core.query.grammar import grammar_of
from api.core.query.missing_indexes import SEARCH, filter_lacks, order_lacks, search_lacks
from api.core.resource.resource_type import ResourceType

ALL = "__all__"
"""Stands in the place of all names where a table stays small."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A list that a client may ask for.

    Attributes:
        resource: of which.
        filtered: the name of the filter, or `search`; empty without one.
        ordered: the name of the ordering; empty for the default.
    """

    resource: ResourceType
    filtered: str
    ordered: str

    @property
    def alone(self) -> bool:
        """Whether it is a filter in the default order, or an ordering of all rows."""
        return not (self.filtered and self.ordered)

    @property
    def name(self) -> str:
        """Return what a viewset calls it in `unindexed`."""
        return self.filtered or f"ordering={self.ordered}"

    @property
    def known(self) -> bool:
        """Whether the viewset says that it has no index."""
        declared = self.resource.options.unindexed
        return declared == ALL or self.name in declared

    @property
    def lacks(self) -> type[Model] | None:
        """Return the model that lacks an index for it; of what code of somebody's own chooses, nobody knows.

        Where the policy leaves everybody rows of their own, these are looked at, and no others.
        """
        grammar, resource = grammar_of(self.resource), self.resource
        if not self.alone or resource.custom_code is not None or resource.policy.own("read", actor_of()) is not None:
            return None
        if self.filtered == SEARCH:
            return search_lacks(grammar.model, grammar.search)
        if self.filtered:
            filter_ = grammar.filters[self.filtered]
            return filter_lacks(grammar.model, filter_) if isinstance(filter_, LookupFilter) else None
        return order_lacks(grammar.model, grammar.orderings[self.ordered])
