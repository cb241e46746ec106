"""The pipeline of a read: policy, conditions, search and order, over the rows of a resource.

It runs with a request's values and actor, or with slots and a symbolic actor, and cannot tell which.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from itertools import product
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    Exists,
    ExpressionWrapper,
    F,
    Model,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.expressions import BaseExpression

from api.core.query.filters.conditions import Condition, Conditions, Group, alternatives, blind_order
from api.core.query.filters.search import searching
from api.core.query.grammar import Grammar
from api.core.query.order.ordering import OrderTerm, after, positions, put_in_order
from api.core.query.shape import Shape
from api.core.resource.readable import Readable
from api.core.resource.resource_type import ResourceType, RowSource
from api.core.tracing.slots import Untraceable
from resources.core.access.hidden_fields import NOTHING, Hidden, conceals
from resources.core.actor import Actor
from resources.core.database.first_keys import Counted, FirstKeys, together
from resources.core.database.related import probing
from resources.core.policy import ALL, Verb
from serializers.core.read.compiled.expressions import AsText, JSONList, in_text

Show = Callable[[QuerySet[Any], Mapping[str, Any]], QuerySet[Any]]
"""Makes rows load what is shown of them, and expressions beside it, by their names."""


class Way(Enum):
    """How the rows of a page are found.

    Attributes:
        PLANNED: as the planner sees fit.
        WALK: along their order, where each is asked for the conditions, until the page is full.
        FEW: all that the conditions leave, of which there are few, and then in order.
        EVERY: the same where there are many.
    """

    PLANNED = "planned"
    WALK = "walk"
    FEW = "few"
    EVERY = "every"


type Keys = QuerySet[Model, Mapping[str, object]]


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
    def whole(self) -> bool:
        """Whether no condition and no search leaves out rows."""
        return not self.shape.conditions and not self.words

    @cached_property
    def rows(self) -> QuerySet[Any]:
        """Return the rows that the policy, the conditions and the search leave, in no order."""
        return self._left(self.source.page_rows(self.actor, whole=self.whole))

    @cached_property
    def single_rows(self) -> QuerySet[Model]:
        """Return the same, for a statement that names the keys of those it reads."""
        return self._left(self.source.readable_rows(self.actor))

    @property
    def _all(self) -> QuerySet[Model]:
        """Return the rows that the policy leaves, as all of them are found."""
        return self.source.all_rows(self.actor, whole=self.whole)

    def _left(self, rows: QuerySet[Model], *, related_first: bool = False) -> QuerySet[Model]:
        """Return what the conditions and the search leave of some rows."""
        for condition in self._conditions(self.shape.conditions, self.grammar.search, related_first=related_first):
            rows = rows.filter(condition)
        return rows

    def _walked(self) -> QuerySet[Model]:
        """Return the same rows, each of which is asked for the conditions: they lead no planner to an index."""
        rows = self.source.page_rows(self.actor, whole=False)
        for condition in self._conditions(self.shape.conditions, self.grammar.search):
            asked = When(probing(condition), then=Value(True))
            rows = rows.filter(Case(asked, default=Value(False), output_field=BooleanField()))
        return rows

    def _parts(self, way: Way) -> list[QuerySet[Model]]:
        """Return the same rows in parts, one for each of some alternatives, of which an index may serve each."""
        rows = self.source.page_rows(self.actor, whole=False) if way is Way.FEW else self._all
        several, fields = alternatives(self.shape.conditions), [self.grammar.search]
        if len(several) == 1 and self.words:
            fields = [(field,) for field in self.grammar.search]
        parts = []
        for nodes, within in product(several, fields):
            part = rows
            for condition in self._conditions(nodes, within, related_first=True):
                part = part.filter(condition)
            parts.append(part)
        return parts

    def _conditions(
        self, nodes: Sequence[Condition | Group], fields: Sequence[str], *, related_first: bool = False
    ) -> Iterator[Q]:
        """Yield conditions, and the search, whose first word is looked for in some fields."""
        model, words, everything = self.grammar.model, self.words, self.source.custom_rows()
        conditions = Conditions(
            model, self.grammar.filters, self.filters, self.readable, everything, related_first=related_first
        )
        for node in nodes:
            yield conditions.rows(node)
        if words:
            yield searching(model, fields, words[:1], self.readable)
        if words[1:]:
            yield searching(model, self.grammar.search, words[1:], self.readable)

    @cached_property
    def order(self) -> tuple[OrderTerm, ...]:
        """Return the total order of the rows, blind to what the actor may not read."""
        return blind_order(self.readable, self.grammar.model, self.shape.order)

    def page(
        self, show: Show, *, backwards: bool, position: Sequence[Any], way: Way = Way.PLANNED
    ) -> list[QuerySet[Any]]:
        """Return the rows beyond a position, or all of them, in the order of travel: to be read in turn.

        Beside each row stands its own position.
        """
        order = [term.reversed() for term in self.order] if backwards else self.order
        beyond = after(order, position) if position else ()
        beside: dict[str, Any] = {**positions(self.order)}
        if way in (Way.FEW, Way.EVERY):
            parts = self._parts(way)
            stretches = [[part.filter(each) for part in parts] for each in beyond] or [parts]
            found = [self._first(each, order) for each in stretches]
        else:
            everything = self.rows if way is Way.PLANNED else self._walked()
            found = [everything.filter(each) for each in beyond] or [everything]
        return [show(put_in_order(rows, order), beside) for rows in found]

    def _first(self, parts: Sequence[QuerySet[Model]], order: Sequence[OrderTerm]) -> QuerySet[Model]:
        """Return the first rows of some parts together, all of which are found before any is put in order."""
        keys = FirstKeys(parts, [term.order_by for term in order])
        return self.source.custom_rows().filter(pk__gathered=keys)

    def total(self, most: int | None, way: Way = Way.EVERY) -> QuerySet[Model, tuple[int, ...]]:
        """Return the count of all rows, or of so many of them at most, as the one row of a statement."""
        keys = self.resource.own_keys(self.actor) if self.whole else None
        if keys is None and way is Way.FEW:
            keys = together(self._keys())
        if keys is None:
            keys = _keys_of(self._left(self._all, related_first=True))
        return self._counted(Counted(keys, most))

    def sighted(self, most: int) -> QuerySet[Model, tuple[int, ...]]:
        """Return how many rows are met where all are found, up to a number; one may be met several times."""
        return self._counted(Counted(together(self._keys(), repeated=True), most))

    def _keys(self) -> list[Keys]:
        return [_keys_of(part) for part in self._parts(Way.FEW)]

    def _counted(self, number: Counted) -> QuerySet[Model, tuple[int, ...]]:
        return QuerySet[Model](self.grammar.model).order_by().values_list(number)

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


def _keys_of(rows: QuerySet[Model]) -> Keys:
    return rows.order_by().values("pk")


def holds(condition: Q) -> BaseExpression:
    """Return whether a condition holds, as a value."""
    return Value(True) if condition is ALL else ExpressionWrapper(condition, BooleanField())


def version_of(model: type[Model], hidden: Hidden = NOTHING) -> F | AsText:
    """Return the version of a row: its revision, or where its model counts none, all it holds that is not hidden."""
    columns = {column.name: column for column in model._meta.concrete_fields}
    if "revision" in columns:
        return F("revision")
    columns = {name: column for name, column in columns.items() if not conceals(hidden, model, (name,))}
    return AsText(JSONList(*(in_text(column) for column in columns.values())))
