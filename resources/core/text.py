"""Text matching that answers alike on every database: folded case, folded accents, literal patterns.

Django's own `icontains` folds ASCII only on SQLite, and its `contains` ignores case there. These lookups take the
pattern as one plain parameter. Where the model declares an index for text (`resources.core.indexes`), they are written
as that index serves them; which rows they find does not depend on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.db.models import Lookup, Transform, Value
from django.db.models.expressions import Col, Expression
from django.db.models.sql.compiler import SQLCompiler
from django.db.models.sql.datastructures import BaseTable, Join

from resources.core.database.sql import Fragment
from resources.core.folding import CASE, CASE_AND_ACCENTS, FOLDINGS, Folding, fold, fold_case
from resources.core.indexes import FoldedIndex, SearchIndex, TextIndex, TrigramIndex, index_on

__all__ = ["Fold", "FoldCase", "fold", "fold_case", "install"]

_TEXT = "(%(expressions)s)::text"
"""Of what a column declared as text holds otherwise (an enum, money, an array) the text is looked at."""


class _Folding(Transform):
    """A text brought to a folded form, and with it what it is compared with.

    The database folds both sides: its Unicode tables may be newer than Python's, and letters that only one of the
    two knows would never meet. Folding twice is folding once, so a value may come folded already.

    Attributes:
        form: to which the text is brought.
        known: whether the planner of PostgreSQL is to know the value, and how often it comes.
    """

    output_field = models.TextField()
    bilateral = True
    form: ClassVar[Folding]
    known = False

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Fragment:
        """Fold with the database's own Unicode tables; a plain value once for the statement, not once for each row."""
        of_a_column = any(isinstance(part, Col) for part in self.flatten())
        template = self.form.postgresql.format(_TEXT)
        template = template if of_a_column or self.known else f"(SELECT {template})"
        return self.as_sql(compiler, connection, template=template)


class FoldCase(_Folding):
    """`name__fold_case__holds="saint"` matches `SAINT`."""

    lookup_name = "fold_case"
    form = CASE
    function = CASE.function


class Fold(_Folding):
    """`name__fold__holds="etienne"` matches `Saint-Étienne`."""

    lookup_name = "fold"
    form = CASE_AND_ACCENTS
    function = CASE_AND_ACCENTS.function


type Served = Mapping[Folding | None, tuple[type[TextIndex], ...]]

_LITERALLY = r"REPLACE(REPLACE(REPLACE({pattern}, '\', '\\'), '%%', '\%%'), '_', '\_')"
"""A pattern as LIKE takes it, every sign of it for itself."""


