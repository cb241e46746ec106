"""The pipeline of a read: policy, conditions, search and order, over the rows of a resource.

It runs with a request's values and actor, or with slots and a symbolic actor, and cannot tell which.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import (
    BigIntegerField,
    BooleanField,
    Exists,
    ExpressionWrapper,
    F,
    Model,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.expressions import BaseExpression

from api.core.query.filters.conditions import Conditions, blind_order
from api.core.query.filters.search import searching
from api.core.query.grammar import Grammar
from api.core.query.order.ordering import OrderTerm, after, positions, put_in_order
from api.core.query.shape import Shape
from api.core.resource.readable import Readable
from api.core.resource.resource_type import ResourceType, RowSource
from api.core.tracing.slots import Untraceable
from resources.core.access.hidden_fields import NOTHING, Hidden, conceals
from resources.core.actor import Actor
from resources.core.policy import ALL, Verb
from serializers.core.read.compiled.expressions import AsText, JSONList, in_text

Show = Callable[[QuerySet[Any], Mapping[str, Any]], QuerySet[Any]]
"""Makes rows load what is shown of them, and expressions beside it, by their names."""


@dataclass(frozen=True)
class Pipeline:
    """The rows of a shape, for an actor.

    Attributes:
        source: chooses and shows the rows, and may know the request.
        grammar: what its readers may ask for.
        shape: what was asked for.
        actor: who asks.
        filters: the values of the conditions, by their slot.
        words: the words searched for.
    """

    source: RowSource
    grammar: Grammar
    shape: Shape
    actor: Actor
    filters: Sequence[Any] = ()
    words: Sequence[Any] = ()

    @property
    def resource(self) -> ResourceType:
        """Return whose rows they are."""
        return self.grammar.resource

    @cached_property
    def readable(self) -> Readable:
        """Return the rows of other resources that take part."""
        return Readable(self.actor, self.source.request)

    @cached_property
    def rows(self) -> QuerySet[Any]:
        """Return the rows that the policy, the conditions and the search leave, in no order."""
        whole = not self.shape.conditions and not self.words
        return self._left(self.source.page_rows(self.actor, whole=whole))

    @cached_property
    def single_rows(self) -> QuerySet[Model]:
        """Return the same, for a statement that names the keys of those it reads."""
        return self._left(self.source.readable_rows(self.actor))

    def _left(self, rows: QuerySet[Model]) -> QuerySet[Model]:
        """Return what the conditions and the search leave of some rows."""
        model, everything = self.grammar.model, self.source.custom_rows()
        conditions = Conditions(model, self.grammar.filters, self.filters, self.readable, everything)
        for node in self.shape.conditions:
            rows = rows.filter(conditions.rows(node))
        if self.words:
            rows = rows.filter(searching(model, self.grammar.search, self.words, self.readable))
        return rows

    @cached_property
    def order(self) -> tuple[OrderTerm, ...]:
        """Return the total order of the rows, blind to what the actor may not read."""
        return blind_order(self.readable, self.grammar.model, self.shape.order)

    def page(self, show: Show, *, backwards: bool, position: Sequence[Any]) -> list[QuerySet[Any]]:
        """Return the rows beyond a position, or all of them, in the order of travel: to be read in turn.

        Beside each row stands its own position.
        """
        order = [term.reversed() for term in self.order] if backwards else self.order
        everything = put_in_order(self.rows, order)
        beyond = after(order, position) if position else ()
        beside: dict[str, Any] = {**positions(self.order)}
        return [show(rows, beside) for rows in [everything.filter(stretch) for stretch in beyond] or [everything]]

    def total(self, most: int | None) -> QuerySet[Model, tuple[int, ...]]:
        """Return the count of all rows, or of so many of them at most, as the one row of a statement."""
        whole = not self.shape.conditions and not self.words
        keys = self.resource.own_keys(self.actor) if whole else None
        counted = self._left(self.source.all_rows(self.actor)).order_by().values("pk") if keys is None else keys
        one = QuerySet[Model](self.grammar.model).order_by()
        return one.values_list(Counted(counted if most is None else counted[:most]))

    def item(self, show: Show, *, column: str, key: Any, verb: Verb | None = None) -> list[QuerySet[Any]]:
        """Return the row with a key; beside it its version and, with a verb, whether the actor may do that with it."""
        beside: dict[str, F | BaseExpression] = {"_version": version_of(self.grammar.model, self.grammar.hidden)}
        if verb is not None:
            # In a query of its own, since a condition of somebody's own may join several rows to one.
            same = self.grammar.model._base_manager.filter(pk=OuterRef("pk"))
            beside["_allowed"] = Exists(same.filter(self.resource.allowed(verb, self.actor)))
        return [show(self.single_rows.filter(**{column: key}), beside)]

    def written(self, show: Show, *, verb: Verb) -> list[QuerySet[Any]]:
        """Return any row as it stands, for the statement that writes it; what it is may depend on no other.

        Beside it its version, whether the actor may read it, and whether they may do with it what is done.

        Raises:
            Untraceable: it is told by all rows together.
        """
        beside: dict[str, F | BaseExpression] = {
            "_readable": holds(self.resource.allowed("read", self.actor)),
            "_allowed": holds(self.resource.allowed(verb, self.actor)),
            "_version": version_of(self.grammar.model, self.grammar.hidden),
        }
        rows = show(self.source.custom_rows().order_by(), beside)
        if any(each.contains_aggregate or each.contains_over_clause for each in rows.query.annotation_select.values()):
            raise Untraceable("a row is shown by what all rows are together")
        return [rows]


def holds(condition: Q) -> BaseExpression:
    """Return whether a condition holds, as a value."""
    return Value(True) if condition is ALL else ExpressionWrapper(condition, BooleanField())


class Counted(Subquery):
    """How many rows a queryset has, as a value."""

    template = '(SELECT COUNT(*) FROM (%(subquery)s) "counted")'
    output_field = BigIntegerField()


def version_of(model: type[Model], hidden: Hidden = NOTHING) -> F | AsText:
    """Return the version of a row: its revision, or where its model counts none, all it holds that is not hidden."""
    columns = {column.name: column for column in model._meta.concrete_fields}
    if "revision" in columns:
        return F("revision")
    columns = {name: column for name, column in columns.items() if not conceals(hidden, model, (name,))}
    return AsText(JSONList(*(in_text(column) for column in columns.values())))
