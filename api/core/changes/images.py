"""Rows as the journal holds them, in the place of a table: a query asks of what rows were before or after a change.

Only the outermost table of a query is replaced, by a derived table under its alias. What the query asks of other
tables, and of the same one once more (who else is a member of this member's trip?), it asks of what is stored there
now; or, where `put_back` has been at it, of that and what the transaction of the change took away.
"""
# ruff: noqa: S608 - what is put into statements here are names of tables and columns, and the places of parameters

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BigIntegerField, Expression, GeneratedField, Model, QuerySet
from django.db.models.sql import Query
from django.db.models.sql.compiler import SQLCompiler
from django.db.models.sql.datastructures import BaseTable

from resources.core.database import raw_forms
from resources.core.database.columns import Column
from resources.core.database.sql import Fragment
from resources.core.journal.tables import excluded_columns

Side = Literal["before", "after", "last"]
"""What of a change stands in the place of a row: what it was before, after, or when it was deleted later on."""
POSITION, TRANSACTION = "_position", "_transaction"
"""Columns that stand beside those of the row."""


@dataclass(frozen=True, slots=True)
class Span:
    """Which changes of a table are looked at, as expressions of values, or of their slots.

    Attributes:
        first: the position after which they stand.
        last: the position up to which they do.
        key: the raw key of the row whose changes they are; None for all.
        operations: what was done.
        around: the same two positions, further apart, so that whole transactions lie between them; None on PostgreSQL,
            which finds the changes of a transaction by an index.
    """

    first: Expression
    last: Expression
    key: Expression | None = None
    operations: str = "IUD"
    around: tuple[Expression, Expression] | None = None

    def sql(self, table: str, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, str, Fragment]:
        """Write where they are: the SQL of a position, what they are read from as `c`, and the condition."""
        position, source = PLACES[connection.vendor]
        values = {f"{position} > ": self.first, f"{position} <= ": self.last}
        if self.key is not None:
            values["c.key = "] = self.key
        compiled = [(start, *compiler.compile(value)) for start, value in values.items()]
        conditions = [f"{start}{sql}" for start, sql, _ in compiled]
        conditions.append(f"c.table_name = {text(table)}")
        conditions.append(f"c.operation IN ({', '.join(map(text, self.operations))})")
        return position, source, (" AND ".join(conditions), tuple(p for *_, params in compiled for p in params))


PLACES: Mapping[str, tuple[str, str]] = {
    "sqlite": ("c.id", "headwater_change AS c"),
    "postgresql": ("p.position", "headwater_position AS p JOIN headwater_change AS c ON c.id = p.change"),
}
"""The SQL of a change's position, and what it is read from."""
FENCES: Mapping[str, str] = {"sqlite": " LIMIT -1 OFFSET 0", "postgresql": " OFFSET 0"}
"""What keeps a database from reading a value out of JSON again wherever a statement names its column."""


class Images(BaseTable):
    """Stands in a query for the table of a model: rows as they were on one side of some changes."""

    def __init__(self, model: type[Model], alias: str, side: Side, span: Span) -> None:
        """Take whose rows, the alias, the side, and which changes."""
        super().__init__(model._meta.db_table, alias)
        self.model, self.side, self.span = model, side, span

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Fragment:
        """Write the rows as a derived table under the alias."""
        position, source, (condition, params) = self.span.sql(self.table_name, compiler, connection)
        change = "c"
        if self.side == "last":
            change = "d"
            source += " JOIN headwater_change AS d ON d.table_name = c.table_name AND d.key = c.key"
            condition += (
                " AND d.operation = 'D' AND NOT EXISTS (SELECT 1 FROM headwater_change AS e"
                " WHERE e.table_name = c.table_name AND e.key = c.key AND e.id > d.id)"
            )
        image = f"{change}.{'after' if self.side == 'after' else 'before'}"
        beside = [f'{position} AS "{POSITION}"', f'{change}."transaction" AS "{TRANSACTION}"']
        columns = typed_columns(self.model, image, connection)
        rows = f"SELECT {', '.join([*beside, *columns])} FROM {source} WHERE {condition} AND {image} IS NOT NULL"
        rows = with_generated(self.model, f"{rows}{FENCES[connection.vendor]}", connection)
        return f"({rows}) {connection.ops.quote_name(str(self.table_alias))}", params

    def relabeled_clone(self, change_map: dict[str | None, str]) -> Images:
        """Return the same under another alias."""
        alias = change_map.get(self.table_alias) or str(self.table_alias)
        return Images(self.model, alias, self.side, self.span)


