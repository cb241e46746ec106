"""Looks up at once what the bodies of a list refer to, and which of their unique values are taken.

Without it each body would ask by itself, a query for every reference and every unique value. What is not known from
the look-up, a value that only a field of somebody's own understands among it, is asked by itself all the same.
"""

from __future__ import annotations

import uuid
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F
from django.db.models.fields.tuple_lookups import Tuple, TupleIn
from rest_framework import serializers
from rest_framework.validators import UniqueTogetherValidator, UniqueValidator

from resources.core.database.columns import entry_for, value_column
from resources.core.database.membership import one_of
from resources.core.fields import CODE_POINT_COLLATION
from serializers.core.fields import WIDEST, References
from serializers.core.write.uniqueness import Uniqueness, is_held

KINDS: Mapping[type[models.Field[Any, Any]], type] = {
    models.IntegerField: int,
    models.UUIDField: uuid.UUID,
    models.CharField: str,
    models.TextField: str,
}
"""The columns whose values compare in Python as they do in the database, and the type of those values."""

SCALARS = frozenset((str, int, float, uuid.UUID))
Bodies = Sequence[Mapping[str, Any]]


def gather(serializer: Any, bodies: Iterable[Any]) -> None:
    """Let the fields and validators of a prepared serializer answer from look-ups made for all bodies together."""
    objects = [body for body in bodies if isinstance(body, Mapping)]
    for name, field in serializer.fields.items():
        if not field.read_only:
            _gather_references(field, [body[name] for body in objects if name in body])
    serializer.uniqueness = [_gathered(each, serializer, objects) for each in serializer.uniqueness]


class Found:
    """Stands for a queryset: gives the rows that were looked up together, and asks for any other."""

    def __init__(self, queryset: Any, column: Any, keys: set[Any]) -> None:
        """Look up the rows of some keys in a column."""
        self.queryset, self.model, self.column, self.keys = queryset, queryset.model, column, keys
        self.rows = {getattr(row, column.attname): row for row in queryset.filter(one_of(column, keys))}

    def get(self, **lookup: Any) -> Any:
        """Return the one row.

        Raises:
            ObjectDoesNotExist: there is none.
        """
        [value] = lookup.values()
        key = key_of(self.column, value)
        if key not in self.keys:
            return self.queryset.get(**lookup)
        if key not in self.rows:
            raise self.model.DoesNotExist
        return self.rows[key]

    def in_bulk(self, keys: Iterable[Any]) -> dict[Any, Any]:
        """Return rows by their keys."""
        wanted = set(keys)
        if not wanted <= self.keys:
            return dict(self.queryset.in_bulk(wanted))
        return {key: self.rows[key] for key in wanted if key in self.rows}

    def __getattr__(self, name: str) -> Any:
        return getattr(self.queryset, name)


class Untaken:
    """Stands for a validator of uniqueness: knows which of the values that were looked up are taken."""

    requires_context = True

    def __init__(self, validator: Any, keys: set[Any], taken: set[Any]) -> None:
        """Take the validator, and what was found."""
        self.validator, self.keys, self.taken = validator, keys, taken

    def __call__(self, value: Any, field: Any) -> None:
        """Refuse a value that is taken.

        Raises:
            ValidationError: as the validator would.
        """
        if not self.is_free(self.key(value, field)):
            self.validator(value, field)  # which also knows how to say it

    def is_free(self, key: Any) -> bool:
        """Whether no row is known to have a value, which was looked up."""
        return isinstance(key, Hashable) and key in self.keys and key not in self.taken

    def key(self, value: Any, field: Any) -> Any:
        """Return what a value was looked up by."""
        return value


