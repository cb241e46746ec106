"""Writes a row by one statement, from the values that were validated: what else a save would do is nothing.

May refuse: values for which Django does more at a save than to fill columns.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from inspect import unwrap
from types import SimpleNamespace
from typing import Any, NamedTuple

from django.db import DatabaseError, connections, router
from django.db.models import Model, QuerySet
from rest_framework import serializers

from resources.core.resource import RevisionField
from serializers.core.write.bulk_insert import is_heard, is_saved_plainly, is_set_plainly, writes_elsewhere
from serializers.core.write.bulk_sql import Unloadable, is_plain, is_stamp, is_watched, key_of, prepared_value, table_of
from serializers.core.write.model_rules import model_of

UPDATING = ("update", "_update", "filter", "using", "_clone")
"""The methods of a queryset by which Django saves a stored row."""


def changeable(serializer: Any) -> bool:
    """Whether saving a changed row does nothing but update its columns; see `insertable`."""
    return only_updates(serializer) and not is_heard(serializer.Meta.model)


def only_updates(serializer: Any) -> bool:
    """Whether saving a changed row does nothing else, as long as nobody listens to the model's signals."""
    kind, model = type(serializer), model_of(serializer)
    if model is None or not isinstance(serializer, serializers.ModelSerializer):
        return False
    plain = kind.update is serializers.ModelSerializer.update and kind.save is serializers.BaseSerializer.save
    nested = any(writes_elsewhere(field) for field in serializer.fields.values())
    return plain and not nested and _is_plain_model(model)


def _is_plain_model(model: type[Model]) -> bool:
    kind = type(model._base_manager.get_queryset())
    updated = all(unwrap(getattr(kind, name)) is unwrap(getattr(QuerySet, name)) for name in UPDATING)
    return updated and is_set_plainly(model) and is_saved_plainly(model) and not model._meta.parents


def insert(model: type[Model], values: Mapping[str, Any]) -> Any:
    """Insert a row, and return its key.

    Args:
        model: whose row.
        values: what was validated, by the names of the columns.

    Raises:
        Unloadable: nothing is inserted.
        IntegrityError: the database would not have it.
    """
    alias = router.db_for_write(model)
    connection, table = connections[alias], table_of(model, frozenset(values), alias)
    if table is None or is_watched(model):
        raise Unloadable
    params, key = [], None
    for column in table.columns:
        value = column.pre_save(SimpleNamespace(), add=True) if is_stamp(column) else _sent(column, values)
        value = key_of(column, value)
        params.append(prepared_value(column, value, connection))
        key = value if column.primary_key else key
    with connection.cursor() as cursor:
        cursor.execute(f"{table.into} VALUES ({', '.join(['%s'] * len(params))})", params)
    return key


def _sent(column: Any, values: Mapping[str, Any]) -> Any:
    return values[column.name] if column.name in values else column.get_default()


class Statement(NamedTuple):
    """Changes some columns of one row.

    Attributes:
        sql: with a place for the value of each column, and one for the key.
        given: the columns that were sent.
        stamps: those that hold when a row was saved.
    """

    sql: str
    given: tuple[Any, ...]
    stamps: tuple[Any, ...]


def change(row: Model, values: Mapping[str, Any]) -> None:
    """Change a stored row, and leave the object as it is.

    Args:
        row: as it is stored.
        values: what was validated, by the names of the columns.

    Raises:
        Unloadable: nothing is changed.
        IntegrityError: the database would not have it so.
        DatabaseError: the row is gone.
    """
    if not values:  # which still counts as a save
        raise Unloadable
    model, alias = type(row), str(router.db_for_write(type(row), instance=row))
    connection, statement = connections[alias], _statement(model, frozenset(values), alias)
    if statement is None:
        raise Unloadable
    saved = {column.name: column.pre_save(SimpleNamespace(), add=False) for column in statement.stamps}
    columns = (*statement.given, *statement.stamps)
    params = [prepared_value(column, {**values, **saved}[column.name], connection) for column in columns]
    key = model._meta.pk.get_db_prep_value(row.pk, connection)
    with connection.cursor() as cursor:
        cursor.execute(statement.sql, [*params, key])
        if cursor.rowcount == 0:
            raise DatabaseError(f"The row of {model.__name__} that was to be changed is gone.")


@lru_cache(maxsize=1024)  # since who sends bodies chooses which columns they name
def _statement(model: Any, given: frozenset[str], alias: str) -> Statement | None:
    connection = connections[alias]
    columns: list[Any] = [each for each in model._meta.concrete_fields if not each.primary_key and not each.generated]
    stamps = tuple(each for each in columns if getattr(each, "auto_now", False))
    counted = [each for each in columns if isinstance(each, RevisionField)]
    sent = tuple(each for each in columns if each.name in given and each not in (*stamps, *counted))
    if len(sent) < len(given) or not all(is_plain(each, connection) for each in columns):
        return None
    quote: Any = connection.ops.quote_name
    changes = [f"{quote(each.column)} = %s" for each in (*sent, *stamps)]
    changes += [f"{quote(each.column)} = {quote(each.column)} + 1" for each in counted]
    where = f"{quote(model._meta.db_table)} SET {', '.join(changes)} WHERE {quote(model._meta.pk.column)} = %s"
    return Statement(f"UPDATE {where}", sent, stamps)
