"""Indexes for text that is looked for without its case: declared in `Meta.indexes`, written by `makemigrations`.

PostgreSQL's are on the expression that the lookups compare. SQLite's are a table beside the model's: no index of
SQLite's may use a function that only our connections know, or other programs could write no row any more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import lru_cache
from typing import ClassVar

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.ddl_references import Statement, Table
from django.db.migrations.operations import AddIndex, RemoveIndex
from django.db.migrations.state import ProjectState
from django.db.transaction import atomic

from resources.core.database.columns import Column
from resources.core.database.sqlite.side_tables import AND_THEN, Kind, SideTable, SideTableIndex
from resources.core.folding import CASE, CASE_AND_ACCENTS, Folding

_POSTGRESQL = "CREATE INDEX {concurrently}{name} ON %(table)s USING {method}"
# How often a pattern comes is estimated by the texts that ANALYZE has kept: of a hundred, one in a hundred is seen.
_STATISTICS = "ALTER INDEX {name} ALTER COLUMN 1 SET STATISTICS 1000"


class TextIndex(SideTableIndex):
    """An index on what a text is when it is folded.

    Args:
        field: the name of the column of text.
        name: of the index.
    """

    folding: ClassVar[Folding]
    kind: ClassVar[Kind]

    def __init__(self, field: str = "", *, name: str, fields: Sequence[str] = ()) -> None:
        super().__init__(fields=fields or (field,), name=name)
        if len(self.fields) != 1:
            raise ValueError(f"{name} is an index on one column of text, by its name")

    def create_sql(
        self, model: type[models.Model], schema_editor: BaseDatabaseSchemaEditor, using: str = "", **kwargs: bool
    ) -> Statement:
        """Return what creates it."""
        if schema_editor.connection.vendor == "sqlite":
            return self._on_sqlite(model, schema_editor, self.side_table(model, schema_editor.connection).create())
        return self._on_postgresql(model, schema_editor, **kwargs)

    def remove_sql(self, model: type[models.Model], schema_editor: BaseDatabaseSchemaEditor, **kwargs: bool) -> str:
        """Return what removes it."""
        if schema_editor.connection.vendor == "sqlite":
            return str(self._on_sqlite(model, schema_editor, self.side_table(model, schema_editor.connection).drop()))
        return super().remove_sql(model, schema_editor, **kwargs)

    def side_table(self, model: type[models.Model], connection: BaseDatabaseWrapper) -> SideTable:
        """Return the table that it is on SQLite."""
        key = model._meta.pk
        key_type = str(key.rel_db_type(connection))
        return SideTable(self.name, self.kind, self.folding, str(key.column), self._column(model), key_type)

    def _on_sqlite(
        self, model: type[models.Model], schema_editor: BaseDatabaseSchemaEditor, statements: Sequence[str]
    ) -> Statement:
        return Statement(AND_THEN.join(statements), table=Table(model._meta.db_table, schema_editor.quote_name))

    def _on_postgresql(
        self, model: type[models.Model], schema_editor: BaseDatabaseSchemaEditor, *, concurrently: bool = False
    ) -> Statement:
        quote = schema_editor.quote_name
        words = {"concurrently": "CONCURRENTLY " if concurrently else "", "name": quote(self.name)}
        text = self.folding.postgresql.format(f"({quote(self._column(model))})::text")
        text, key = text.replace("%", "%%"), quote(str(model._meta.pk.column))
        create = _POSTGRESQL.format(**words, method=self._method(schema_editor).format(text=text, key=key))
        statements = (create,) if concurrently else (create, _STATISTICS.format(**words))
        return Statement(";\n".join(statements), table=Table(model._meta.db_table, quote))

    def _method(self, schema_editor: BaseDatabaseSchemaEditor) -> str:
        raise NotImplementedError

    def _column(self, model: type[models.Model]) -> str:
        return next(str(field.column) for field in model._meta.concrete_fields if field.name == self.fields[0])


class FoldedIndex(TextIndex):
    """Serves `iexact` and `istartswith`; on SQLite `startswith`, for which PostgreSQL takes the column's own index."""

    folding = CASE
    kind = Kind.ORDERED

    def _method(self, schema_editor: BaseDatabaseSchemaEditor) -> str:
        return "btree (({text}), {key})"