class _Position(Lookup):
    """Where the pattern stands in the text, compared with what the lookup asks.

    Attributes:
        sqlite, postgresql: how it is asked.
        like: how PostgreSQL is asked the same of a folded text that has an index.
        also: how it is asked of the rows that such a condition leaves.
        estimated: whether PostgreSQL is to weigh how often the pattern comes.
        served: by the form of the text, the indexes that serve it; without a form, they find more than it asks for.
        served_on_sqlite: the same, where PostgreSQL has an index of its own for it.
    """

    prepare_rhs = True
    estimated = True
    sqlite = postgresql = like = also = ""
    served: ClassVar[Served] = {}
    served_on_sqlite: ClassVar[Served] = {}

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Fragment:
        """Compile with SQLite's string functions, to be asked of those rows only that an index finds."""
        exact, of_exact = self._compile(self.sqlite, compiler, connection)
        column, index = self._column, self.index or self._index(self.served_on_sqlite)
        if index is None or column is None or not _is_stored(compiler, column.alias):
            return exact, of_exact
        key = Col(column.alias, column.target.model._meta.pk).as_sql(compiler, connection)[0]
        found = index.side_table(column.target.model, connection).candidates(key, str(self.lookup_name))
        pattern, of_pattern = Lookup(Value(""), self.rhs).process_rhs(compiler, connection)
        return f"({found.format(pattern=pattern)} AND {exact})", (*(found.count("{pattern}") * of_pattern), *of_exact)

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Fragment:
        """Compile with PostgreSQL's string functions, or as an index on the folded text serves it."""
        if self.index is None:
            return self._compile(self.postgresql, compiler, connection)
        if isinstance(self.lhs, _Folding):
            return self._compile(self.like, compiler, connection)
        # A text that holds a pattern holds it folded, too, as every letter is folded by itself.
        folded, of_folded = type(self)(FoldCase(self.lhs), self.rhs).as_postgresql(compiler, connection)
        exact, of_exact = self._compile(self.also, compiler, connection)
        return f"({folded} AND {exact})", (*of_folded, *of_exact)

    @property
    def index(self) -> TextIndex | None:
        """Return the index that serves it; None where there is none, or where every row has a pattern of its own."""
        return self._index(self.served)

    def _index(self, served: Served) -> TextIndex | None:
        column, form = self._column, self.lhs.form if isinstance(self.lhs, _Folding) else None
        if column is None or not (self.rhs_is_direct_value() or isinstance(self.rhs, Value)):
            return None
        return index_on(column.target, served.get(form, ()))

    @property
    def _column(self) -> Col | None:
        column = self.lhs.lhs if isinstance(self.lhs, _Folding) else self.lhs
        return column if isinstance(column, Col) else None

    def apply_bilateral_transforms(self, value: Expression) -> Expression:
        """Fold the pattern."""
        folded = super().apply_bilateral_transforms(value)
        index = self.index
        if isinstance(folded, _Folding) and index is not None:
            folded.known = self.estimated or not isinstance(index, FoldedIndex)
        return folded

    def _compile(self, template: str, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Fragment:
        text, text_params = self.process_lhs(compiler, connection)
        pattern, pattern_params = self.process_rhs(compiler, connection)
        uses = template.count("{pattern}")
        params = (*text_params, *(uses * tuple(pattern_params)))
        return template.format(text=text, pattern=pattern), params


def _is_stored(compiler: SQLCompiler, alias: str) -> bool:
    """Whether rows are those of a table, and not such as stand in a statement for it (`access.unsaved`)."""
    rows = compiler.query.alias_map.get(alias)
    return isinstance(rows, Join) or type(rows) is BaseTable


class Holds(_Position):
    """The text holds the pattern, letter for letter."""

    lookup_name = "holds"
    sqlite = "INSTR({text}, {pattern}) > 0"
    postgresql = also = "STRPOS({text}::text, {pattern}) > 0"
    like = f"{{text}} LIKE '%%' || {_LITERALLY} || '%%'"
    served = {CASE: (TrigramIndex,), CASE_AND_ACCENTS: (SearchIndex,), None: (TrigramIndex,)}


class Begins(_Position):
    """The text begins with the pattern, letter for letter."""

    lookup_name = "begins"
    sqlite = "INSTR({text}, {pattern}) = 1"
    postgresql = "STARTS_WITH({text}::text, {pattern})"
    like = f"{{text}} LIKE {_LITERALLY} || '%%'"
    served = {CASE: (FoldedIndex, TrigramIndex), CASE_AND_ACCENTS: (SearchIndex,)}
    served_on_sqlite = {None: (FoldedIndex, TrigramIndex)}


class Ends(_Position):
    """The text ends with the pattern, letter for letter."""

    lookup_name = "ends"
    sqlite = "SUBSTR({text}, -LENGTH({pattern}), LENGTH({pattern})) = {pattern}"
    postgresql = "RIGHT({text}::text, LENGTH({pattern})) = {pattern}"
    # The same, but the planner does not take it for another condition that one in two hundred rows meets.
    also = "STRPOS(RIGHT({text}::text, LENGTH({pattern})), {pattern}) > 0"
    like = f"{{text}} LIKE '%%' || {_LITERALLY}"
    served = {CASE: (TrigramIndex,), CASE_AND_ACCENTS: (SearchIndex,), None: (TrigramIndex,)}


class Same(_Position):
    """The text is the pattern, letter for letter."""

    lookup_name = "same"
    sqlite = postgresql = like = "{text} = {pattern}"
    # Those of one text are together in the index. Who walks along another, because they are many, may find them all at
    # its other end: cities of one name have numbers of inhabitants that are like one another. An index of trigrams does
    # not keep them together, and stands where one text has many rows.
    estimated = False
    served = {CASE: (FoldedIndex, TrigramIndex), CASE_AND_ACCENTS: (SearchIndex,)}


def _add_functions(connection: BaseDatabaseWrapper, **_: object) -> None:
    """Teach a new SQLite connection to fold; NULL stays NULL."""
    if connection.vendor != "sqlite":
        return
    for form in FOLDINGS:
        nullable = lambda text, form=form: None if text is None else form.python(str(text))  # noqa: E731
        connection.connection.create_function(form.function, 1, nullable, deterministic=True)


def install() -> None:
    """Register the lookups on every text field and the functions on every SQLite connection."""
    for field in (models.CharField, models.TextField):
        for lookup in (FoldCase, Fold, Holds, Begins, Ends, Same):
            field.register_lookup(lookup)
    connection_created.connect(_add_functions, dispatch_uid="headwater.text")
