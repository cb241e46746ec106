"""Total orders, alike on every database, and the keyset condition that continues one exactly where it stopped.

NULL sorts as the largest value, text sorts by code point, and the key closes every ordering.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection, models
from django.db.models import F, Model, Q
from django.db.models.expressions import Combinable, OrderBy
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan
from django.db.models.functions import Collate

from resources.core.fields import CODE_POINT_COLLATION
from resources.core.related import LOOKUP_SEPARATOR, relation


@dataclass(frozen=True)
class OrderTerm:
    """One column of an ordering.

    Attributes:
        name: what a client calls it.
        path: where it is: a column, perhaps across to-one relations.
        column: the model field at the end of the path.
        nullable: whether it may be NULL: the column, or a relation on the way.
        descending: the direction.
    """

    name: str
    path: str
    column: models.Field[Any, Any]
    nullable: bool
    descending: bool = False

    def value(self, row: Model) -> Any:
        """Return what the column holds for a row, which the ORM loads across relations where needed."""
        *relations, last = self.path.split(LOOKUP_SEPARATOR)
        for step in relations:
            row = getattr(row, step)
            if row is None:
                return None
        return getattr(row, "pk" if last == "pk" else self.column.attname)

    @property
    def expression(self) -> Combinable:
        """Return the value that is ordered by."""
        return by_code_point(F(self.path), self.column)

    @property
    def order_by(self) -> OrderBy:
        """Return the ORDER BY term; NULL is the largest value."""
        if not self.nullable:
            return OrderBy(self.expression, descending=self.descending)
        last, first = (None, True) if self.descending else (True, None)
        return OrderBy(self.expression, descending=self.descending, nulls_last=last, nulls_first=first)

    def reversed(self) -> OrderTerm:
        """Return the term in the other direction."""
        return replace(self, descending=not self.descending)


def by_code_point(expression: F, column: models.Field[Any, Any]) -> Combinable:
    """Compare a text by code point, also where its column has another collation."""
    wanted = CODE_POINT_COLLATION.get(connection.vendor)
    textual = isinstance(column, models.CharField | models.TextField)
    if not textual or column.db_parameters(connection).get("collation") == wanted:
        return expression
    return Collate(expression, wanted)


def order_term(model: type[Model], name: str, path: str) -> OrderTerm:
    """Make the term of a path such as `country__name`.

    Raises:
        ValueError: the path crosses a to-many relation, or ends in none of the model's columns.
    """
    nullable, owner = False, model
    *relations, last = path.split(LOOKUP_SEPARATOR)
    for step in relations:
        field = relation(owner, step)
        if field is None or not (field.many_to_one or field.one_to_one):
            raise ValueError(f"{path}: {step} is no to-one relation of {owner.__name__}")
        nullable = nullable or getattr(field, "null", True)
        owner = field.related_model
    column = owner._meta.pk if last == "pk" else owner._meta.get_field(last)
    if column.is_relation:
        return replace(order_term(model, name, f"{path}{LOOKUP_SEPARATOR}pk"), nullable=nullable or column.null)
    return OrderTerm(name, path, column, nullable or column.null)


def closed_by_key(terms: Sequence[OrderTerm], key: OrderTerm) -> tuple[OrderTerm, ...]:
    """Make the order total: the key closes it, in the last term's direction, so that one index serves both."""
    for place, term in enumerate(terms):
        if term.column == key.column and term.path in ("pk", key.column.name):
            return tuple(terms[: place + 1])
    direction = terms[-1].descending if terms else False
    return (*terms, replace(key, descending=direction))


def after(terms: Sequence[OrderTerm], values: Sequence[Any]) -> Q:
    """Return the condition of the rows that come after a position in an order.

    One row value where the columns can be compared at once; otherwise each column bounds the scan
    before it is told apart, so that an index serves the condition: `p >= x AND (p > x OR id < y)`.
    """
    if len({term.descending for term in terms}) == 1 and not any(term.nullable for term in terms):
        compare = TupleLessThan if terms[0].descending else TupleGreaterThan
        return Q(compare(Tuple(*(term.expression for term in terms)), tuple(values)))
    return _nested(terms, values)


def _nested(terms: Sequence[OrderTerm], values: Sequence[Any]) -> Q:
    (first, *rest), (value, *others) = terms, values
    if value is None:
        tied = _is_null(first, True) & _nested(rest, others) if rest else Q(pk__in=[])
        return _is_null(first, False) | tied if first.descending else tied
    beyond = _beyond(first, "lt" if first.descending else "gt", value)
    if not rest:
        return beyond
    bound = _beyond(first, "lte" if first.descending else "gte", value)
    return bound & (beyond | (_compare(first, "exact", value) & _nested(rest, others)))


def _beyond(term: OrderTerm, lookup: str, value: Any) -> Q:
    condition = _compare(term, lookup, value)
    return condition | _is_null(term, True) if term.nullable and not term.descending else condition


def _compare(term: OrderTerm, lookup: str, value: Any) -> Q:
    comparison = term.column.get_lookup(lookup)
    assert comparison is not None, f"{term.path} has no {lookup}"  # noqa: S101
    return Q(comparison(term.expression, models.Value(value, output_field=term.column)))


def _is_null(term: OrderTerm, yes: bool) -> Q:
    return Q(**{f"{term.path}__isnull": yes})
