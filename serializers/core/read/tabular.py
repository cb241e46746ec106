"""Rows as comma-separated values (RFC 4180): one column for each plain member, dotted ones for objects."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rest_framework import serializers

from serializers.core.json import encode
from serializers.core.json_types import KNOWN_MODULES
from serializers.core.read.compiled.columns import definer_of
from serializers.core.read.selection import ExpandedOne


@dataclass(frozen=True, slots=True)
class Table:
    """The columns of a resource, each the path of names that leads to its value."""

    columns: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, serializer: Any) -> "Table":
        """Lay out the columns of a serializer."""
        return cls(tuple(_columns(serializer, ())))

    @classmethod
    def of_rows(cls, serializer: Any, rows: Iterable[Mapping[str, Any]]) -> "Table":
        """Lay out the columns that some rows have, in the order of their members.

        Where code of its own shows rows, only they tell which members there are. What the serializer declares to be an
        object is laid out in columns; of any other object the cell holds the JSON.
        """
        objects = frozenset(_objects(serializer, ()))
        found = dict.fromkeys(path for row in rows for path in _paths(row, objects, ()))
        return cls(tuple(found)) if found else cls.of(serializer)

    def header(self) -> bytes:
        """Write the line of names."""
        return _lines([[".".join(path) for path in self.columns]])

    def lines(self, rows: Iterable[Mapping[str, Any]]) -> bytes:
        """Write a line for each row."""
        return _lines([_cell(_at(row, path)) for path in self.columns] for row in rows)


def _columns(serializer: Any, before: tuple[str, ...]) -> Iterable[tuple[str, ...]]:
    for name, field in serializer.fields.items():
        if field.write_only:
            continue
        nested = field.nested if isinstance(field, ExpandedOne) else field
        if isinstance(nested, serializers.Serializer):
            yield from _columns(nested, (*before, name))
        else:
            yield (*before, name)


def declares_members(serializer: Any) -> bool:
    """Whether a serializer, and those nested in it, declare all the members that they show."""
    if not definer_of(type(serializer), "to_representation").__module__.startswith(KNOWN_MODULES):
        return False
    nested = (field.nested if isinstance(field, ExpandedOne) else field for field in serializer.fields.values())
    return all(declares_members(each) for each in nested if isinstance(each, serializers.Serializer))


def _objects(serializer: Any, before: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield the paths of the members that hold objects."""
    for name, field in serializer.fields.items():
        nested = field.nested if isinstance(field, ExpandedOne) else field
        if isinstance(nested, serializers.Serializer):
            yield (*before, name)
            yield from _objects(nested, (*before, name))


def _paths(row: Any, objects: frozenset[tuple[str, ...]], before: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for name, value in row.items():
        path = (*before, name)
        if path in objects and isinstance(value, Mapping):
            yield from _paths(value, objects, path)
        elif path not in objects or value is not None:
            yield path


def _at(row: Any, path: Iterable[str]) -> Any:
    for name in path:
        # An id stands in the place of an object that the reader may not see.
        row = row.get(name) if isinstance(row, Mapping) else row if name == "id" else None
    return row


def _cell(value: Any) -> Any:
    """Write a value: nothing for null, JSON for lists and objects, JSON's words for booleans."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return encode(value).decode() if isinstance(value, list | Mapping) else value


def _lines(rows: Iterable[list[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()