class UntakenTogether(Untaken):
    """The same for several members, which must be unique together."""

    def __init__(self, validator: Any, keys: set[Any], taken: set[Any], columns: Sequence[Any]) -> None:
        """Take the validator, what was found, and the columns of the members."""
        super().__init__(validator, keys, taken)
        self.columns = columns

    def key(self, value: Any, field: Any) -> Any:
        """Return the values of the members, a row by what refers to it."""
        sources = [field.fields[name].source for name in self.validator.fields]
        values = [value.get(source) for source in sources]
        held = zip(self.columns, values, strict=True)
        return tuple(getattr(v, c.target_field.attname) if isinstance(v, models.Model) else v for c, v in held)


def key_of(column: Any, value: Any) -> Any:
    """Return a value of JSON as a column holds it, or None for what had better be asked by itself."""
    to_python, kind = _read_by(column)
    if kind is None or type(value) not in SCALARS:
        return None
    try:
        key: Any = to_python(value)
    except (ValidationError, ValueError, OverflowError):
        return None
    within = type(key) is not int or WIDEST[0] <= key <= WIDEST[1]
    return key if isinstance(key, kind) and within else None


@cache
def _read_by(column: Any) -> tuple[Any, type | None]:
    """Return how a column, or the one that it refers to, reads a value, and the type of it; None if not as Python."""
    column = value_column(column)
    kind = entry_for(KINDS, column)
    # Otherwise the database may take two texts for one that Python does not.
    comparable = getattr(column, "db_collation", None) in (None, *CODE_POINT_COLLATION.values())
    return column.to_python, kind if comparable else None


def _keys(column: Any, values: Iterable[Any]) -> set[Any]:
    return {key for value in values if (key := key_of(column, value)) is not None}


def _gather_references(field: Any, values: list[Any]) -> None:
    if type(field) is References:
        field, values = field.child_relation, [item for value in values if isinstance(value, list) for item in value]
    column = referred_by(field)
    if column is not None and (keys := _keys(column, values)):
        field.queryset = Found(field.get_queryset(), column, keys)


def referred_by(field: Any) -> Any:
    """Return the column that a field of DRF's own looks a row up by; None for any other field."""
    kind = field.__class__
    if kind is serializers.PrimaryKeyRelatedField and field.pk_field is None:
        return field.get_queryset().model._meta.pk
    if kind is serializers.SlugRelatedField:
        columns = {column.name: column for column in field.get_queryset().model._meta.concrete_fields}
        column = columns.get(field.slug_field)
        return column if column is not None and column.unique else None
    return None


def _gathered(each: Uniqueness, serializer: Any, bodies: Bodies) -> Uniqueness:
    if not is_held(each, serializer):  # what only code holds is asked before each save
        return each
    if each.alone:
        return replace(each, validator=_gathered_alone(each.validator, serializer.fields[each.names[0]], bodies))
    return replace(each, validator=_gathered_together(each.validator, serializer, bodies))


def _gathered_alone(validator: Any, field: Any, bodies: Bodies) -> Any:
    if type(validator) is not UniqueValidator:
        return validator
    name = field.source_attrs[-1]
    column = validator.queryset.model._meta.get_field(name)
    keys = _keys(column, (body.get(field.field_name) for body in bodies))
    if column.is_relation or not keys:
        return validator
    return Untaken(validator, keys, set(validator.queryset.filter(one_of(column, keys)).values_list(name, flat=True)))


def _gathered_together(validator: Any, serializer: Any, bodies: Bodies) -> Any:
    if validator.__class__ is not UniqueTogetherValidator or getattr(validator, "condition", None) is not None:
        return validator
    fields = [serializer.fields[name] for name in validator.fields]
    columns = {column.name: column for column in validator.queryset.model._meta.concrete_fields}
    if any(field.source not in columns for field in fields):
        return validator
    used = [columns[field.source] for field in fields]
    sent = (zip(used, (body.get(field.field_name) for field in fields), strict=True) for body in bodies)
    keys = {key for row in sent if None not in (key := tuple(key_of(column, value) for column, value in row))}
    if not keys:
        return validator
    names = [column.attname for column in used]
    taken = validator.queryset.filter(TupleIn(Tuple(*map(F, names)), list(keys))).values_list(*names)
    return UntakenTogether(validator, keys, set(taken), used)
