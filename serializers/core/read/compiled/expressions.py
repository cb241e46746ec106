"""The expressions that build JSON in SQL: cells in DRF's form, objects of any width, arrays of related rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import Case, Expression, F, Field, Q, QuerySet, Subquery, TextField, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast

from resources.core.database.columns import value_column
from serializers.core.read.compiled import postgresql, sqlite
from serializers.core.read.compiled.forms import Dialect, Form
from serializers.core.read.compiled.holes import TOKEN, opening

DIALECTS: dict[str, Dialect] = {"sqlite": sqlite.DIALECT, "postgresql": postgresql.DIALECT}
Compiled = tuple[str, tuple[Any, ...]]
LONGEST_COLUMN = 63
"""The bytes of the longest name of a column, which PostgreSQL would cut short."""


class Composed(Expression):
    """An expression made of others, its parts."""

    def __init__(self, *parts: Any) -> None:
        """Take the parts."""
        super().__init__(output_field=TextField())
        self.parts: list[Any] = list(parts)

    def get_source_expressions(self) -> list[Any]:
        """Return the parts."""
        return self.parts

    def set_source_expressions(self, expressions: Sequence[Any]) -> None:
        """Take the parts, resolved."""
        self.parts = list(expressions)

    def get_group_by_cols(self) -> list[Any]:
        """Group by the columns inside: PostgreSQL cannot tell whether two JSON values are equal."""
        return [column for part in self.parts for column in part.get_group_by_cols()]

    def compiled(self, compiler: Any) -> list[Compiled]:
        """Compile the parts."""
        return [(sql, tuple(params)) for sql, params in map(compiler.compile, self.parts)]


class Cell(Composed):
    """A value as JSON in DRF's form."""

    def __init__(self, operand: Combinable, column: Field[Any, Any]) -> None:
        """Take where the value is, and the column that says its type."""
        super().__init__(operand)
        self.column = column

    def as_sql(self, compiler: Any, connection: Any) -> Compiled:
        """Write the value in the form of its type."""
        form = DIALECTS[connection.vendor].form(self.column)
        assert form is not None, f"no form for {self.column}"  # noqa: S101 - the compiler has asked before
        [(sql, params)] = self.compiled(compiler)
        return form.write(sql, params)


class _InForm(Composed):
    """Brings one expression to a form that the dialect has a name for."""

    form: str

    def as_sql(self, compiler: Any, connection: Any) -> Compiled:
        """Bring it there."""
        [(sql, params)] = self.compiled(compiler)
        written: Compiled = getattr(DIALECTS[connection.vendor], self.form).write(sql, params)
        return written


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

    def __init__(self, members: Sequence[tuple[str, Any]]) -> None:
        """Take names and the expressions of their values."""
        super().__init__(*(value for _, value in members))
        self.names = [name for name, _ in members]

    def as_sql(self, compiler: Any, connection: Any) -> Compiled:
        """Make it of a row of columns, where the database is quicker so, or call its function."""
        dialect, values = DIALECTS[connection.vendor], self.compiled(compiler)
        sql = [sql for sql, _ in values]
        written = self._as_row(dialect.row, sql) if dialect.row and self._fits_a_row() else self._called(dialect, sql)
        return written, tuple(param for _, params in values for param in params)

    def _fits_a_row(self) -> bool:
        """Whether a subquery would change nothing: an aggregate in it might count its own rows."""
        ours = self.contains_aggregate or self.contains_over_clause
        return not ours and all(len(name.encode()) <= LONGEST_COLUMN for name in self.names)

    def _as_row(self, row: Form, values: Sequence[str]) -> str:
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

    def as_sql(self, compiler: Any, connection: Any) -> Compiled:
        """Call the database's function."""
        parts = self.compiled(compiler)
        called = f"{DIALECTS[connection.vendor].list}({', '.join(sql for sql, _ in parts)})"
        return called, tuple(param for _, params in parts for param in params)


class Hole(AsText):
    """The place of a text that only Python can write, from what the database knows: a JSON value."""

    def __init__(self, number: int, payload: Any) -> None:
        """Take the number of the hole, and what is needed to fill it."""
        super().__init__(payload)
        self.number = number

    def as_sql(self, compiler: Any, connection: Any) -> Compiled:
        """Mark the place."""
        sql, params = super().as_sql(compiler, connection)
        return _marked(self.number, sql), params


