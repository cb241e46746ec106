"""Inserts many rows by one statement, from their values column by column: no object is made of a row.

May refuse: models and values for which Django does more at a save than to fill columns.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from inspect import getattr_static
from types import SimpleNamespace
from typing import Any, NamedTuple

from django.db import connections, models, router
from django.db.models import Field, Model
from django.db.models.fields import AutoFieldMixin
from django.db.models.fields.related_descriptors import ForeignKeyDeferredAttribute
from django.db.models.query_utils import DeferredAttribute
from django.db.models.signals import post_init, pre_init

from resources.core.resource import RevisionField

type Row = Mapping[str, Any]
type Insert = Callable[[Any, str, Sequence[Any], Sequence[str]], None]

STAMPS = (models.DateField, models.DateTimeField, models.TimeField, RevisionField)
FILLED = frozenset(kind.pre_save for kind in (Field, *STAMPS))
"""How a column is filled that holds what it is given, or a stamp of the save."""
HELD = (DeferredAttribute, ForeignKeyDeferredAttribute)
"""How a row holds the value of a column that does nothing with it."""


class Unloadable(Exception):
    """Rows that Django had better save."""


def load(model: type[Model], rows: Sequence[Row]) -> list[Any]:
    """Insert rows, and return their keys.

    Args:
        model: whose rows.
        rows: their values, by the names of the columns.

    Raises:
        Unloadable: nothing is inserted.
        IntegrityError: the database would not have them.
    """
    alias, given = router.db_for_write(model), frozenset(name for row in rows for name in row)
    connection, table = connections[alias], table_of(model, given, alias)
    if table is None or is_watched(model):
        raise Unloadable
    values = [_values(column, rows, given) for column in table.columns]
    prepared = [_prepared(column, each, connection) for column, each in zip(table.columns, values, strict=True)]
    with connection.cursor() as cursor:
        table.insert(cursor, table.into, prepared, table.types)
    return values[table.columns.index(model._meta.pk)]


class Table(NamedTuple):
    """What rows are inserted into.

    Attributes:
        columns: those to fill: all but those that the database makes.
        into: the beginning of the statement.
        types: of the columns.
        insert: runs it.
    """

    columns: tuple[Any, ...]
    into: str
    types: tuple[str, ...]
    insert: Insert


@lru_cache(maxsize=1024)  # since who sends bodies chooses which columns they name
def table_of(model: Any, given: frozenset[str], alias: str) -> Table | None:
    """Return what rows with values for some columns are inserted into; None where Django does more than that."""
    connection, quote = connections[alias], connections[alias].ops.quote_name
    columns = [column for column in model._meta.concrete_fields if column.name in given or not _is_made(column)]
    insert, names = INSERTS.get(connection.vendor), {column.name for column in columns}
    plain = given | {model._meta.pk.name} <= names and all(is_plain(column, connection) for column in columns)
    if insert is None or not plain:
        return None
    into = f"INSERT INTO {quote(model._meta.db_table)} ({', '.join(quote(column.column) for column in columns)})"
    types = tuple(str(column.db_type(connection)).partition("(")[0] for column in columns)
    return Table(tuple(columns), into, types, insert)


def is_watched(model: type[Model]) -> bool:
    """Whether somebody could tell that no object was made of a row."""
    return model.__init__ is not Model.__init__ or any(signal.has_listeners(model) for signal in (pre_init, post_init))


def _is_made(column: Any) -> bool:
    """Whether the database gives a column its value, where none is sent."""
    return bool(column.generated or column.has_db_default())


def is_plain(column: Any, connection: Any) -> bool:
    """Whether a column takes what it is given, or a stamp of the save, as any column does."""
    plain = (
        type(column).pre_save in FILLED
        and type(getattr_static(column.model, column.attname, None)) in HELD
        and not isinstance(column, AutoFieldMixin)
    )
    own = hasattr(column, "get_placeholder_sql") or column.generated
    held = column.target_field if column.is_relation else column
    return plain and not own and held.get_internal_type() in connection.data_types


def is_stamp(column: Any) -> bool:
    """Whether a column holds when a row was saved, or how often."""
    return (
        isinstance(column, RevisionField)
        or getattr(column, "auto_now", False)
        or getattr(column, "auto_now_add", False)
    )


def _values(column: Any, rows: Sequence[Row], given: frozenset[str]) -> list[Any]:
    """Return what a column will hold: what was sent, or a stamp, or its default."""
    name, default = column.name, column.get_default
    if is_stamp(column):
        return [column.pre_save(SimpleNamespace(), add=True)] * len(rows)  # which takes long to make of a model
    if name not in given and not callable(column.default):
        return [default()] * len(rows)
    values = [row[name] if name in row else default() for row in rows]
    return [key_of(column, value) for value in values]


def key_of(column: Any, value: Any) -> Any:
    """Return what a column holds of a value: of a row, the key by which the column refers to it.

    Raises:
        Unloadable: the row is not stored, or of another model.
    """
    if not (column.is_relation and isinstance(value, Model)):
        return value
    if not isinstance(value, column.remote_field.model._meta.concrete_model) or value.pk is None:
        raise Unloadable
    return getattr(value, column.target_field.attname)


def _prepared(column: Any, values: list[Any], connection: Any) -> list[Any]:
    """Bring values to the database's form; the same object, such as a default, but once."""
    different = {id(value): value for value in values}
    if any(hasattr(value, "resolve_expression") for value in different.values()):
        raise Unloadable
    prepared = {key: column.get_db_prep_save(value, connection) for key, value in different.items()}
    return [prepared[id(value)] for value in values]


def prepared_value(column: Any, value: Any, connection: Any) -> Any:
    """Bring a value of a plain column to the database's form.

    Raises:
        Unloadable: it is an expression, or a row that is not stored.
    """
    value = key_of(column, value)
    if hasattr(value, "resolve_expression"):
        raise Unloadable
    return column.get_db_prep_save(value, connection)


def _on_sqlite(cursor: Any, into: str, columns: Sequence[Any], _: Sequence[str]) -> None:
    """Run a short statement for each row: SQLite takes longer to read one of many rows, and to be able to undo it."""
    places = ", ".join(["%s"] * len(columns))
    cursor.executemany(f"{into} VALUES ({places})", list(zip(*columns, strict=True)))


def _on_postgresql(cursor: Any, into: str, columns: Sequence[Any], types: Sequence[str]) -> None:
    arrays = ", ".join(f"%s::{kind}[]" for kind in types)
    cursor.execute(f"{into} SELECT * FROM UNNEST({arrays})", columns)  # noqa: S608 - names of columns and types


INSERTS: Mapping[str, Insert] = {"sqlite": _on_sqlite, "postgresql": _on_postgresql}
"""How the databases take many rows most quickly."""
