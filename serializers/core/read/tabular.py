"""Rows as comma-separated values (RFC 4180): one column for each plain member, dotted ones for objects."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import TypeGuard

from rest_framework import serializers

from serializers.core.json import Json, encode
from serializers.core.json_types import KNOWN_MODULES
from serializers.core.kinds import Field, Serializer
from serializers.core.read.compiled.columns import definer_of
from serializers.core.read.selection import ExpandedOne

type Cell = str | int | float | None
PLAIN = frozenset((str, int, float, type(None)))
"""The types of JSON's values that `csv` writes as they are meant."""


@dataclass(frozen=True, slots=True)
class Table:
    """The columns of a resource, each the path of names that leads to its value."""

    columns: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, serializer: Serializer) -> "Table":
        """Lay out the columns of a serializer."""
        return cls(tuple(_columns(serializer, ())))

    @classmethod
    def of_rows(cls, serializer: Serializer, rows: Iterable[dict[str, Json]]) -> "Table":
        """Lay out the columns that some rows have, in the order of their members.

        Where code of its own shows rows, only they tell which members there are. What the serializer declares to be an
        object is laid out in columns; of any other object the cell holds the JSON.
        """
        objects = frozenset(_objects(serializer, ()))
        columns = dict.fromkeys(path for row in rows for path in _paths(row, objects, ()))
        return cls(tuple(columns)) if columns else cls.of(serializer)

    def header(self) -> bytes:
        """Write the line of names."""
        return _lines([[".".join(path) for path in self.columns]])

    def lines(self, rows: Sequence[dict[str, Json]]) -> bytes:
        """Write a line for each row, made column by column: most columns hold nothing but texts and numbers."""
        if not self.columns:
            return _lines(() for _ in rows)
        return _lines(zip(*(_cells(rows, path) for path in self.columns), strict=True))


def _object_of(field: Field) -> Field:
    """Return the serializer of the object that a member is, where it is one."""
    return field.nested if isinstance(field, ExpandedOne) else field


def _columns(serializer: Serializer, before: tuple[str, ...]) -> Iterable[tuple[str, ...]]:
    for name, field in serializer.fields.items():
        if field.write_only:
            continue
        nested = _object_of(field)
        if isinstance(nested, serializers.Serializer):
            yield from _columns(nested, (*before, name))
        else:
            yield (*before, name)


def declares_members(serializer: Serializer) -> bool:
    """Whether a serializer, and those nested in it, declare all the members that they show."""
    if not definer_of(type(serializer), "to_representation").__module__.startswith(KNOWN_MODULES):
        return False
    nested = map(_object_of, serializer.fields.values())
    return all(declares_members(each) for each in nested if isinstance(each, serializers.Serializer))


def _objects(serializer: Serializer, before: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield the paths of the members that hold objects."""
    for name, field in serializer.fields.items():
        nested = _object_of(field)
        if isinstance(nested, serializers.Serializer):
            yield (*before, name)
            yield from _objects(nested, (*before, name))


def _paths(
    row: dict[str, Json], objects: frozenset[tuple[str, ...]], before: tuple[str, ...]
) -> Iterator[tuple[str, ...]]:
    for name, value in row.items():
        path = (*before, name)
        if path in objects and isinstance(value, dict):
            yield from _paths(value, objects, path)
        elif path not in objects or value is not None:
            yield path


def _at(row: dict[str, Json], path: Iterable[str]) -> Json:
    value: Json = row
    for name in path:
        # An id stands in the place of an object that the reader may not see.
        value = value.get(name) if isinstance(value, dict) else value if name == "id" else None
    return value


def _cells(rows: Sequence[dict[str, Json]], path: tuple[str, ...]) -> Sequence[Cell]:
    """Return what stands in a column."""
    column: Sequence[Json]
    try:
        column = list(map(itemgetter(*path), rows)) if len(path) == 1 else [_at(row, path) for row in rows]
    except KeyError:  # a row need not have every member, where code of its own shows it
        column = [_at(row, path) for row in rows]
    return column if _is_plain(column) else list(map(_cell, column))


def _is_plain(column: Sequence[Json]) -> TypeGuard[Sequence[Cell]]:
    return PLAIN.issuperset(map(type, column))


def _cell(value: Json) -> Cell:
    """Write a value: nothing for null, JSON for lists and objects, JSON's words for booleans."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return encode(value).decode() if isinstance(value, list | dict) else value


def _lines(rows: Iterable[Sequence[Cell]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()
