"""Slots: symbolic values, which compile to placeholders and mark their places in the list of parameters."""

from __future__ import annotations

from typing import Any

from django.db.models import Field, Value

type Column = Field[Any, Any]


class Untraceable(Exception):
    """What cannot be kept as a statement, because its SQL depends on more than its shape; says on what."""


class Slot(Value):
    """The place of a value that is not known yet.

    Attributes:
        name: of the value that belongs here; no two values of one request have the same.
        output_field: the column that says how the value is brought to the database's form.
    """

    def __init__(self, name: str, output_field: Column | None = None) -> None:
        """Take the name, and the column where it is known."""
        super().__init__(None, output_field=output_field)
        self.name = name

    def __repr__(self) -> str:
        """Show the name."""
        return f"{type(self).__name__}({self.name})"

    def typed(self, column: Column) -> Slot:
        """Return the same value's place where a column's type is compared."""
        return type(self)(self.name, column)

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """Compile to a placeholder for itself."""
        return "%s", (self,)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, tuple[Any, ...]]:
        """Compare decimals as numbers, as Django does with a value that is known."""
        sql, params = self.as_sql(compiler, connection)
        decimal = self.output_field.get_internal_type() == "DecimalField"
        return (f"(CAST({sql} AS REAL))" if decimal else sql), params

    def bound(self, value: Any, connection: Any) -> Any:
        """Bring a value to the database's form."""
        return self.output_field.get_db_prep_value(value, connection=connection, prepared=False)


def typed(value: Any, column: Column) -> Value:
    """Make an expression of a value that is compared with a column, or of its slot."""
    return value.typed(column) if isinstance(value, Slot) else Value(value, output_field=column)
