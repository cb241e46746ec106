"""The expressions that build JSON in SQL: cells in DRF's form, objects of any width, arrays of related rows."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.exceptions import EmptyResultSet
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Case, Expression, F, Model, Q, QuerySet, Subquery, TextField, Value, When
from django.db.models.expressions import BaseExpression, Combinable
from django.db.models.functions import Cast
from django.db.models.sql import Query
from django.db.models.sql.compiler import SQLCompiler

from resources.core.database.columns import Column, value_column
from resources.core.database.sql import Fragment
from serializers.core.read.compiled import postgresql, sqlite
from serializers.core.read.compiled.forms import Dialect, SqlForm
from serializers.core.read.compiled.holes import TOKEN, opening

DIALECTS: dict[str, Dialect] = {"sqlite": sqlite.DIALECT, "postgresql": postgresql.DIALECT}
type Operand = BaseExpression | F
"""An expression, or the name of a column that becomes one when the query resolves it."""
LONGEST_COLUMN = 63
"""The bytes of the longest name of a column, which PostgreSQL would cut short."""


class Composed(Expression):
    """An expression made of others, its parts."""

    def __init__(self, *parts: Operand) -> None:
        """Take the parts."""
        super().__init__(output_field=TextField())
        self.parts: list[Combinable | BaseExpression] = list(parts)

    def get_source_expressions(self) -> list[Combinable | BaseExpression]:
        """Return the parts."""
        return self.parts

    def set_source_expressions(self, exprs: Sequence[Combinable | Expression]) -> None:
        """Take the parts, resolved."""
        self.parts = list(exprs)

    def get_group_by_cols(self) -> list[BaseExpression]:
        """Group by the columns inside: PostgreSQL cannot tell whether two JSON values are equal."""
        resolved = (part for part in self.parts if isinstance(part, BaseExpression))
        return [column for part in resolved for column in part.get_group_by_cols()]

    def compile_parts(self, compiler: SQLCompiler) -> list[Fragment]:
        """Compile the parts."""
        resolved = [part for part in self.parts if isinstance(part, BaseExpression)]
        assert len(resolved) == len(self.parts)  # noqa: S101 - a query resolves every name before it is compiled
        return [(sql, tuple(params)) for sql, params in map(compiler.compile, resolved)]


class Cell(Composed):
    """A value as JSON in DRF's form."""

    def __init__(self, operand: Operand, column: Column) -> None:
        """Take where the value is, and the column that says its type."""
        super().__init__(operand)
        self.column = column

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Fragment:
        """Write the value in the form of its type."""
        form = DIALECTS[connection.vendor].form(self.column)
        assert form is not None, f"no form for {self.column}"  # noqa: S101 - the compiler has asked before
        [(sql, params)] = self.compile_parts(compiler)
        return form.write(sql, params)


class _InForm(Composed):
    """Brings one expression to a form that the dialect has a name for."""

    form: str

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Fragment:
        """Bring it there."""
        [(sql, params)] = self.compile_parts(compiler)
        form: SqlForm = getattr(DIALECTS[connection.vendor], self.form)
        return form.write(sql, params)


class AsText(_InForm):
    """JSON as text, for the outermost row."""

    form = "text"


class JSONValue(_InForm):
    """A cell as JSON by itself, where it is not the member of an object."""

    form = "value"


class Position(_InForm):
    """What a row is ordered by, for a cursor: the database's own value, which leads back to it exactly."""

    form = "position"


class JSONPosition(_InForm):
    """The same as JSON, as a cursor carries it."""

    form = "json_position"


class JSONObject(Composed):
    """A JSON object with its members in order, of any width."""

    def __init__(self, members: Sequence[tuple[str, BaseExpression]]) -> None:
        """Take names and the expressions of their values."""
        super().__init__(*(value for _, value in members))
        self.names = [name for name, _ in members]

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Fragment:
        """Make it of a row of columns, where the database is quicker so, or call its function."""
        dialect, values = DIALECTS[connection.vendor], self.compile_parts(compiler)
        sql = [sql for sql, _ in values]
        json = self._as_row(dialect.row, sql) if dialect.row and self._fits_a_row() else self._called(dialect, sql)
        return json, tuple(param for _, params in values for param in params)

    def _fits_a_row(self) -> bool:
        """Whether a subquery would change nothing: an aggregate in it might count its own rows."""
        ours = self.contains_aggregate or self.contains_over_clause
        return not ours and all(len(name.encode()) <= LONGEST_COLUMN for name in self.names)

    def _as_row(self, row: SqlForm, values: Sequence[str]) -> str:
        columns = [f"{value} AS {column(name)}" for name, value in zip(self.names, values, strict=True)]
        return row.write(", ".join(columns), ())[0]

    def _called(self, dialect: Dialect, values: Sequence[str]) -> str:
        """Call the database's function, as often as the width needs."""
        members = [f"{literal(name)}, {value}" for name, value in zip(self.names, values, strict=True)]
        sql = ""
        for start in range(0, max(len(members), 1), dialect.most_pairs):
            called = f"{dialect.object}({', '.join(members[start : start + dialect.most_pairs])})"
            sql = dialect.joined.replace("{0}", sql).replace("{1}", called) if sql else called
        return sql


