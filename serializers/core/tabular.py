"""Rows as comma-separated values (RFC 4180): one column for each plain member, dotted ones for objects."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from rest_framework import serializers

from serializers.core.json import encode
from serializers.core.selection import ExpandedOne


@dataclass(frozen=True, slots=True)
class Table:
    """The columns of a resource, each the path of names that leads to its value."""

    columns: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, serializer: Any) -> "Table":
        """Lay out the columns of a serializer."""
        return cls(tuple(_columns(serializer, ())))

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
