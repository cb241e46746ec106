"""Looks up what one body refers to, and whether its unique values are taken, by queries that are built once.

A list of bodies is looked up together instead (`batch_lookup`). What is no plain look-up in a whole table is let be.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from django.db import connections, router
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Expression, Field, ForeignObject, Manager, Model, QuerySet
from rest_framework.validators import UniqueValidator

from resources.core.database.columns import Column, value_column
from resources.core.database.drivers import DriverRow, fetch
from resources.core.keys import Key
from serializers.core.json import Json
from serializers.core.kinds import Serializer
from serializers.core.write.batch_lookup import BatchCheck, Value, key_of, referred_by, rows_of
from serializers.core.write.model_rules import model_of
from serializers.core.write.uniqueness import Uniqueness, of, replace_rules

type Convert = Callable[[object, Expression, BaseDatabaseWrapper], object]
"""Reads a value of the database (`from_db_value`, and what the database adds to it)."""
EVERY_COLUMN: tuple[frozenset[str], bool] = (frozenset(), True)
"""What Django notes of a query that defers no column."""
FINDING = ("get", "first", "filter", "all", "exists", "iterator", "_clone", "_fetch_all", "_filter_or_exclude")
"""The methods of a queryset that decide what it finds."""


class Lookup:
    """Finds the row of a model that has a value in a unique column."""

    def __init__(
        self, model: type[Model], column: Column, lock: Lock | None = None, *, keys_only: bool = False
    ) -> None:
        """Take the model, its column, how the row is to be locked, if it is, and whether to read its key alone."""
        self.model, self.column, self.lock, self.keys_only = model, column, lock, keys_only
        self._compiled: WeakKeyDictionary[BaseDatabaseWrapper, Compiled] = WeakKeyDictionary()

    def find(self, key: Key, using: str | None = None) -> Model | None:
        """Return the row, or None.

        Args:
            key: as `key_of` the column gives it.
            using: the database, if it is not the one that rows of the model are read from.
        """
        connection = connections[using or router.db_for_read(self.model)]
        if not self._fits(connection, key):
            return None
        compiled = self._compiled.get(connection) or self._compile(connection, key)
        found = fetch(connection, compiled.sql, [self.column.get_db_prep_value(key, connection)])
        return compiled.row(self.model, found[0], connection) if found else None

    def _fits(self, connection: BaseDatabaseWrapper, key: Key) -> bool:
        """Whether a number is one that the column can hold; a database may refuse to compare it with any other."""
        if not isinstance(key, int):
            return True
        least, most = connection.ops.integer_field_range(value_column(self.column).get_internal_type())
        return (least is None or least <= key) and (most is None or key <= most)

    def _compile(self, connection: BaseDatabaseWrapper, key: Key) -> Compiled:
        rows: QuerySet[Model] = QuerySet(self.model).filter(**{self.column.name: key}).order_by()
        rows = rows.only("pk") if self.keys_only else rows
        query = (rows if self.lock is None else rows.select_for_update(**self.lock._asdict())).query
        compiler = query.get_compiler(connection=connection)
        sql, columns = compiler.as_sql()[0], [column for column, *_ in compiler.select]
        names = [column.target.attname for column in columns]
        converters = list(compiler.get_converters(columns).items())
        found = self._compiled[connection] = Compiled(sql, names, converters)
        return found


class Lock(NamedTuple):
    """How a row is locked.

    Attributes:
        no_key: whether others may still refer to it.
    """

    no_key: bool


class Compiled(NamedTuple):
    """A query whose one value is yet to come, for one connection.

    Attributes:
        sql: its text.
        names: of the columns that it gives.
        converters: what makes Python's values of the database's, with the column, by its place.
    """

    sql: str
    names: list[str]
    converters: list[tuple[int, tuple[list[Convert], Expression]]]

    def row(self, model: type[Model], found: DriverRow, connection: BaseDatabaseWrapper) -> Model:
        """Make a row of what was found."""
        values = list(found)
        for place, (converters, column) in self.converters:
            for convert in converters:
                values[place] = convert(values[place], column, connection)
        return model.from_db(connection.alias, self.names, values)


lookup_of = cache(Lookup)


class SingleRow:
    """Stands for a queryset of all rows: gives one of them by its key."""

    def __init__(self, queryset: QuerySet[Model], column: Column, *, keys_only: bool = False) -> None:
        """Take the queryset, the column that rows are looked up by, and whether that is all that is asked of them."""
        self.queryset, self.model, self.column, self.keys_only = queryset, queryset.model, column, keys_only

    def get(self, **lookup: Json | Key) -> Model:
        """Return the row.

        Raises:
            ObjectDoesNotExist: there is none.
        """
        [value] = lookup.values()
        key = key_of(self.column, value)
        if key is None:
            return self.queryset.get(**lookup)
        row = lookup_of(self.model, self.column, keys_only=self.keys_only).find(key)
        if row is None:
            raise getattr(self.model, "DoesNotExist")  # noqa: B009 - unknown to the stubs of Model
        return row

    def __getattr__(self, name: str) -> Any:
        return getattr(self.queryset, name)


class SingleCheck(BatchCheck):
    """Stands for a validator of uniqueness of a new row: looks whether another has the value."""

    def __init__(self, validator: UniqueValidator, column: Column) -> None:
        """Take the validator, and the column."""
        super().__init__(validator, set(), set())
        self.column = column

    def is_free(self, key: Value) -> bool:
        """Look a value up."""
        known = key_of(self.column, key)
        return known is not None and lookup_of(self.column.model, self.column).find(known) is None


def hasten(serializer: Serializer, *, keys_only: bool = False) -> None:
    """Let the fields of a prepared serializer, and what asks for uniqueness of a new row, answer by look-ups.

    Args:
        serializer: asks.
        keys_only: whether nothing is asked of a row that is referred to but whether there is one: all else of it is
            read when it is asked for.
    """
    for field in serializer.fields.values():
        if not field.read_only:
            column = referred_by(field)
            if column is not None and is_whole(vars(field)["queryset"]):
                only = keys_only and column.primary_key and _refers_to_key(serializer, str(field.source))
                vars(field)["queryset"] = SingleRow(rows_of(field), column, keys_only=only)
    if serializer.instance is None:
        replace_rules(serializer, [_with_lookup(each, serializer) for each in of(serializer)])


def _refers_to_key(serializer: Serializer, name: str) -> bool:
    """Whether what is referred to under a name of the model's is stored by its primary key (`to_field`)."""
    model = model_of(serializer)
    columns = {} if model is None else {each.name: each for each in model._meta.concrete_fields}
    column = columns.get(name)
    return isinstance(column, ForeignObject) and column.target_field.primary_key


