"""Writes a row by one statement, from the values that were validated: what else a save would do is nothing.

May refuse: values for which Django does more at a save than to fill columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from inspect import unwrap
from typing import NamedTuple

from django.db import DatabaseError, connections, router
from django.db.models import Model, QuerySet

from resources.core.database.columns import Column
from resources.core.database.drivers import DriverRow, Returning, fetch
from resources.core.database.drivers import change as change_rows
from resources.core.database.sql import Parameter
from resources.core.journal.postgresql_triggers import NAMES
from resources.core.keys import Key
from resources.core.resource import RevisionField
from resources.core.triggers import TriggerConstraint
from serializers.core.write.bulk_insert import is_heard, is_saved_plainly, is_set_plainly, leaves_to_drf
from serializers.core.write.bulk_sql import (
    KEYS,
    NotLoadable,
    is_plain,
    is_watched,
    parameters_of,
    ready_types,
    stamp_of,
    table_of,
)
from serializers.core.write.model_rules import model_of
from serializers.core.write.single_lookup import is_whole
from serializers.core.write.values import Values, Writer

IS_PLAIN = "SELECT relkind = 'r' AND NOT relrowsecurity AND NOT relhasrules FROM pg_class WHERE oid = %s::regclass"
"""Whether what a statement gives back of the rows of a table is all that it writes."""
IS_UNTOUCHED = (
    "NOT EXISTS (SELECT 1 FROM pg_trigger WHERE tgrelid = {table}::regclass AND NOT tgisinternal "
    "AND tgname NOT IN ({rules}))"
)
"""Whether no trigger changes a row: those that are known refuse some, note them, or count what was not counted."""
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


def insert(model: type[Model], values: Values, returning: Returning | None = None) -> tuple[Key, DriverRow | None]:
    """Insert a row, and return its key, and what the statement was asked for, if it can tell.

    Args:
        model: whose row.
        values: what was validated, by the names of the columns.
        returning: what is asked for.

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
    stamps = {column.name: stamp_of(column, add=True) for column in table.stamps}
    params = parameters_of(table.columns, table.ready, {**values, **stamps, pk.name: key}, connection)
    written = _run(model, f"{table.into} VALUES ({', '.join(['%s'] * len(params))})", params, alias, returning)
    return key, written[0] if written else None


class Statement(NamedTuple):
    """Changes some columns of one row.

    Attributes:
        sql: with a place for the value of each column, and one for the key.
        columns: those that get values: what was sent, and stamps.
        ready: the types of the values that each takes as they are.
        stamps: the columns that hold when a row was saved.
    """

    sql: str
    columns: tuple[Column, ...]
    ready: tuple[frozenset[type], ...]
    stamps: tuple[Column, ...]


def change(row: Model, values: Values, returning: Returning | None = None) -> DriverRow | None:
    """Change a stored row, leave the object as it is, and return what the statement was asked for, if it can tell.

    Args:
        row: as it is stored.
        values: what was validated, by the names of the columns.
        returning: what is asked for.

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
    params = parameters_of(statement.columns, statement.ready, {**values, **saved}, connection)
    key = model._meta.pk.get_db_prep_value(row.pk, connection)
    changed = _run(model, statement.sql, [*params, key], alias, returning)
    if not changed:
        raise DatabaseError(f"The row of {model.__name__} that was to be changed is gone.")
    return changed[0]


def _run(
    model: type[Model], sql: str, params: Sequence[Parameter], alias: str, returning: Returning | None
) -> Sequence[DriverRow | None]:
    """Run a statement that writes rows, and return for each what was asked for; None where the statement cannot tell.

    What a trigger makes of a row is seen by the next statement only: whether there is one is asked by the same.
    """
    connection = connections[alias]
    untouched_sql = None if returning is None or returning.database != alias else _untouched_sql(model, alias)
    if returning is None or untouched_sql is None:
        return [None] * change_rows(connection, sql, params)
    rows = fetch(connection, f"{sql} RETURNING {returning.sql}, {untouched_sql}", [*params, *returning.params])
    return [tuple(row) if untouched else None for *row, untouched in rows]


@lru_cache(maxsize=1024)
def _untouched_sql(model: type[Model], alias: str) -> str | None:
    """Return an expression of whether a row stays as PostgreSQL writes it; None where it is to be read again."""
    connection = connections[alias]
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(IS_PLAIN, [table])
        found = cursor.fetchone()
    if found is None or not found[0]:
        return None
    rules = [str(rule.name) for rule in model._meta.constraints if isinstance(rule, TriggerConstraint)]
    return IS_UNTOUCHED.format(table=_literal(table), rules=", ".join(map(_literal, [*rules, *NAMES])))


def _literal(text: str) -> str:
    escaped = text.replace("'", "''").replace("%", "%%")
    return f"'{escaped}'"


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
    changed = (*given_columns, *stamps)
    return Statement(f"UPDATE {where}", changed, tuple(map(ready_types, changed)), stamps)