class JSONList(Composed):
    """A JSON array of a few values."""

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Fragment:
        """Call the database's function."""
        parts = self.compile_parts(compiler)
        called = f"{DIALECTS[connection.vendor].list}({', '.join(sql for sql, _ in parts)})"
        return called, tuple(param for _, params in parts for param in params)


class Hole(AsText):
    """The place of a text that only Python can write, from what the database knows: a JSON value."""

    def __init__(self, number: int, payload: BaseExpression) -> None:
        """Take the number of the hole, and what is needed to fill it."""
        super().__init__(payload)
        self.number = number

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Fragment:
        """Mark the place."""
        sql, params = super().as_sql(compiler, connection)
        return _marked(self.number, sql), params


class FirstOf(Case):
    """The first of several values whose condition holds."""

    def get_group_by_cols(self) -> list[BaseExpression]:
        """Group by the columns inside, as `Composed` does."""
        return [column for part in self.get_source_expressions() for column in part.get_group_by_cols()]


class JSONArray(Subquery):
    """A JSON array of what the column `_json` of some rows holds, in their order."""

    def __init__(self, rows: QuerySet[Model]) -> None:
        """Take the rows."""
        super().__init__(rows, output_field=TextField())

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, template: str | None = None, **_: object
    ) -> Fragment:
        """Gather what the subquery yields."""
        dialect = DIALECTS[connection.vendor]
        try:
            return self._gathered(dialect, compiler, connection)
        except EmptyResultSet:  # a condition that nothing meets
            return self._empty(dialect), ()

    def _gathered(self, dialect: Dialect, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Fragment:
        rows, params = self.query.as_sql(compiler, connection)
        return dialect.array.write(rows, tuple(params))

    def _empty(self, dialect: Dialect) -> str:
        return f"{dialect.list}()"


class ListedArray(JSONArray):
    """The first related rows, and a hole for the link to the rest: `{"results": [...], "next": ...}`.

    Whether there is a rest is asked only where as many rows were found as are shown.
    """

    def __init__(self, rows: QuerySet[Model], positions: QuerySet[Model], most: int, hole: int) -> None:
        """Take the rows, what links to those after each, as texts of JSON in the same order, and the hole's number."""
        super().__init__(rows[:most])
        self.last_and_next = Subquery(positions[most - 1 : most + 1]).query
        self.most, self.hole = most, hole

    def get_source_expressions(self) -> list[Query]:
        """Return both queries."""
        return [*super().get_source_expressions(), self.last_and_next]

    def set_source_expressions(self, exprs: Sequence[Combinable | Expression]) -> None:
        """Take both queries, resolved."""
        *rows, last_and_next = exprs
        assert isinstance(last_and_next, Query)  # noqa: S101 - as `get_source_expressions` gives it
        self.last_and_next = last_and_next
        super().set_source_expressions(rows)

    def copy(self) -> ListedArray:
        """Copy both queries."""
        made = super().copy()
        made.last_and_next = self.last_and_next.clone()
        return made

    def _empty(self, dialect: Dialect) -> str:
        return f"{dialect.object}('results', {dialect.list}(), 'next', NULL)"

    def _gathered(self, dialect: Dialect, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Fragment:
        """Gather what the rows yield, and mark the place of the link."""
        rows, params = self.query.as_sql(compiler, connection)
        positions, before = self.last_and_next.as_sql(compiler, connection)
        numbered = f'SELECT "listed".*, ROW_NUMBER() OVER () AS "_number" FROM {positions} "listed"'  # noqa: S608
        link = _marked(self.hole, 'MAX(CASE "_number" WHEN 1 THEN "_position" END)')
        last = f'(SELECT CASE WHEN COUNT(*) = 2 THEN {link} END FROM ({numbered}) "numbered")'  # noqa: S608
        shown = f"'results', {dialect.gathered}, 'next', CASE WHEN COUNT(*) = {self.most} THEN {last} END"
        return f'(SELECT {dialect.object}({shown}) FROM {rows} "listed")', (*before, *params)  # noqa: S608


def unless(none: Q, shown: BaseExpression, nullable: bool) -> BaseExpression:
    """Return what is shown, or null where a condition holds, if it ever does."""
    return FirstOf(When(none, then=Value(None)), default=shown) if nullable else shown


def in_text(column: Column) -> Expression:
    """Return a column as JSON, or as the database's own text where there is no form for its type."""
    plain = value_column(column)
    has_form = all(dialect.form(plain) is not None for dialect in DIALECTS.values())
    return Cell(F(column.attname), plain) if has_form else Cast(F(column.attname), TextField())


def _marked(number: int, payload: str) -> str:
    return f"'{opening(number)}' || {payload} || '{TOKEN}'"


def literal(text: str) -> str:
    """Write a member's name as SQL: it comes from the code, never from a client."""
    return "'" + text.replace("'", "''").replace("%", "%%") + "'"


def column(text: str) -> str:
    """Write a member's name as that of a column."""
    return '"' + text.replace('"', '""').replace("%", "%%") + '"'
