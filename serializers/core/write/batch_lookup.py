"""Looks up at once what the bodies of a list refer to, and which of their unique values are taken.

Without it each body would ask by itself, a query for every reference and every unique value. What is not known from
the look-up, a value that only a field of somebody's own understands among it, is asked by itself all the same.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Model, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleIn
from rest_framework import serializers
from rest_framework.validators import UniqueTogetherValidator, UniqueValidator

from resources.core.database.columns import Column, entry_for, value_column
from resources.core.database.membership import one_of
from resources.core.fields import CODE_POINT_COLLATION
from resources.core.keys import Key
from serializers.core.fields import WIDEST, References
from serializers.core.json import Json
from serializers.core.kinds import Field, Serializer
from serializers.core.write.uniqueness import Ask, Rule, Uniqueness, has_constraint, of, replace_rules

KINDS: Mapping[type[Column], type[Key]] = {
    models.IntegerField: int,
    models.UUIDField: uuid.UUID,
    models.CharField: str,
    models.TextField: str,
}
"""The columns whose values compare in Python as they do in the database, and the type of those values."""

SCALARS = frozenset((str, int, float, uuid.UUID))
type Bodies = Sequence[Mapping[str, Json]]
"""Objects, as they were sent."""
type Value = Json | Key | Model | Mapping[str, Value] | tuple[Value, ...]
"""What is asked about: as it was sent, or as a field has read it; of rules for several members all, or their values."""
type LookupKey = Key | tuple[Key | None, ...]
"""What a row was looked up by: a value of a column, or of each of several."""


def gather(serializer: Serializer, bodies: Iterable[Json]) -> None:
    """Let the fields and validators of a prepared serializer answer from look-ups made for all bodies together."""
    objects = [body for body in bodies if isinstance(body, dict)]
    for name, field in serializer.fields.items():
        if not field.read_only:
            _gather_references(field, [body[name] for body in objects if name in body])
    replace_rules(serializer, [_with_lookup(each, serializer, objects) for each in of(serializer)])


class BatchRows:
    """Stands for a queryset: gives the rows that were looked up together, and asks for any other."""

    def __init__(self, queryset: QuerySet[Model], column: Column, keys: set[Key]) -> None:
        """Look up the rows of some keys in a column."""
        self.queryset, self.model, self.column, self.keys = queryset, queryset.model, column, keys
        self.rows = {getattr(row, column.attname): row for row in queryset.filter(one_of(column, keys))}

    def get(self, **lookup: Json | Key) -> Model:
        """Return the one row.

        Raises:
            ObjectDoesNotExist: there is none.
        """
        [value] = lookup.values()
        key = key_of(self.column, value)
        if key is None or key not in self.keys:
            return self.queryset.get(**lookup)
        if key not in self.rows:
            raise getattr(self.model, "DoesNotExist")  # noqa: B009 - unknown to the stubs of Model
        return self.rows[key]

    def in_bulk(self, keys: Iterable[Key]) -> dict[Key, Model]:
        """Return rows by their keys."""
        wanted = set(keys)
        if not wanted <= self.keys:
            return dict(self.queryset.in_bulk(wanted))
        return {key: self.rows[key] for key in wanted if key in self.rows}

    def __getattr__(self, name: str) -> Any:
        return getattr(self.queryset, name)


class BatchCheck:
    """Stands for a validator of uniqueness: knows which of the values that were looked up are taken."""

    requires_context = True

    def __init__(self, validator: Rule, keys: Collection[LookupKey], existing: Collection[LookupKey]) -> None:
        """Take the validator, and what was found."""
        self.validator, self.keys, self.existing = validator, keys, existing

    def __call__(self, value: Value, field: Field) -> None:
        """Refuse a value that is taken.

        Raises:
            ValidationError: as the validator would.
        """
        if not self.is_free(self.key(value, field)):
            ask: Ask = self.validator
            ask(value, field)  # which also knows how to say it

    def is_free(self, key: Value) -> bool:
        """Whether no row is known to have a value, which was looked up."""
        return isinstance(key, Hashable) and key in self.keys and key not in self.existing

    def key(self, value: Value, field: Field) -> Value:
        """Return what a value was looked up by."""
        return value


class BatchTogetherCheck(BatchCheck):
    """The same for several members, which must be unique together."""

    def __init__(
        self,
        validator: UniqueTogetherValidator,
        keys: Collection[LookupKey],
        existing: Collection[LookupKey],
        columns: Sequence[Column],
    ) -> None:
        """Take the validator, what was found, and the columns of the members."""
        super().__init__(validator, keys, existing)
        self.names, self.columns = tuple(validator.fields), columns

    def key(self, value: Value, field: Field) -> Value:
        """Return the values of the members, a row by what refers to it."""
        assert isinstance(value, Mapping) and isinstance(field, serializers.Serializer)  # noqa: S101, PT018 - as DRF asks
        values = [value.get(str(field.fields[name].source)) for name in self.names]
        return tuple(_stored(column, each) for column, each in zip(self.columns, values, strict=True))


def _stored(column: Column, value: Value) -> Value:
    """Return what a column holds of a value: of a row, what refers to it."""
    if not isinstance(value, Model) or not isinstance(column, models.ForeignObject):
        return value
    key: Key = getattr(value, column.target_field.attname)
    return key


def key_of(column: Column, value: Value) -> Key | None:
    """Return a value of JSON as a column holds it, or None for what had better be asked by itself."""
    to_python, kind = _read_by(column)
    if kind is None or type(value) not in SCALARS:
        return None
    try:
        key = to_python(value)
    except (ValidationError, ValueError, OverflowError):
        return None
    within = type(key) is not int or WIDEST[0] <= key <= WIDEST[1]
    return key if isinstance(key, kind) and within else None


@cache
def _read_by(column: Column) -> tuple[Callable[[Value], Key], type[Key] | None]:
    """Return how a column, or the one that it refers to, reads a value, and the type of it; None if not as Python."""
    column = value_column(column)
    kind = entry_for(KINDS, column)
    # Otherwise the database may take two texts for one that Python does not.
    comparable = getattr(column, "db_collation", None) in (None, *CODE_POINT_COLLATION.values())
    return column.to_python, kind if comparable else None


def _keys(column: Column, values: Iterable[Json]) -> set[Key]:
    return {key for value in values if (key := key_of(column, value)) is not None}


def _gather_references(field: Field, values: list[Json]) -> None:
    if isinstance(field, References):
        field, values = field.child_relation, [item for value in values if isinstance(value, list) for item in value]
    column = referred_by(field)
    if column is not None and (keys := _keys(column, values)):
        vars(field)["queryset"] = BatchRows(rows_of(field), column, keys)


def rows_of(field: Field) -> QuerySet[Model]:
    """Return the rows that a reference may lead to."""
    assert isinstance(field, serializers.RelatedField)  # noqa: S101
    rows = field.get_queryset()
    assert rows is not None  # noqa: S101 - DRF does not start without
    return rows


def referred_by(field: Field) -> Column | None:
    """Return the column that a field of DRF's own looks a row up by; None for any other field."""
    kind = field.__class__
    if kind is serializers.PrimaryKeyRelatedField and getattr(field, "pk_field", None) is None:
        return rows_of(field).model._meta.pk
    if isinstance(field, serializers.SlugRelatedField) and kind is serializers.SlugRelatedField:
        columns = {column.name: column for column in rows_of(field).model._meta.concrete_fields}
        column = columns.get(str(field.slug_field))
        return column if column is not None and column.unique else None
    return None


