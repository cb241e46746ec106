"""What else a query asks: the tables beside its own that decide who may read what, and how they were before a change.

A trip that is deleted takes its members along. Whether its deletion may be told to one of them is asked of the members
there were before the transaction: `put_back` adds what it took away to what is stored.
"""
# ruff: noqa: S608 - what is put into statements here are names of tables and columns

from __future__ import annotations

from collections.abc import Collection, Iterator

from django.apps import apps
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model
from django.db.models.expressions import BaseExpression, RawSQL
from django.db.models.lookups import Exact, In
from django.db.models.sql import Query
from django.db.models.sql.compiler import SQLCompiler
from django.db.models.sql.datastructures import BaseTable, Join
from django.db.models.sql.where import WhereNode

from api.core.changes.images import FENCES, TRANSACTION, Span, stored_fields, text, typed_columns
from resources.core.database import raw_forms
from resources.core.database.sql import Fragment

type Node = BaseExpression | WhereNode
"""What a query is made of; a query is one, too."""

UNKNOWN = "?"
"""Stands for the tables of a condition in raw SQL, which nobody reads."""


def parts(node: Node) -> Iterator[Node]:
    """Yield an expression, a condition or a query, and all that it is made of."""
    yield node
    if isinstance(node, Query):
        inside = [node.where, *node.annotations.values(), *node.combined_queries]
    else:
        inside = getattr(node, "get_source_expressions", list)()
    for each in inside:
        if each is not None:
            yield from parts(each)


def tables_asked(query: Query) -> frozenset[str]:
    """Return the names of the tables that decide which rows a query gives, but for its outermost; perhaps `UNKNOWN`."""
    outermost = query.base_table
    names = {table.table_name for alias, table in query.alias_map.items() if alias != outermost}
    for part in parts(query.where):
        if isinstance(part, Query):
            names |= {table.table_name for table in part.alias_map.values()}
        if isinstance(part, RawSQL):
            names.add(UNKNOWN)
    return frozenset(names | ({UNKNOWN} if query.extra or query.extra_tables else set()))


def asks_for_itself(query: Query) -> bool:
    """Whether a query looks its own rows up once more, by their key, or in a way that cannot be told.

    Then it would ask of a row as it stands now, and be shown as it was.
    """
    key, outermost = query.get_meta().pk, query.base_table

    def is_key(part: Node) -> bool:
        return getattr(part, "target", None) is key

    def is_own(part: Node) -> bool:
        return is_key(part) and getattr(part, "alias", None) == outermost

    for part in parts(query.where):
        if isinstance(part, RawSQL):
            return True
        if isinstance(part, In) and is_own(part.lhs) and isinstance(part.rhs, Query):
            return True
        if isinstance(part, Exact) and any(map(is_own, (part.lhs, part.rhs))) and is_key(part.lhs) and is_key(part.rhs):
            return True
    return bool(query.extra or query.extra_tables)


def put_back(query: Query, changed: Collection[str], span: Span) -> None:
    """Let a query over images ask of other tables as they were before the transaction of each change.

    Args:
        query: whose conditions are changed in place.
        changed: the names of the tables from which those transactions took or changed something.
        span: which changes the images are of.
    """
    outermost, model = str(query.base_table), query.model
    assert model is not None  # noqa: S101 - it is a query of rows
    for alias, table in query.alias_map.items():
        if isinstance(table, Join) and table.parent_alias == outermost and table.table_name in changed:
            query.alias_map[alias] = JoinBefore(table, model, span)
    for part in parts(query.where):
        if isinstance(part, Query) and part is not query:
            for alias, table in part.alias_map.items():
                if isinstance(table, BaseTable) and table.table_name in changed:
                    part.alias_map[alias] = TableBefore(table.table_name, alias, outermost, span)