class Present(BaseTable):
    """Stands in a query for the table of a model: rows as they stand now, once each, at the last of some changes.

    The changes may be of another table that refers to them, such as that of a many-to-many relation.
    """

    def __init__(self, model: type[Model], alias: str, reference: Column, span: Span) -> None:
        """Take whose rows, the alias, the column that names a row in the table that was changed, and which changes."""
        super().__init__(model._meta.db_table, alias)
        self.model, self.reference, self.span = model, reference, span

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Fragment:
        """Write the rows as a derived table under the alias."""
        quote, changed = connection.ops.quote_name, self.reference.model._meta.db_table
        position, source, (condition, params) = self.span.sql(changed, compiler, connection)
        key = raw_forms.read(self.reference, connection.vendor, "COALESCE(c.after, c.before)").replace("%", "%%")
        keys = f'SELECT MAX({position}) AS "{POSITION}", {key} AS "_key" FROM {source} WHERE {condition} GROUP BY {key}'
        rows = (
            f'SELECT "changed"."{POSITION}", "stored".* FROM ({keys}) "changed" JOIN {quote(self.table_name)} "stored"'
            f' ON "stored".{quote(str(self.model._meta.pk.column))} = "changed"."_key"'
        )
        return f"({rows}) {quote(str(self.table_alias))}", params

    def relabeled_clone(self, change_map: dict[str | None, str]) -> Present:
        """Return the same under another alias."""
        alias = change_map.get(self.table_alias) or str(self.table_alias)
        return Present(self.model, alias, self.reference, self.span)


class ImageQuery(Query):
    """A query of rows that stand several times, as they were at several times: none is taken for another."""

    def get_compiler(
        self, using: str | None = None, connection: BaseDatabaseWrapper | None = None, elide_empty: bool = True
    ) -> SQLCompiler:
        """Return what groups them by all that is shown of them, where they are grouped."""
        return ImageCompiler(self, connection or connections[using or DEFAULT_DB_ALIAS], using, elide_empty)


class ImageCompiler(SQLCompiler):
    """Groups by every column: the key of a derived table does not tell its rows apart."""

    def collapse_group_by(
        self, expressions: list[Expression], having: list[Expression] | tuple[()]
    ) -> list[Expression]:
        """Leave all of them."""
        return expressions


def in_place[Row](rows: QuerySet[Model, Row], table: Callable[[str], BaseTable]) -> QuerySet[Model, Row]:
    """Return a query with something else in the place of its outermost table; `table` makes it for an alias."""
    replaced = rows.all()
    query: Query = replaced.query
    query.__class__ = ImageQuery
    alias = query.get_initial_alias()
    query.alias_map[alias] = table(alias)
    return replaced


class Beside(Expression):
    """A column that stands beside those of the row."""

    def __init__(self, name: str) -> None:
        """Take its name."""
        super().__init__(output_field=BigIntegerField())
        self.name = name

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Fragment:
        """Name it by the alias of the outermost table."""
        quote = connection.ops.quote_name
        return f"{quote(str(compiler.query.base_table))}.{quote(self.name)}", ()


def stored_fields(model: type[Model]) -> list[Column]:
    """Return the columns of the table of a model: those of the one that it is a proxy of, too."""
    concrete = model._meta.concrete_model or model
    return list(concrete._meta.local_concrete_fields)


def typed_columns(
    model: type[Model], image: str, connection: BaseDatabaseWrapper, *, generated: bool = False
) -> list[str]:
    """Write the columns of a row as they are read out of an image; `generated` NULL for those that are computed.

    A column that the journal leaves out is that of the row as it stands now.
    """
    quote, columns = connection.ops.quote_name, list[str]()
    key, left_out = model._meta.pk, excluded_columns(model)
    for column in stored_fields(model):
        computed = isinstance(column, GeneratedField)
        if computed and not generated:
            continue
        value = "NULL" if computed else raw_forms.read(column, connection.vendor, image).replace("%", "%%")
        if column.column in left_out:
            stored, own = quote(model._meta.db_table), raw_forms.read(key, connection.vendor, image).replace("%", "%%")
            present = f'SELECT "now".{quote(str(column.column))} FROM {stored} "now"'
            value = f'({present} WHERE "now".{quote(str(key.column))} = {own})'
        columns.append(f"{value} AS {quote(str(column.column))}")
    return columns


def with_generated(model: type[Model], rows: str, connection: BaseDatabaseWrapper) -> str:
    """Add the columns that the database computes, computed of the image."""
    columns = [column for column in stored_fields(model) if isinstance(column, GeneratedField)]
    if not columns:
        return rows
    computed = [
        f"({_generated(column, connection)}) AS {connection.ops.quote_name(str(column.column))}" for column in columns
    ]
    return f'SELECT "stored".*, {", ".join(computed)} FROM ({rows}) "stored"'


def _generated(column: GeneratedField, connection: BaseDatabaseWrapper) -> str:
    """Write the expression of a generated column, of columns by their bare names, as its table has it."""
    sql, params = column.generated_sql(connection)
    return (sql % tuple(connection.schema_editor().quote_value(param) for param in params)).replace("%", "%%")


def text(value: str) -> str:
    """Write a text from the code, never from a client, as SQL."""
    return "'" + value.replace("'", "''").replace("%", "%%") + "'"
