"""Inserts many rows by one statement, from their values column by column: no object is made of a row.

May refuse: models and values for which Django does more at a save than to fill columns.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import date, time
from functools import lru_cache
from inspect import getattr_static
from types import SimpleNamespace
from typing import NamedTuple, Never, TypeGuard

from django.db import connections, models, router
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.db.models import Field, ForeignKey, ForeignObject, Model
from django.db.models.fields import AutoFieldMixin
from django.db.models.fields.related_descriptors import ForeignKeyDeferredAttribute
from django.db.models.query_utils import DeferredAttribute
from django.db.models.signals import post_init, pre_init

from resources.core.database.columns import Column, entry_for
from resources.core.database.sql import Parameter
from resources.core.keys import Key
from resources.core.resource import RevisionField
from serializers.core.write.values import Values

type ForeignColumn = ForeignObject[Never, object]
type Insert = Callable[[CursorWrapper, str, Sequence[list[Parameter]], Sequence[str]], None]
"""Runs a statement that begins so with values column by column, and the types of the columns."""

STAMPS = (models.DateField, models.DateTimeField, models.TimeField, RevisionField)
FILLS = frozenset(kind.pre_save for kind in (Field, *STAMPS))
"""How a column is filled that holds what it is given, or a stamp of the save."""
DESCRIPTORS = (DeferredAttribute, ForeignKeyDeferredAttribute)
"""How a row holds the value of a column that does nothing with it."""
KEYS = (uuid.UUID, str, int)
READY: Mapping[type[Column], type] = {
    models.BooleanField: bool,
    models.CharField: str,
    models.FloatField: float,
    models.TextField: str,
}
"""The columns whose values, of these types, every database takes as they are."""


class NotLoadable(Exception):
    """Rows that Django had better save."""


def load(model: type[Model], rows: Sequence[Values]) -> list[Key]:
    """Insert rows, and return their keys.

    Args:
        model: whose rows.
        rows: their values, by the names of the columns.

    Raises:
        NotLoadable: nothing is inserted.
        IntegrityError: the database would not have them.
    """
    alias, given = router.db_for_write(model), frozenset(name for row in rows for name in row)
    connection, table = connections[alias], table_of(model, given, alias)
    if table is None or is_watched(model):
        raise NotLoadable
    values = {column: _values(column, rows, given) for column in table.columns}
    keys = [key for key in values[model._meta.pk] if isinstance(key, KEYS)]
    if len(keys) < len(rows):
        raise NotLoadable
    parameters = [
        _prepared(column, each, ready, connection)
        for (column, each), ready in zip(values.items(), table.ready, strict=True)
    ]
    with connection.cursor() as cursor:
        table.insert(cursor, table.into, parameters, table.types)
    return keys


class Table(NamedTuple):
    """What rows are inserted into.

    Attributes:
        columns: those to fill: all but those that the database makes.
        ready: the types of the values that each takes as they are.
        stamps: the columns that hold when a row was saved, or how often.
        into: the beginning of the statement.
        types: of the columns.
        insert: runs it.
    """

    columns: tuple[Column, ...]
    ready: tuple[frozenset[type], ...]
    stamps: tuple[Column, ...]
    into: str
    types: tuple[str, ...]
    insert: Insert


@lru_cache(maxsize=1024)  # since who sends bodies chooses which columns they name
def table_of(model: type[Model], given: frozenset[str], alias: str) -> Table | None:
    """Return what rows with values for some columns are inserted into; None where Django does more than that."""
    connection, quote = connections[alias], connections[alias].ops.quote_name
    columns = [column for column in model._meta.concrete_fields if column.name in given or not _is_made(column)]
    insert, names = INSERTS.get(connection.vendor), {column.name for column in columns}
    plain = given | {model._meta.pk.name} <= names and all(is_plain(column, connection) for column in columns)
    if insert is None or not plain:
        return None
    into = f"INSERT INTO {quote(model._meta.db_table)} ({', '.join(quote(str(column.column)) for column in columns)})"
    types = tuple(str(column.db_type(connection)).partition("(")[0] for column in columns)
    ready = tuple(map(ready_types, columns))
    return Table(tuple(columns), ready, tuple(filter(is_stamp, columns)), into, types, insert)


def is_watched(model: type[Model]) -> bool:
    """Whether somebody could tell that no object was made of a row."""
    return model.__init__ is not Model.__init__ or any(signal.has_listeners(model) for signal in (pre_init, post_init))


def _is_made(column: Column) -> bool:
    """Whether the database gives a column its value, where none is sent."""
    return bool(column.generated or column.has_db_default())


def is_plain(column: Column, connection: BaseDatabaseWrapper) -> bool:
    """Whether a column takes what it is given, or a stamp of the save, as any column does."""
    plain = (
        type(column).pre_save in FILLS
        and type(getattr_static(column.model, column.attname, None)) in DESCRIPTORS
        and not isinstance(column, AutoFieldMixin)
    )
    custom = hasattr(column, "get_placeholder_sql") or column.generated
    stored = column.target_field if isinstance(column, ForeignObject) else column
    return plain and not custom and stored.get_internal_type() in connection.data_types


def is_stamp(column: Column) -> bool:
    """Whether a column holds when a row was saved, or how often."""
    return (
        isinstance(column, RevisionField)
        or getattr(column, "auto_now", False)
        or getattr(column, "auto_now_add", False)
    )


def stamp_of(column: Column, *, add: bool) -> date | time | int:
    """Return what a stamp is now; no model is made for it, which would take long.

    Args:
        column: that holds it.
        add: whether its row is new.
    """
    fill: Callable[[SimpleNamespace, bool], date | time | int] = getattr(column, "pre_save")  # noqa: B009 - to the stubs it needs a model
    return fill(SimpleNamespace(), add)


def _values(column: Column, rows: Sequence[Values], given: frozenset[str]) -> list[object]:
    """Return what a column will hold: what was sent, or a stamp, or its default."""
    name, default = column.name, column.get_default
    if is_stamp(column):
        return [stamp_of(column, add=True)] * len(rows)
    if name not in given and not callable(column.default):
        return [default()] * len(rows)
    values = [row[name] if name in row else default() for row in rows]
    if isinstance(column, ForeignObject):
        return [_key(column, value) if isinstance(value, Model) else value for value in values]
    return values


def _key(column: ForeignColumn, row: Model) -> Key:
    if not isinstance(row, column.related_model._meta.concrete_model or ()) or row.pk is None:
        raise NotLoadable
    key: Key = getattr(row, column.target_field.attname)
    return key


def ready_types(column: Column) -> frozenset[type]:
    """Return the types of the values that a column takes as they are."""
    stock = not isinstance(column, ForeignObject) or type(column).get_db_prep_save is ForeignKey.get_db_prep_save
    known = entry_for(READY, column) if stock else None
    return frozenset() if known is None else frozenset((known, type(None)))


def are_ready(values: list[object], types: frozenset[type]) -> TypeGuard[list[Parameter]]:
    """Whether values are of the types that a column takes as they are."""
    return types.issuperset(map(type, values))


def _prepared(
    column: Column, values: list[object], ready: frozenset[type], connection: BaseDatabaseWrapper
) -> list[Parameter]:
    """Bring values to the database's form; the same object, such as a default, but once."""
    if are_ready(values, ready):
        return values
    different = {id(value): value for value in values}
    if any(hasattr(value, "resolve_expression") for value in different.values()):
        raise NotLoadable
    prepared = {key: column.get_db_prep_save(value, connection) for key, value in different.items()}
    return [prepared[id(value)] for value in values]


