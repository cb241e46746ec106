"""Slots: symbolic values, which compile to placeholders and mark their places in the list of parameters."""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Value
from django.db.models.sql.compiler import SQLCompiler

from resources.core.database.columns import Column
from resources.core.database.sql import Parameter

type SlotFragment = tuple[str, tuple["Slot", ...]]
"""SQL, and the slots whose values will be its parameters."""


class Untraceable(Exception):
    """What cannot be cached as a statement, because its SQL depends on more than its shape; says on what."""


class Slot(Value):
    """The place of a value that is yet to come.

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

    def as_sql(  # type: ignore[override]  # the parameter is yet to come
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> SlotFragment:
        """Compile to a placeholder for itself."""
        return "%s", (self,)

    def as_sqlite(  # type: ignore[override]  # as above
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: object
    ) -> SlotFragment:
        """Compare decimals as numbers, as Django does with a value that is known."""
        sql, params = self.as_sql(compiler, connection)
        decimal = self.output_field.get_internal_type() == "DecimalField"
        return (f"(CAST({sql} AS REAL))" if decimal else sql), params

    def bind(self, value: object, connection: BaseDatabaseWrapper) -> Parameter:  # whatever belongs here
        """Bring a value to the database's form."""
        parameter: Parameter = self.output_field.get_db_prep_value(value, connection=connection, prepared=False)
        return parameter


def typed(value: object, column: Column) -> Value:  # of whatever type the column has
    """Make an expression of a value that is compared with a column, or of its slot."""
    return value.typed(column) if isinstance(value, Slot) else Value(value, output_field=column)
