"""Whether rows that are not stored would be among those of a condition: a policy asked in the place of a save."""

from __future__ import annotations

from collections.abc import Sequence
from traceback import walk_tb

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model, Q
from django.db.models.fields.related import RelatedField
from django.db.models.sql.compiler import SQLCompiler
from django.db.models.sql.datastructures import BaseTable

from resources.core.database.columns import Column
from resources.core.database.sql import Fragment
from resources.core.policy import ALL, NONE

MOST_VALUES = 30_000
"""Values in one statement; PostgreSQL takes 65,535, SQLite 32,766."""


def would_be_among(model: type[Model], rows: Sequence[Model], condition: Q) -> bool:
    """Whether all of some rows would meet a condition, were they stored as they are.

    What a condition asks of other tables it asks of what is stored there. A column that the database computes is NULL;
    a new row without a key has one that no other row has.
    """
    if condition is ALL or condition is NONE:
        return condition is ALL
    columns = model._meta.local_concrete_fields if model._meta.parents else model._meta.concrete_fields
    size = max(1, MOST_VALUES // len(columns))
    chunks = [rows[start : start + size] for start in range(0, len(rows), size)]
    return all(_are_among(model, columns, chunk, condition) for chunk in chunks)


def row_of(error: BaseException, model: type[Model]) -> Model | None:
    """Return the row of a model whose save raised an error; None where none did.

    Whoever saved it, and whatever they gave it beside the body, it is the `self` of the innermost of its methods.
    """
    owners = [frame.f_locals.get("self") for frame, _ in walk_tb(error.__traceback__)]
    return next((row for row in reversed(owners) if isinstance(row, model._meta.concrete_model or model)), None)


def _are_among(model: type[Model], columns: Sequence[Column], rows: Sequence[Model], condition: Q) -> bool:
    values = [[_value(row, column, place) for column in columns] for place, row in enumerate(rows)]
    keys = model._base_manager.filter(condition).order_by().values_list("pk", flat=True)
    alias = keys.query.get_initial_alias()
    keys.query.alias_map[alias] = Rows(model._meta.db_table, alias, columns, values)
    of_key = columns.index(model._meta.pk)
    return {*keys} >= {row[of_key] for row in values}


def _value(row: Model, column: Column, place: int) -> object:  # what the row holds
    value = getattr(row, column.attname)
    if hasattr(value, "resolve_expression"):  # which only the database knows
        value = None
    if value is None and column.primary_key and not column.is_relation:
        return -1 - place
    return value


class Rows(BaseTable):
    """Stands in a query for the table of a model: rows that are in no table."""

    def __init__(
        self, table_name: str, alias: str, columns: Sequence[Column], rows: Sequence[Sequence[object]]
    ) -> None:
        """Take the names, the columns, and the values of each row."""
        super().__init__(table_name, alias)
        self.columns, self.rows = columns, rows

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Fragment:
        """Write the rows as a derived table under the alias. Both databases call the columns of VALUES column1, ..."""
        quote = connection.ops.quote_name
        names = ", ".join(
            f"column{place} AS {quote(str(column.column))}" for place, column in enumerate(self.columns, start=1)
        )
        places = f"({', '.join(_place(column, connection) for column in self.columns)})"
        values = ", ".join([places] * len(self.rows))
        parameters = tuple(
            column.get_db_prep_save(value, connection)
            for row in self.rows
            for column, value in zip(self.columns, row, strict=True)
        )
        return f"(SELECT {names} FROM (VALUES {values}) AS unsaved) {quote(str(self.table_alias))}", parameters  # noqa: S608

    def relabeled_clone(self, change_map: dict[str | None, str]) -> Rows:
        """Return the same under another alias."""
        alias = change_map.get(self.table_alias) or str(self.table_alias)
        return Rows(self.table_name, alias, self.columns, self.rows)


def _place(column: Column, connection: BaseDatabaseWrapper) -> str:
    """Write the place of a value: PostgreSQL must be told its type; SQLite only compares numbers as such."""
    if connection.vendor == "postgresql":
        return f"%s::{column.cast_db_type(connection)}"
    stored = column.target_field if isinstance(column, RelatedField) else column
    return "CAST(%s AS NUMERIC)" if isinstance(stored, models.DecimalField) else "%s"