class TrigramIndex(TextIndex):
    """Serves `icontains`, `contains`, `iendswith` and `endswith`, for three letters and more.

    Without a FoldedIndex it serves what that would as well, which is enough where a text has many rows.
    """

    folding = CASE
    kind = Kind.TRIGRAMS

    def _method(self, schema_editor: BaseDatabaseSchemaEditor) -> str:
        _have_trigrams(schema_editor)
        return "gin (({text}) gin_trgm_ops)"


class SearchIndex(TrigramIndex):
    """Serves `search`, which passes over accents, too."""

    folding = CASE_AND_ACCENTS


def _have_trigrams(schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Have PostgreSQL know trigrams, unless statements are only collected."""
    if schema_editor.collect_sql:
        return
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm'")
        if cursor.fetchone():
            return
        try:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        except DatabaseError as error:
            database = schema_editor.connection.settings_dict["NAME"]
            raise ImproperlyConfigured(
                f"Have somebody who may do so run CREATE EXTENSION pg_trgm in the database {database}, and migrate"
                f" again: an index for text needs it ({str(error).strip()})"
            ) from error


class AddIndexConcurrently(AddIndex):
    """Adds an index to a large table without keeping others from writing, on PostgreSQL; anywhere else, as usual.

    Its migration says `atomic = False`.
    """

    atomic = False

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Create the index."""
        _change(_add, self, self.index, schema_editor, to_state.apps.get_model(app_label, self.model_name))

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Drop it."""
        _change(_remove, self, self.index, schema_editor, from_state.apps.get_model(app_label, self.model_name))


class RemoveIndexConcurrently(RemoveIndex):
    """Removes an index of a large table without keeping others from it, on PostgreSQL; anywhere else, as usual.

    Its migration says `atomic = False`.
    """

    atomic = False

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Drop the index."""
        index = from_state.models[app_label, self.model_name_lower].get_index_by_name(self.name)
        _change(_remove, self, index, schema_editor, from_state.apps.get_model(app_label, self.model_name))

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Create it again."""
        index = to_state.models[app_label, self.model_name_lower].get_index_by_name(self.name)
        _change(_add, self, index, schema_editor, to_state.apps.get_model(app_label, self.model_name))


type _Step = Callable[[models.Index, BaseDatabaseSchemaEditor, type[models.Model]], None]


def _change(
    step: _Step,
    operation: AddIndex | RemoveIndex,
    index: models.Index,
    schema_editor: BaseDatabaseSchemaEditor,
    model: type[models.Model],
) -> None:
    """Take a step of an operation: on PostgreSQL outside of transactions, elsewhere all of it, or nothing."""
    connection = schema_editor.connection
    if not operation.allow_migrate_model(connection.alias, model):
        return
    with nullcontext() if connection.vendor == "postgresql" else atomic(connection.alias):
        step(index, schema_editor, model)


def _add(index: models.Index, schema_editor: BaseDatabaseSchemaEditor, model: type[models.Model]) -> None:
    if schema_editor.connection.vendor != "postgresql":
        return schema_editor.add_index(model, index)
    schema_editor.execute(index.create_sql(model, schema_editor, concurrently=True), params=None)
    if isinstance(index, TextIndex):  # which cannot stand in one statement with that
        schema_editor.execute(_STATISTICS.format(name=schema_editor.quote_name(index.name)))
    return None


def _remove(index: models.Index, schema_editor: BaseDatabaseSchemaEditor, model: type[models.Model]) -> None:
    if schema_editor.connection.vendor != "postgresql":
        return schema_editor.remove_index(model, index)
    return schema_editor.execute(index.remove_sql(model, schema_editor, concurrently=True), params=None)


def index_on(column: Column, kinds: Sequence[type[TextIndex]]) -> TextIndex | None:
    """Return the first index of some kinds that a column's model declares on it; None where there is none."""
    declared = {type(index): index for index in _indexes_on(column)}
    return next((declared[kind] for kind in kinds if kind in declared), None)


@lru_cache(maxsize=4096)
def _indexes_on(column: Column) -> tuple[TextIndex, ...]:
    model = getattr(column, "model", None)
    indexes = model._meta.indexes if model is not None else ()
    return tuple(each for each in indexes if isinstance(each, TextIndex) and each.fields == [column.name])
