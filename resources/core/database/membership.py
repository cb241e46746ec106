"""Asks for the rows whose column is among many values, which travel as one parameter."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.db.models import CharField, F, IntegerField, Lookup, Q, TextField, UUIDField

from resources.core.database.columns import is_a, value_column

if TYPE_CHECKING:
    Base = Lookup[Any]
else:
    Base = Lookup
SIMPLE = (IntegerField, CharField, TextField, UUIDField)
"""The columns whose values JSON can carry."""


def one_of(column: Any, values: Iterable[Any]) -> Q:
    """Return the condition that a column of the rows asked for holds one of some values.

    Django's `in` takes each as a parameter: a thousand of them cost more to write down than to look up.
    """
    held = value_column(column)
    if not is_a(held, *SIMPLE):
        return Q(**{f"{column.name}__in": values})
    return Q(Among(F(column.name), [held.get_prep_value(value) for value in values]))


class Among(Base):
    """`column = ANY (values)`, as each database says it."""

    lookup_name = "among"
    prepare_rhs = False

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        """Write it for SQLite, which reads lists from JSON."""
        column, params = self.process_lhs(compiler, connection)
        values = [value.hex if isinstance(value, uuid.UUID) else value for value in self.rhs]
        listed = "IN (SELECT value FROM JSON_EACH(%s))"
        return f"{column} {listed}", [*params, json.dumps(values)]

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        """Write it for PostgreSQL, which has arrays."""
        column, params = self.process_lhs(compiler, connection)
        kind = self.lhs.output_field.rel_db_type(connection).partition("(")[0]
        return f"{column} = ANY(%s::{kind}[])", [*params, self.rhs]