def _with_lookup(each: Uniqueness, serializer: Serializer) -> Uniqueness:
    rule = each.rule
    if not isinstance(rule, UniqueValidator) or type(rule) is not UniqueValidator:
        return each
    if rule.lookup != "exact" or not is_whole(rule.queryset):
        return each
    column = rule.queryset.model._meta.get_field(serializer.fields[each.names[0]].source_attrs[-1])
    if not isinstance(column, Field) or column.is_relation:
        return each
    return replace(each, validator=SingleCheck(rule, column))


def first(rows: QuerySet[Model], column: Column, key: Key) -> Model | None:
    """Return the first row of a queryset that has a value in a column, or None."""
    known = key_of(column, key) if column.unique and _has_every_row(rows) else None
    if known is None:
        return rows.filter(**{column.name: key}).first()
    query = rows.query
    lock = Lock(query.select_for_no_key_update) if query.select_for_update else None
    return lookup_of(rows.model, column, lock).find(known, rows.db)


def is_whole(queryset: QuerySet[Model] | Manager[Model]) -> bool:
    """Whether a queryset, or a manager, gives the rows of a table as they are, and all of them, and locks none."""
    rows = queryset if isinstance(queryset, QuerySet) else queryset.all()
    return not vars(rows)["_db"] and not rows.query.select_for_update and _has_every_row(rows)


def _has_every_row(rows: QuerySet[Model]) -> bool:
    query = rows.query
    chosen = query.where or query.annotations or query.extra or query.is_sliced or query.combinator or query.distinct
    waits = query.select_for_update_nowait or query.select_for_update_skip_locked or query.select_for_update_of
    laden = query.select_related or vars(rows)["_prefetch_related_lookups"] or waits
    whole = query.default_cols and query.deferred_loading == EVERY_COLUMN
    return bool(whole and not chosen and not laden and finds_as_django_does(rows.__class__))


@cache
def finds_as_django_does(kind: type) -> bool:
    """Whether a class of querysets finds what Django's own would."""
    return all(getattr(kind, name) is getattr(QuerySet, name) for name in FINDING)
