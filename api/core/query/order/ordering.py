"""Total orders, alike on every database, and the keyset condition that continues one exactly where it stopped.

NULL sorts as the largest value, text sorts by code point, and the key closes every ordering.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.db import connection, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Case, Expression, F, ForeignObjectRel, Func, Lookup, Model, Q, QuerySet, When
from django.db.models.expressions import OrderBy
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan
from django.db.models.functions import Cast, Collate
from django.db.models.lookups import (
    Exact,
    GreaterThan,
    GreaterThanOrEqual,
    IsNull,
    LessThan,
    LessThanOrEqual,
)
from django.db.models.sql.compiler import SQLCompiler

from api.core.tracing.slots import Slot, typed
from resources.core.database.columns import Column, value_column
from resources.core.database.related import LOOKUP_SEPARATOR, relation
from resources.core.database.sql import Fragment, Stored
from resources.core.fields import CODE_POINT_COLLATION
from resources.core.policy import NONE
from serializers.core.read.compiled.expressions import Position

type Bound = Stored | Slot
"""What a cursor holds, or the place of it in a statement."""

TEXTUAL = (models.CharField, models.TextField, models.JSONField)
"""What is ordered as text: of JSON, two databases know no other order that is the same."""
COMPARISONS: Mapping[str, type[Lookup]] = {
    "exact": Exact,
    "gt": GreaterThan,
    "gte": GreaterThanOrEqual,
    "lt": LessThan,
    "lte": LessThanOrEqual,
}
"""Plain comparisons of what is stored, whatever lookups a class of columns has."""


class StoredField(models.Field):  # type: ignore[type-arg]
    """A value as the database gave it for a cursor: nothing converts it on its way back.

    PostgreSQL gives a text, which it reads as of the type that it is compared with; SQLite a value of one of its own
    types, and any column may hold any of them.
    """


STORED = StoredField()


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
    """

    name: str
    path: str
    column: Column
    nullable: bool
    descending: bool = False
    visible: Q | None = None

    @property
    def crosses(self) -> bool:
        """Whether the column belongs to a related row."""
        return LOOKUP_SEPARATOR in self.path

    @property
    def value(self) -> Expression | F:
        """Return the value as the reader may know it."""
        if self.visible is None:
            return F(self.path)
        return Case(When(self.visible, then=F(self.path)), default=None, output_field=self.column)

    @property
    def expression(self) -> Expression | F:
        """Return the value that is ordered by."""
        return by_code_point(self.value, self.column)

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


class RowIdTerm(OrderTerm):
    """Closes the order of a table on SQLite whose key may be missing: several rows without one are told apart."""

    @property
    def value(self) -> Expression | F:
        """Return SQLite's own number of the row."""
        return RowId(F(self.path))


class RowId(Func):
    """The number that SQLite gives every row of a table; NULL where there is none (https://www.sqlite.org/rowidtable.html).

    A view has none, and neither has a table WITHOUT ROWID, whose key is never missing.
    """

    output_field = models.BigIntegerField()

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: object) -> Fragment:
        """Name it, of the table that has the column."""
        [key] = self.get_source_expressions()
        if not _has_row_ids(connection.alias, key.target.model._meta.db_table):
            return "NULL", ()
        return f"{connection.ops.quote_name(key.alias)}.rowid", ()


_ROW_IDS: dict[tuple[str, str], bool] = {}
"""Whether tables have row ids, by database and table, of those that have been there when that was asked."""


def _has_row_ids(using: str, table: str) -> bool:
    has = _ROW_IDS.get((using, table))
    if has is None:
        with connections[using].cursor() as cursor:
            cursor.execute("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = %s", [table])
            statement = cursor.fetchone()
        if statement is None:  # a view; or a table that is made later, such as by a migration under way
            return False
        has = _ROW_IDS[using, table] = not re.search(r"WITHOUT\s+ROWID\W*$", statement[0], re.IGNORECASE)
    return has


