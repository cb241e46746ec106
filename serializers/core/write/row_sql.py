"""Writes a row by one statement, from the values that were validated: what else a save would do is nothing.

May refuse: values for which Django does more at a save than to fill columns.
"""

from __future__ import annotations

from functools import lru_cache
from inspect import unwrap
from typing import NamedTuple

from django.db import DatabaseError, connections, router
from django.db.models import Model, QuerySet

from resources.core.database.columns import Column
from resources.core.keys import Key
from resources.core.resource import RevisionField
from serializers.core.write.bulk_insert import is_heard, is_saved_plainly, is_set_plainly, leaves_to_drf
from serializers.core.write.bulk_sql import (
    KEYS,
    NotLoadable,
    is_plain,
    is_stamp,
    is_watched,
    parameter_of,
    stamp_of,
    table_of,
)
from serializers.core.write.model_rules import model_of
from serializers.core.write.single_lookup import is_whole
from serializers.core.write.values import Values, Writer

UPDATING = ("update", "_update", "filter", "using", "_clone")
"""The methods of a queryset by which Django saves a stored row."""


def changeable(serializer: Writer) -> bool:
    """Whether saving a changed row does nothing but update its columns; see `insertable`."""
    model = model_of(serializer)
    return model is not None and only_updates(serializer) and not is_heard(model)


def only_updates(serializer: Writer) -> bool:
    """Whether saving a changed row does nothing else, as long as nobody listens to the model's signals."""
    model = model_of(serializer)
    return model is not None and leaves_to_drf(serializer, "update") and _is_plain_model(model)


def _is_plain_model(model: type[Model]) -> bool:
    rows = model._base_manager.get_queryset()
    plain = all(unwrap(getattr(type(rows), name)) is unwrap(getattr(QuerySet, name)) for name in UPDATING)
    updated = plain and is_whole(rows)  # Django saves no row that its base manager does not see
    return updated and is_set_plainly(model) and is_saved_plainly(model) and not model._meta.parents


def insert(model: type[Model], values: Values) -> Key:
    """Insert a row, and return its key.

    Args:
        model: whose row.
        values: what was validated, by the names of the columns.

    Raises:
        NotLoadable: nothing is inserted.
        IntegrityError: the database would not have it.
    """
    alias = router.db_for_write(model)
    connection, table = connections[alias], table_of(model, frozenset(values), alias)
    if table is None or is_watched(model):
        raise NotLoadable
    pk = model._meta.pk
    key = values[pk.name] if pk.name in values else pk.get_default()
    if not isinstance(key, KEYS):
        raise NotLoadable
    stamps = {column.name: stamp_of(column, add=True) for column in table.columns if is_stamp(column)}
    values = {**values, **stamps, pk.name: key}
    params = [parameter_of(column, values, connection) for column in table.columns]
    with connection.cursor() as cursor:
        cursor.execute(f"{table.into} VALUES ({', '.join(['%s'] * len(params))})", params)
    return key


class Statement(NamedTuple):
    """Changes some columns of one row.

    Attributes:
        sql: with a place for the value of each column, and one for the key.
        given: the columns that were sent.
        stamps: those that hold when a row was saved.
    """

    sql: str
    given: tuple[Column, ...]
    stamps: tuple[Column, ...]


def change(row: Model, values: Values) -> None:
    """Change a stored row, and leave the object as it is.

    Args:
        row: as it is stored.
        values: what was validated, by the names of the columns.

    Raises:
        NotLoadable: nothing is changed.
        IntegrityError: the database would not have it so.
        DatabaseError: the row is gone.
    """
    if not values:  # which still counts as a save
        raise NotLoadable
    model, alias = type(row), str(router.db_for_write(type(row), instance=row))
    connection, statement = connections[alias], _statement(model, frozenset(values), alias)
    if statement is None:
        raise NotLoadable
    saved = {column.name: stamp_of(column, add=False) for column in statement.stamps}
    columns = (*statement.given, *statement.stamps)
    values = {**values, **saved}
    params = [parameter_of(column, values, connection) for column in columns]
    key = model._meta.pk.get_db_prep_value(row.pk, connection)
    with connection.cursor() as cursor:
        cursor.execute(statement.sql, [*params, key])
        if cursor.rowcount == 0:
            raise DatabaseError(f"The row of {model.__name__} that was to be changed is gone.")


@lru_cache(maxsize=1024)  # since who sends bodies chooses which columns they name
def _statement(model: type[Model], given: frozenset[str], alias: str) -> Statement | None:
    connection = connections[alias]
    columns = [each for each in model._meta.concrete_fields if not each.primary_key and not each.generated]
    stamps = tuple(each for each in columns if getattr(each, "auto_now", False))
    counted = [each for each in columns if isinstance(each, RevisionField)]
    given_columns = tuple(each for each in columns if each.name in given and each not in (*stamps, *counted))
    if len(given_columns) < len(given) or not all(is_plain(each, connection) for each in columns):
        return None
    quote = connection.ops.quote_name
    changes = [f"{quote(str(each.column))} = %s" for each in (*given_columns, *stamps)]
    changes += [f"{quote(str(each.column))} = {quote(str(each.column))} + 1" for each in counted]
    where = f"{quote(model._meta.db_table)} SET {', '.join(changes)} WHERE {quote(str(model._meta.pk.column))} = %s"
    return Statement(f"UPDATE {where}", given_columns, stamps)
