"""Text matching that answers alike on every database: folded case, folded accents, literal patterns.

Django's own `icontains` folds ASCII only on SQLite, and its `contains` ignores case there. These
lookups take the pattern as one plain parameter, never as a LIKE pattern, so nothing needs escaping.
"""

import unicodedata

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.db.models import Lookup, Transform
from django.db.models.expressions import Col
from django.db.models.sql.compiler import SQLCompiler

from resources.core.database.sql import Fragment

_COMBINING = "\u0300-\u036f"
_DROP_COMBINING = dict.fromkeys(range(0x300, 0x370))

# PostgreSQL's `pg_unicode_fast` (18) folds case as Unicode says, whatever the database's own locale.
_CASEFOLD = 'CASEFOLD({} COLLATE "pg_unicode_fast")'
_UNACCENT = "REGEXP_REPLACE(NORMALIZE({}, NFKD), '[" + _COMBINING + "]', '', 'g')"

_TEXT = "(%(expressions)s)::text"
"""Of what a column declared as text holds otherwise (an enum, money, an array) the text is looked at."""


def fold_case(text: str) -> str:
    """Fold the case of a text (Unicode, section 3.13, default case folding)."""
    return text.casefold()


def fold(text: str) -> str:
    """Fold the case and drop the accents of a text: `Saint-Étienne` and `SAINT-ETIENNE` meet."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKD", text).translate(_DROP_COMBINING).casefold()


class _Folding(Transform):
    """A text brought to a folded form, and with it what it is compared with.

    The database folds both sides: its Unicode tables may be newer than Python's, and letters that only one of the
    two knows would never meet. Folding twice is folding once, so a value may come folded already.
    """

    output_field = models.TextField()
    bilateral = True
    template_postgresql = ""

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Fragment:
        """Fold with the database's own Unicode tables; a plain value once for the statement, not once for each row."""
        of_a_column = any(isinstance(part, Col) for part in self.flatten())
        template = self.template_postgresql if of_a_column else f"(SELECT {self.template_postgresql})"
        return self.as_sql(compiler, connection, template=template)


class FoldCase(_Folding):
    """`name__fold_case__holds="saint"` matches `SAINT`."""

    lookup_name = "fold_case"
    function = "hw_fold_case"
    template_postgresql = _CASEFOLD.format(_TEXT)


class Fold(_Folding):
    """`name__fold__holds="etienne"` matches `Saint-Étienne`."""

    lookup_name = "fold"
    function = "hw_fold"
    template_postgresql = _CASEFOLD.format(_UNACCENT.format(_TEXT))


class _Position(Lookup):
    """Where the pattern stands in the text, compared with what the lookup asks."""

    prepare_rhs = True
    sqlite = postgresql = ""

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Fragment:
        """Compile with SQLite's string functions."""
        return self._compile(self.sqlite, compiler, connection)

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Fragment:
        """Compile with PostgreSQL's string functions."""
        return self._compile(self.postgresql, compiler, connection)

    def _compile(self, template: str, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Fragment:
        text, text_params = self.process_lhs(compiler, connection)
        pattern, pattern_params = self.process_rhs(compiler, connection)
        uses = template.count("{pattern}")
        params = (*text_params, *(uses * tuple(pattern_params)))
        return template.format(text=text, pattern=pattern), params


class Holds(_Position):
    """The text holds the pattern, letter for letter."""

    lookup_name = "holds"
    sqlite = "INSTR({text}, {pattern}) > 0"
    postgresql = "STRPOS({text}::text, {pattern}) > 0"


class Begins(_Position):
    """The text begins with the pattern, letter for letter."""

    lookup_name = "begins"
    sqlite = "INSTR({text}, {pattern}) = 1"
    postgresql = "STARTS_WITH({text}::text, {pattern})"


class Ends(_Position):
    """The text ends with the pattern, letter for letter."""

    lookup_name = "ends"
    sqlite = "SUBSTR({text}, -LENGTH({pattern}), LENGTH({pattern})) = {pattern}"
    postgresql = "RIGHT({text}::text, LENGTH({pattern})) = {pattern}"


def _add_functions(connection: BaseDatabaseWrapper, **_: object) -> None:
    """Teach a new SQLite connection to fold; NULL stays NULL."""
    if connection.vendor != "sqlite":
        return
    for name, function in (("hw_fold_case", fold_case), ("hw_fold", fold)):
        nullable = lambda text, function=function: None if text is None else function(str(text))  # noqa: E731
        connection.connection.create_function(name, 1, nullable, deterministic=True)


def install() -> None:
    """Register the lookups on every text field and the functions on every SQLite connection."""
    for field in (models.CharField, models.TextField):
        for lookup in (FoldCase, Fold, Holds, Begins, Ends):
            field.register_lookup(lookup)
    connection_created.connect(_add_functions, dispatch_uid="headwater.text")