def by_code_point(expression: Expression | F, column: Column) -> Expression | F:
    """Compare a text by code point, also where its column has another collation, or holds no text (an enum)."""
    wanted = CODE_POINT_COLLATION.get(connection.vendor)
    textual = isinstance(value_column(column), TEXTUAL)
    if wanted is None or not textual or column.db_parameters(connection).get("collation") == wanted:
        return expression
    return Collate(Cast(expression, models.TextField()), wanted)


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
    return OrderTerm(name, path, value_column(column), nullable or column.null or may_lack_key(owner, column))


def may_lack_key(model: type[Model], column: Column) -> bool:
    """Whether a row may have no key: in a table that Django did not make, SQLite takes any number of such rows."""
    return bool(column.primary_key and not model._meta.managed)


def annotated_term(name: str, path: str, column: Column) -> OrderTerm:
    """Make the term of an annotation, which may be NULL."""
    return OrderTerm(name, path, column, nullable=True)


def _column(model: type[Model], name: str, path: str) -> Column:
    by_attribute: dict[str, Column | ForeignObjectRel] = {
        field.attname: field
        for field in model._meta.concrete_fields  # `country_id`, too
    }
    columns = by_attribute | {field.name: field for field in model._meta.get_fields()} | {"pk": model._meta.pk}
    column = columns.get(name)
    if not isinstance(column, models.Field) or column.column is None:
        raise ValueError(f"{'' if path == name else f'{path}: '}{name} is no column of {model.__name__}")
    return column


def put_in_order(rows: QuerySet[Model], terms: Sequence[OrderTerm]) -> QuerySet[Model]:
    """Put rows in an order."""
    return rows.order_by(*(term.order_by for term in terms))


def positions(terms: Sequence[OrderTerm]) -> dict[str, Position]:
    """Return what rows are ordered by, by the names under which each carries it."""
    return {f"_position_{place}": Position(term.value) for place, term in enumerate(terms)}


def closed_by_key(terms: Sequence[OrderTerm], key: OrderTerm) -> tuple[OrderTerm, ...]:
    """Make the order total: the key closes it, in the last term's direction, so that one index serves both."""
    for place, term in enumerate(terms):
        if term.path == key.path:
            return (*terms[: place + 1], *_behind(term))
    key = replace(key, descending=terms[-1].descending if terms else False)
    return (*terms, key, *_behind(key))


def _behind(key: OrderTerm) -> tuple[OrderTerm, ...]:
    """Return what tells rows without a key apart."""
    if not key.nullable or connection.vendor != "sqlite":
        return ()
    return (RowIdTerm("rowid", key.path, models.BigIntegerField(), nullable=True, descending=key.descending),)


def after(terms: Sequence[OrderTerm], values: Sequence[Bound]) -> tuple[Q, ...]:
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


def _beyond(terms: Sequence[OrderTerm], values: Sequence[Bound]) -> Q:
    """Return the condition of the rows beyond a position.

    One row value where the columns can be compared at once; otherwise each column bounds the scan
    before it is told apart: `p >= x AND (p > x OR id < y)`.
    """
    if len({term.descending for term in terms}) > 1 or any(term.nullable for term in terms):
        return _nested(terms, values)
    compare = TupleLessThan if terms[0].descending else TupleGreaterThan
    return Q(compare(Tuple(*(term.expression for term in terms)), tuple(typed(value, STORED) for value in values)))


def _nested(terms: Sequence[OrderTerm], values: Sequence[Bound]) -> Q:
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


def _past(term: OrderTerm, lookup: str, value: Bound) -> Q:
    condition = _compare(term, lookup, value)
    return condition | _is_null(term, True) if term.nullable and not term.descending else condition


def _compare(term: OrderTerm, lookup: str, value: Bound) -> Q:
    return Q(COMPARISONS[lookup](term.expression, typed(value, STORED)))


def _is_null(term: OrderTerm, yes: bool) -> Q:
    return Q(IsNull(term.value, yes))
