"""The keys of the first rows in an order, whose conditions are answered before anything is put in order.

Of a list with a limit, a planner hopes to meet enough rows while it walks along the index of the order, as if those
that are wanted lay evenly among the others. Here it is asked for all of them, which it plans as such.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BigIntegerField, Model, QuerySet, Subquery
from django.db.models.expressions import OrderBy
from django.db.models.sql.compiler import SQLCompiler

from resources.core.database.drivers import LIMIT
from resources.core.database.sql import Fragment


class FirstKeys(Subquery):
    """The keys of the first rows in an order.

    The statement's limit stands inside, where there is one: what is outside reads the rows of these keys.
    """

    def __init__(self, parts: Sequence[QuerySet[Model]], order: Sequence[OrderBy]) -> None:
        """Take the rows.

        Args:
            parts: rows, together; one may be in several parts.
            order: which of them are the first.
        """
        placed = {f"_place_{place}": term.expression for place, term in enumerate(order)}
        keyed = [part.order_by().annotate(**placed).values_list("pk", *placed) for part in parts]
        super().__init__(together(keyed), output_field=parts[0].model._meta.pk)
        names = [f'"place_{place}"' for place in range(len(order))]
        self.columns = ", ".join(('"key"', *names))
        self.terms = ", ".join(f"{name}{_direction(term)}" for name, term in zip(names, order, strict=True))

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Fragment:
        """Compile to a query whose part does not become one with it, and is not written down either."""
        return self._in_order("LIMIT -1 OFFSET 0", compiler, connection)

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Fragment:
        """Compile to the same."""
        return self._in_order("OFFSET 0", compiler, connection)

    def _in_order(self, fence: str, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Fragment:
        kept = f'WITH "kept" ({self.columns}) AS NOT MATERIALIZED (%(subquery)s {fence})'
        template = f'({kept} SELECT "key" FROM "kept" ORDER BY {self.terms} {LIMIT})'  # noqa: S608 - of names made here
        sql, params = self.as_sql(compiler, connection, template=template)
        return sql, tuple(params)


def together[Row](parts: Sequence[QuerySet[Model, Row]], *, repeated: bool = False) -> QuerySet[Model, Row]:
    """Return what is in some parts: once, or as often as it is in one."""
    return parts[0] if len(parts) == 1 else parts[0].union(*parts[1:], all=repeated).order_by()


def _direction(term: OrderBy) -> str:
    way = " DESC" if term.descending else " ASC"
    return f"{way} NULLS FIRST" if term.nulls_first else f"{way} NULLS LAST" if term.nulls_last else way


class Counted(Subquery):
    """How many rows a queryset has, as a value; or how many of them, up to a number."""

    output_field = BigIntegerField()
    template = '(SELECT COUNT(*) FROM (%(subquery)s) "counted")'

    def __init__[Row](self, rows: QuerySet[Model, Row], most: int | None = None) -> None:
        """Take the rows, and how many are counted at most."""
        super().__init__(rows)
        self.most = most

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Fragment:
        """Count, and stop early."""
        return self._up_to_most("SELECT 1 FROM (%(subquery)s)", compiler, connection)

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Fragment:
        """Count, and stop early without having hoped for it: a WITH is planned as if all of it were read."""
        fenced = 'WITH "kept" AS MATERIALIZED (%(subquery)s) SELECT 1 FROM "kept"'
        return self._up_to_most(fenced, compiler, connection)

    def _up_to_most(self, within: str, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Fragment:
        up_to = f'(SELECT COUNT(*) FROM ({within} LIMIT {self.most}) "counted")'  # noqa: S608 - a number
        sql, params = self.as_sql(compiler, connection, template=None if self.most is None else up_to)
        return sql, tuple(params)