class FirstOf(Case):
    """The first of several values whose condition holds."""

    def get_group_by_cols(self) -> list[Any]:
        """Group by the columns inside, as `Composed` does."""
        return [column for part in self.get_source_expressions() for column in part.get_group_by_cols()]


class JSONArray(Subquery):
    """A JSON array of what the column `_json` of some rows holds, in their order."""

    def __init__(self, rows: QuerySet[Any]) -> None:
        """Take the rows."""
        super().__init__(rows, output_field=TextField())

    def as_sql(self, compiler: Any, connection: Any, template: Any = None, **context: Any) -> Compiled:
        """Gather what the subquery yields."""
        dialect = DIALECTS[connection.vendor]
        try:
            rows, params = self.query.as_sql(compiler, connection)
        except EmptyResultSet:  # a condition that nothing meets
            return f"{dialect.list}()", ()
        return dialect.array.write(rows, tuple(params))


class ListedArray(JSONArray):
    """The first related rows, and a hole for the link to the rest: `{"results": [...], "next": ...}`.

    Whether there is a rest is asked only where as many rows were found as are shown.
    """

    def __init__(self, rows: QuerySet[Any], positions: QuerySet[Any], most: int, hole: int) -> None:
        """Take the rows, what links to those after each, as texts of JSON in the same order, and the hole's number."""
        super().__init__(rows[:most])
        self.last_and_next = Subquery(positions[most - 1 : most + 1]).query
        self.most, self.hole = most, hole

    def get_source_expressions(self) -> list[Any]:
        """Return both queries."""
        return [*super().get_source_expressions(), self.last_and_next]

    def set_source_expressions(self, expressions: Sequence[Any]) -> None:
        """Take both queries, resolved."""
        *own, self.last_and_next = expressions
        super().set_source_expressions(own)

    def copy(self) -> ListedArray:
        """Copy both queries."""
        made = super().copy()
        made.last_and_next = self.last_and_next.clone()
        return made

    def as_sql(self, compiler: Any, connection: Any, template: Any = None, **context: Any) -> Compiled:
        """Gather what the rows yield, and mark the place of the link."""
        dialect = DIALECTS[connection.vendor]
        try:
            rows, params = self.query.as_sql(compiler, connection)
            positions, before = self.last_and_next.as_sql(compiler, connection)
        except EmptyResultSet:
            return f"{dialect.object}('results', {dialect.list}(), 'next', NULL)", ()
        numbered = f'SELECT "listed".*, ROW_NUMBER() OVER () AS "_number" FROM {positions} "listed"'  # noqa: S608
        link = _marked(self.hole, 'MAX(CASE "_number" WHEN 1 THEN "_position" END)')
        last = f'(SELECT CASE WHEN COUNT(*) = 2 THEN {link} END FROM ({numbered}) "numbered")'  # noqa: S608
        shown = f"'results', {dialect.gathered}, 'next', CASE WHEN COUNT(*) = {self.most} THEN {last} END"
        return f'(SELECT {dialect.object}({shown}) FROM {rows} "listed")', (*before, *params)  # noqa: S608


def unless(none: Q, shown: Any, nullable: bool) -> Any:
    """Return what is shown, or null where a condition holds, if it ever does."""
    return FirstOf(When(none, then=Value(None)), default=shown) if nullable else shown


def in_text(column: Field[Any, Any]) -> Expression:
    """Return a column as JSON, or as the database's own text where there is no form for its type."""
    plain = value_column(column)
    known = all(dialect.form(plain) is not None for dialect in DIALECTS.values())
    return Cell(F(column.attname), plain) if known else Cast(F(column.attname), TextField())


def _marked(number: int, payload: str) -> str:
    return f"'{opening(number)}' || {payload} || '{TOKEN}'"


def literal(text: str) -> str:
    """Write a member's name as SQL: it comes from the code, never from a client."""
    return "'" + text.replace("'", "''").replace("%", "%%") + "'"


def column(text: str) -> str:
    """Write a member's name as that of a column."""
    return '"' + text.replace('"', '""').replace("%", "%%") + '"'
