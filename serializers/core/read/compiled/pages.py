"""Finds the rows of a page before they are shown, so that what many of them refer to is written once.

WITH "_page" AS (<the rows, in order, up to the limit>), "_page_country" AS (<key and JSON of those that they refer to>)
SELECT <JSON, of the columns of a row and of "_page_country"> FROM "_page" ... ORDER BY <as before>
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Never, TypeGuard

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import ForeignKey, ForeignObjectRel, Lookup, Model, QuerySet
from django.db.models.expressions import BaseExpression
from django.db.models.sql import Query
from django.db.models.sql.compiler import SQLCompiler

from resources.core.database.columns import Column
from resources.core.database.drivers import LIMIT
from resources.core.database.sql import Fragment, Parameter
from serializers.core.read.compiled.expressions import DIALECTS, Composed


class InPage(Lookup):
    """Whether a column holds what a column of the page's rows holds."""

    lookup_name = "in_page"
    prepare_rhs = False

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Fragment:
        """Look among the page's, of the column that is named."""
        sql, params = self.process_lhs(compiler, connection)
        return f'{sql} IN (SELECT {connection.ops.quote_name(self.rhs)} FROM "_page")', tuple(params)  # noqa: S608


class SharedJSON(Composed):
    """The JSON of the row that a row of the page refers to, or of its key where that may not be shown."""

    def __init__(self, relation: Column, key: BaseExpression) -> None:
        """Take the relation, and the expression of the key."""
        super().__init__(key)
        self.table = table_of(relation)

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Fragment:
        """Take it from the table of those that the page refers to."""
        [(key, params)] = self.compile_parts(compiler)
        return DIALECTS[connection.vendor].ready.write(f'COALESCE("{self.table}"."_json", {key})', params)


@dataclass(frozen=True, slots=True)
class Referred:
    """Rows that those of the page refer to.

    Attributes:
        relation: by which.
        rows: each with its `_key`, and its `_json`.
    """

    relation: ForeignKey[Never, object]
    rows: QuerySet[Model]


class PageQuery(Query):
    """A query of rows that another finds before, to which all conditions and the limit belong."""

    page: Query
    referred: Sequence[Referred]

    def get_compiler(
        self, using: str | None = None, connection: BaseDatabaseWrapper | None = None, elide_empty: bool = True
    ) -> SQLCompiler:
        """Return what writes both as one statement."""
        return Writer(self, connection or connections[using or DEFAULT_DB_ALIAS], using, elide_empty)


class Writer(SQLCompiler):
    """Writes the rows of a page, what they refer to, and how they are shown."""

    query: PageQuery

    def as_sql(self, with_limits: bool = True, with_col_aliases: bool = False) -> Fragment:
        """Write the statement."""
        shown, params = super().as_sql(with_limits=False, with_col_aliases=with_col_aliases)
        tables = {"_page": self._page()}
        for each in self.query.referred:
            rows = each.rows.query.get_compiler(connection=self.connection, elide_empty=False)
            tables[table_of(each.relation)] = rows.as_sql()
        found_before = ", ".join(f'"{name}" AS MATERIALIZED ({sql})' for name, (sql, _) in tables.items())
        prefix = self._explaining()
        sql = f"{prefix}WITH {found_before} {shown.removeprefix(prefix)}"
        return sql, (*(param for _, of_table in tables.values() for param in of_table), *params)

    def _explaining(self) -> str:
        explain = self.query.explain_info
        return f"{self.connection.ops.explain_query_prefix(explain.format, **explain.options)} " if explain else ""

    def _page(self) -> Fragment:
        page = self.query.page.clone()
        page.set_limits(self.query.low_mark, self.query.high_mark)
        sql, params = page.get_compiler(connection=self.connection).as_sql()
        return sql if page.is_sliced else f"{sql} {LIMIT}", tuple(params)

    def get_from_clause(self) -> tuple[list[str], tuple[Parameter, ...]]:
        """Read the page in the place of its table, and join what it refers to."""
        (table, *joins), params = super().get_from_clause()
        return [f'"_page" {table}', *joins, *map(self._joined, self.query.referred)], params

    def _joined(self, each: Referred) -> str:
        quote, table = self.connection.ops.quote_name, table_of(each.relation)
        column = f"{quote(self.query.get_initial_alias())}.{quote(each.relation.column)}"
        return f'LEFT OUTER JOIN "{table}" ON ("{table}"."_key" = {column})'


def table_of(relation: Column) -> str:
    """Name the table of those that a page refers to."""
    return f"_page_{relation.name}"


def refers(relation: Column | ForeignObjectRel, model: type[Model]) -> TypeGuard[ForeignKey[Never, object]]:
    """Whether the table of a model itself has the column of a relation."""
    return relation.concrete and relation.model._meta.concrete_model is model._meta.concrete_model


def page_first(rows: QuerySet[Model], referred: Sequence[Referred]) -> QuerySet[Model]:
    """Return rows in their order, to be found before they are shown with what they refer to."""
    query, page, table = PageQuery(rows.model), rows.query.chain(), rows.model._meta.concrete_model
    assert table is not None  # noqa: S101 - an abstract model has no rows
    page.set_annotation_mask(())
    page.set_select([column.get_col(table._meta.db_table) for column in table._meta.local_concrete_fields])
    query.page, query.referred = page, referred
    query.order_by, query.standard_ordering = page.order_by, page.standard_ordering
    return QuerySet(rows.model, query, rows.db)
