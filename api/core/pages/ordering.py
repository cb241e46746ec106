"""Total orders, alike on every database, and the keyset condition that continues one exactly where it stopped.

NULL sorts as the largest value, text sorts by code point, and the key closes every ordering.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection, models
from django.db.models import Case, Expression, F, Model, Q, QuerySet, When
from django.db.models.expressions import OrderBy
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan
from django.db.models.functions import Cast, Collate
from django.db.models.lookups import IsNull

from api.core.tracing.slots import typed
from resources.core.fields import CODE_POINT_COLLATION
from resources.core.policy import NONE
from resources.core.related import LOOKUP_SEPARATOR, relation

type Column = models.Field[Any, Any]


@dataclass(frozen=True)
class OrderTerm:
    """One column of an ordering.

    Attributes:
        name: what a client calls it.
        path: where it is: a column, perhaps across to-one relations.
        column: the model field at the end of the path.
        nullable: whether it may be NULL: the column, or a relation on the way.
        descending: the direction.
        visible: the rows whose column may be shown; the others count as NULL. None for all.
        exact: whether its values are compared as they are; of a mean, PostgreSQL knows more digits than a double has.
    """

    name: str
    path: str
    column: Column
    nullable: bool
    descending: bool = False
    visible: Q | None = None
    exact: bool = True

    @property
    def crosses(self) -> bool:
        """Whether the column belongs to a related row."""
        return LOOKUP_SEPARATOR in self.path

    @property
    def loaded_as(self) -> str:
        """Name the attribute in which a row of `ordered` carries what it is ordered by."""
        return f"_ordered_by_{self.path}" if self.crosses else self.path

    def value(self, row: Model) -> Any:
        """Return what a row of `ordered` is ordered by."""
        return getattr(row, self.loaded_as)

    @property
    def shown(self) -> Expression | F:
        """Return the value as the reader may know it."""
        if self.visible is None:
            return F(self.path) if self.exact else Cast(F(self.path), self.column)
        return Case(When(self.visible, then=F(self.path)), default=None, output_field=self.column)

    @property
    def expression(self) -> Expression | F:
        """Return the value that is ordered by."""
        return by_code_point(self.shown, self.column)

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


def by_code_point(expression: Expression | F, column: Column) -> Expression | F:
    """Compare a text by code point, also where its column has another collation."""
    wanted = CODE_POINT_COLLATION.get(connection.vendor)
    textual = isinstance(column, models.CharField | models.TextField)
    if wanted is None or not textual or column.db_parameters(connection).get("collation") == wanted:
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
    column = _column(owner, last, path)
    path = LOOKUP_SEPARATOR.join((*relations, column.attname))
    return OrderTerm(name, path, _stored(column), nullable or column.null)


def annotated_term(name: str, path: str, column: Column) -> OrderTerm:
    """Make the term of an annotation, which may be NULL; SQLite counts decimals in doubles."""
    if isinstance(column, models.DecimalField) and connection.vendor == "sqlite":
        column = models.FloatField()
    return OrderTerm(name, path, column, nullable=True, exact=not isinstance(column, models.FloatField))


def _column(model: type[Model], name: str, path: str) -> Column:
    by_attribute = {field.attname: field for field in model._meta.concrete_fields}  # `country_id`, too
    columns = by_attribute | {field.name: field for field in model._meta.get_fields()} | {"pk": model._meta.pk}
    found = columns.get(name)
    if not isinstance(found, models.Field) or found.column is None:
        raise ValueError(f"{'' if path == name else f'{path}: '}{name} is no column of {model.__name__}")
    return found


def _stored(column: Column) -> Column:
    """Return the column that says what values are stored: of a foreign key, the key it refers to."""
    return _stored(column.target_field) if isinstance(column, models.ForeignKey) else column


def ordered(rows: QuerySet[Any], terms: Sequence[OrderTerm]) -> QuerySet[Any]:
    """Put rows in an order, and load beside each what it is ordered by."""
    crossing = {term.loaded_as: term.shown for term in terms if term.crosses}
    placed: QuerySet[Any] = rows.annotate(**crossing).order_by(*(term.order_by for term in terms))
    return placed


def closed_by_key(terms: Sequence[OrderTerm], key: OrderTerm) -> tuple[OrderTerm, ...]:
    """Make the order total: the key closes it, in the last term's direction, so that one index serves both."""
    for place, term in enumerate(terms):
        if term.path == key.path:
            return tuple(terms[: place + 1])
    direction = terms[-1].descending if terms else False
    return (*terms, replace(key, descending=direction))


def after(terms: Sequence[OrderTerm], values: Sequence[Any]) -> tuple[Q, ...]:
    """Return the conditions of the rows that come after a position in an order.

    Read in turn, each yields a stretch of the order, without a gap or a row in common. Each is bounded by the
    first column, so that an index leads to its beginning however deep it lies; no index would serve
    `p >= x OR p IS NULL`, so NULLs are a stretch of their own.
    """
    first = terms[0]
    if not first.nullable:
        return (_beyond(terms, values),)
    if values[0] is not None:
        within = _beyond([replace(first, nullable=False), *terms[1:]], values)
        return (within,) if first.descending else (within, _is_null(first, True))
    within = _is_null(first, True) & (_beyond(terms[1:], values[1:]) if terms[1:] else NONE)
    return (within, _is_null(first, False)) if first.descending else (within,)


def _beyond(terms: Sequence[OrderTerm], values: Sequence[Any]) -> Q:
    """Return the condition of the rows beyond a position.

    One row value where the columns can be compared at once; otherwise each column bounds the scan
    before it is told apart: `p >= x AND (p > x OR id < y)`.
    """
    if len({term.descending for term in terms}) > 1 or any(term.nullable for term in terms):
        return _nested(terms, values)
    compare = TupleLessThan if terms[0].descending else TupleGreaterThan
    return Q(compare(Tuple(*(term.expression for term in terms)), tuple(map(_typed, terms, values))))


def _nested(terms: Sequence[OrderTerm], values: Sequence[Any]) -> Q:
    first, value, rest = terms[0], values[0], terms[1:]
    tied = _beyond(rest, values[1:]) if rest else NONE
    if value is None:
        within = _is_null(first, True) & tied
        return _is_null(first, False) | within if first.descending else within
    past = _past(first, "lt" if first.descending else "gt", value)
    if not rest:
        return past
    bound = _past(first, "lte" if first.descending else "gte", value)
    return bound & (past | (_compare(first, "exact", value) & tied))


def _past(term: OrderTerm, lookup: str, value: Any) -> Q:
    condition = _compare(term, lookup, value)
    return condition | _is_null(term, True) if term.nullable and not term.descending else condition


def _compare(term: OrderTerm, lookup: str, value: Any) -> Q:
    comparison = term.column.get_lookup(lookup)
    assert comparison is not None, f"{term.path} has no {lookup}"  # noqa: S101
    return Q(comparison(term.expression, _typed(term, value)))


def _typed(term: OrderTerm, value: Any) -> Any:
    return typed(value, term.column)


def _is_null(term: OrderTerm, yes: bool) -> Q:
    return Q(**{f"{term.path}__isnull": yes}) if term.visible is None else Q(IsNull(term.expression, yes))