def _with_lookup(each: Uniqueness, serializer: Serializer, bodies: Bodies) -> Uniqueness:
    if not has_constraint(each, serializer):  # what only code holds is asked before each save
        return each
    if isinstance(each.validator, UniqueValidator) and type(each.validator) is UniqueValidator:
        return replace(each, validator=_alone(each.validator, serializer.fields[each.names[0]], bodies))
    if isinstance(each.validator, UniqueTogetherValidator) and each.validator.__class__ is UniqueTogetherValidator:
        return replace(each, validator=_together(each.validator, serializer, bodies))
    return each


def _alone(validator: UniqueValidator, field: Field, bodies: Bodies) -> Ask:
    name = field.source_attrs[-1]
    column = validator.queryset.model._meta.get_field(name)
    if not isinstance(column, models.Field) or column.is_relation:
        return validator
    keys = _keys(column, (body.get(str(field.field_name)) for body in bodies))
    if not keys:
        return validator
    existing = validator.queryset.filter(one_of(column, keys)).values_list(name, flat=True)
    return BatchCheck(validator, keys, set(existing))


def _together(validator: UniqueTogetherValidator, serializer: Serializer, bodies: Bodies) -> Ask:
    if getattr(validator, "condition", None) is not None:
        return validator
    fields = [serializer.fields[name] for name in validator.fields]
    known = {column.name: column for column in validator.queryset.model._meta.concrete_fields}
    columns = [known[str(field.source)] for field in fields if field.source in known]
    if len(columns) < len(fields):
        return validator
    rows = ([key_of(c, body.get(str(f.field_name))) for c, f in zip(columns, fields, strict=True)] for body in bodies)
    keys = {tuple(row) for row in rows if None not in row}
    if not keys:
        return validator
    names = [column.attname for column in columns]
    existing = validator.queryset.filter(TupleIn(Tuple(*map(F, names)), list(keys))).values_list(*names)
    return BatchTogetherCheck(validator, keys, set(existing), columns)