def parameters_of(
    columns: Sequence[Column], ready: Sequence[frozenset[type]], values: Values, connection: BaseDatabaseWrapper
) -> list[Parameter]:
    """Return the values of plain columns, or their defaults, in the database's form.

    Raises:
        NotLoadable: one is an expression, or a row that is not stored.
    """
    params: list[Parameter] = []
    for column, types in zip(columns, ready, strict=True):
        one = [values.get(column.name)]
        if one != [None] and are_ready(one, types):
            params += one
        else:
            params.append(_parameter_of(column, values, connection))
    return params


def _parameter_of(column: Column, values: Values, connection: BaseDatabaseWrapper) -> Parameter:
    """Return the value of a plain column, or its default, in the database's form.

    Raises:
        NotLoadable: it is an expression, or a row that is not stored.
    """
    value = values[column.name] if column.name in values else column.get_default()
    if isinstance(value, Model) and isinstance(column, ForeignObject):
        value = _key(column, value)
    if hasattr(value, "resolve_expression"):
        raise NotLoadable
    parameter: Parameter = column.get_db_prep_save(value, connection)
    return parameter


def _on_sqlite(cursor: CursorWrapper, into: str, columns: Sequence[list[Parameter]], _: Sequence[str]) -> None:
    """Run a short statement for each row: SQLite takes longer to read one of many rows, and to be able to undo it."""
    places = ", ".join(["%s"] * len(columns))
    cursor.executemany(f"{into} VALUES ({places})", list(zip(*columns, strict=True)))


def _on_postgresql(cursor: CursorWrapper, into: str, columns: Sequence[list[Parameter]], types: Sequence[str]) -> None:
    arrays = ", ".join(f"%s::{kind}[]" for kind in types)
    cursor.execute(f"{into} SELECT * FROM UNNEST({arrays})", columns)  # noqa: S608 - names of columns and types


INSERTS: Mapping[str, Insert] = {"sqlite": _on_sqlite, "postgresql": _on_postgresql}
"""How the databases take many rows most quickly."""