class TableBefore(BaseTable):
    """Stands for a table in a query inside another: what it holds, and what the transaction of a change took away."""

    def __init__(self, table_name: str, alias: str, outermost: str, span: Span) -> None:
        """Take the names, the alias of the images, and which these are."""
        super().__init__(table_name, alias)
        self.outermost, self.span = outermost, span

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Fragment:
        """Write both as a derived table."""
        quote = connection.ops.quote_name
        stored, (taken, params) = both_sides(self.table_name, self.span, compiler, connection)
        names = ", ".join(names_of(self.table_name, connection))
        here = f'"taken"."{TRANSACTION}" = {quote(self.outermost)}."{TRANSACTION}"'
        rows = f'{stored} UNION ALL SELECT {names} FROM ({taken}) "taken" WHERE {here}'
        return f"({rows}) {quote(str(self.table_alias))}", params

    def relabeled_clone(self, change_map: dict[str | None, str]) -> TableBefore:
        """Return the same under other aliases."""
        alias = change_map.get(self.table_alias) or str(self.table_alias)
        return TableBefore(self.table_name, alias, change_map.get(self.outermost) or self.outermost, self.span)


class JoinBefore(Join):
    """The same for a table that the images are joined to."""

    def __init__(self, join: Join, model: type[Model], span: Span) -> None:
        """Take the join, and which images."""
        self.__dict__.update(vars(join))
        self.model, self.span = model, span

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Fragment:
        """Write it with a derived table, of as few rows as the images lead to: no index finds them there."""
        quote = connection.ops.quote_name
        [(here, there)] = self.join_cols
        column = next(each for each in self.model._meta.concrete_fields if each.column == here)
        _, source, (condition, params) = self.span.sql(self.model._meta.db_table, compiler, connection)
        led_to = raw_forms.read(column, connection.vendor, "COALESCE(c.before, c.after)").replace("%", "%%")
        stored, (taken, of_taken) = both_sides(self.table_name, self.span, compiler, connection)
        names = ", ".join(names_of(self.table_name, connection))
        stored = stored.replace("SELECT ", f'SELECT NULL AS "{TRANSACTION}", ', 1)
        rows = (
            f"{stored} WHERE {quote(there)} IN (SELECT {led_to} FROM {source} WHERE {condition})"
            f' UNION ALL SELECT "{TRANSACTION}", {names} FROM ({taken}) "taken" WHERE "{TRANSACTION}" IN'
            f' (SELECT c."transaction" FROM {source} WHERE {condition})'
        )
        alias, images = quote(str(self.table_alias)), quote(str(self.parent_alias))
        on = (
            f'{alias}.{quote(there)} = {images}.{quote(here)} AND ({alias}."{TRANSACTION}" IS NULL'
            f' OR {alias}."{TRANSACTION}" = {images}."{TRANSACTION}")'
        )
        return f"{self.join_type} ({rows}) {alias} ON ({on})", (*params, *of_taken, *params)

    def relabeled_clone(self, change_map: dict[str | None, str]) -> JoinBefore:
        """Return the same under other aliases."""
        parent, alias = (change_map.get(each) or str(each) for each in (self.parent_alias, self.table_alias))
        join = Join(self.table_name, parent, alias, self.join_type, self.join_field, self.nullable)
        return JoinBefore(join, self.model, self.span)


def names_of(table: str, connection: BaseDatabaseWrapper) -> list[str]:
    """Return the names of the columns of a table."""
    return [connection.ops.quote_name(str(column.column)) for column in stored_fields(model_of(table))]


def both_sides(table: str, span: Span, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Fragment]:
    """Write what a table holds, and what was taken from it or changed in it, with the transaction that did so."""
    stored = f"SELECT {', '.join(names_of(table, connection))} FROM {connection.ops.quote_name(table)}"
    images = typed_columns(model_of(table), "c.before", connection, generated=True)
    taken = (
        f'SELECT c."transaction" AS "{TRANSACTION}", {", ".join(images)} FROM headwater_change AS c'
        f" WHERE c.table_name = {text(table)} AND c.operation IN ('U', 'D') AND c.before IS NOT NULL"
    )
    if span.around is None:
        return stored, (taken, ())
    (first, of_first), (last, of_last) = map(compiler.compile, span.around)
    return stored, (
        f"{taken} AND c.id > {first} AND c.id <= {last}{FENCES[connection.vendor]}",
        (*of_first, *of_last),
    )


MODELS: dict[str, type[Model]] = {}
"""The models of tables, by their names."""


def model_of(table: str) -> type[Model]:
    """Return the model of a table."""
    if table not in MODELS:
        for model in apps.get_models(include_auto_created=True):
            if not model._meta.proxy:
                MODELS.setdefault(model._meta.db_table, model)
    return MODELS[table]
