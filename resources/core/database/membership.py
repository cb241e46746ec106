"""Asks for the rows whose column is among several values, which travel as one parameter.

So lists of every length are one statement, and a thousand values cost no more to write down than to look up.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import CharField, F, IntegerField, Lookup, Q, TextField, UUIDField, Value
from django.db.models.sql.compiler import SQLCompiler

from resources.core.database.columns import Column, is_a, value_column
from resources.core.database.sql import Fragment

SIMPLE = (IntegerField, CharField, TextField, UUIDField)
"""The columns whose values JSON can carry."""


def one_of(column: Column, values: Iterable[object]) -> Q:
    """Return the condition that a column of the rows asked for holds one of some values."""
    stored = value_column(column)
    if not is_a(stored, *SIMPLE):
        return Q(**{f"{column.name}__in": values})
    return Q(Among(F(column.name), Value(list(values), output_field=Several(stored))))


class Several(models.Field):  # type: ignore[type-arg]
    """Several values of a column, as one parameter: an array on PostgreSQL, JSON on SQLite."""

    def __init__(self, column: Column) -> None:
        """Take the column."""
        super().__init__()
        self.of = column

    def get_db_prep_value(
        self, value: Iterable[object], connection: BaseDatabaseWrapper, prepared: bool = False
    ) -> str | list[object]:
        """Bring the values to the database's form, and make one of them."""
        items = [self.of.get_db_prep_value(item, connection, prepared) for item in value]
        return json.dumps(items) if connection.vendor == "sqlite" else items


class Among(Lookup):
    """A column holds one of several values."""

    lookup_name = "among"
    prepare_rhs = False

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Fragment:
        """Look into the JSON."""
        return self._compile("{} IN (SELECT value FROM JSON_EACH({}))", compiler, connection)

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Fragment:
        """Look into the array."""
        return self._compile("{} = ANY({})", compiler, connection)

    def _compile(self, template: str, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Fragment:
        column, of_column = self.process_lhs(compiler, connection)
        values, of_values = self.process_rhs(compiler, connection)
        return template.format(column, values), (*of_column, *of_values)


class Gathered(Lookup):
    """A column holds one of the values that a query gives, which are read first, and by themselves.

    PostgreSQL takes any union to have 200 different values, and so walks the whole table beside them. Of an array it
    knows that an index finds its items one by one, and in order: a page ends when it is full.
    """

    lookup_name = "gathered"
    prepare_rhs = False

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Fragment:
        """Compile to one of an array on PostgreSQL, elsewhere to IN."""
        column, of_column = self.process_lhs(compiler, connection)
        values, of_values = self.process_rhs(compiler, connection)
        template = "{} = ANY(ARRAY{})" if connection.vendor == "postgresql" else "{} IN {}"
        return template.format(column, values), (*of_column, *of_values)


class Inside(Lookup):
    """A column holds one of the values that a query gives: asked of rows that something else has found."""

    lookup_name = "inside"
    prepare_rhs = False

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Fragment:
        """Compile to IN; the sign keeps SQLite from looking for each value in an index of the column."""
        column, of_column = self.process_lhs(compiler, connection)
        values, of_values = self.process_rhs(compiler, connection)
        sign = "+" if connection.vendor == "sqlite" else ""
        return f"{sign}{column} IN {values}", (*of_column, *of_values)


def install() -> None:
    """Offer the lookups on every column; relations inherit none."""
    for lookup in (Among, Gathered, Inside):
        models.Field.register_lookup(lookup)
        models.ForeignObject.register_lookup(lookup)
