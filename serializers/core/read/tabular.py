"""Rows as comma-separated values (RFC 4180): one column for each plain member, dotted ones for objects."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import repeat
from operator import itemgetter

from rest_framework import serializers

from serializers.core.json import Json, encode
from serializers.core.json_types import KNOWN_MODULES
from serializers.core.kinds import Field, Serializer
from serializers.core.read.compiled.columns import definer_of
from serializers.core.read.selection import ExpandedOne

MARKS = (",", '"', "\r", "\n")
"""What a cell is put into quotes for."""


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
        return _join_lines([_quote_cells([".".join(path)]) for path in self.columns], 1)

    def lines(self, rows: Sequence[dict[str, Json]]) -> bytes:
        """Write a line for each row.

        They are made column by column, since most hold nothing but texts, or numbers, and nothing to be quoted for.
        """
        return _join_lines([_quote_cells(_texts(_values(rows, path))) for path in self.columns], len(rows))


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


def _values(rows: Sequence[dict[str, Json]], path: tuple[str, ...]) -> Sequence[Json]:
    """Return what a column holds."""
    if len(path) == 1:
        with suppress(KeyError):  # a row need not have every member, where code of its own shows it
            return list(map(itemgetter(path[0]), rows))
    return [_at(row, path) for row in rows]


def _texts(column: Sequence[Json]) -> Sequence[str]:
    """Write the values of a column: nothing for null, JSON for lists and objects, JSON's words for booleans."""
    kinds = set(map(type, column))
    if kinds <= {int, float}:
        return list(map(str, column))
    if kinds == {bool}:
        return ["true" if value else "false" for value in column]
    return [value if isinstance(value, str) else _text(value) for value in column]


def _text(value: Json) -> str:
    if value is None:
        return ""
    return str(value) if type(value) in (int, float) else encode(value).decode()


def _quote_cells(column: Sequence[str]) -> Sequence[str]:
    """Put the cells into quotes that would not be read as they are."""
    together = "".join(column)
    return list(map(_quote, column)) if any(mark in together for mark in MARKS) else column


def _quote(cell: str) -> str:
    return f'"{cell.replace('"', '""')}"' if any(mark in cell for mark in MARKS) else cell


def _join_lines(columns: Sequence[Sequence[str]], rows: int) -> bytes:
    """Write the lines of a table; an empty cell that is alone in its line is quoted, or there would be no line."""
    if not rows:
        return b""
    if len(columns) == 1:
        columns = [[cell or '""' for cell in columns[0]]]
    lines = map(",".join, zip(*columns, strict=True)) if columns else repeat("", rows)
    return ("\r\n".join(lines) + "\r\n").encode()
