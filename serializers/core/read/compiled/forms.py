"""What a database must be able to say: how each type of column, an object and an array are written as DRF would."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from resources.core.database.columns import Column, entry_for, value_column
from resources.core.database.sql import Fragment, Parameter


@dataclass(frozen=True, slots=True)
class SqlForm:
    """SQL that writes a column in DRF's form: `{0}` is the column, and may stand several times."""

    template: str

    def write(self, sql: str, params: tuple[Parameter, ...]) -> Fragment:
        """Put a column's SQL, and its parameters, wherever the column stands."""
        return self.template.replace("{0}", sql), params * self.template.count("{0}")


@dataclass(frozen=True, slots=True)
class Dialect:
    """One database's way to write JSON.

    Attributes:
        columns: the form of each type of column; a function of the column where it depends on its options.
        object: the function that makes an object of names and values.
        most_pairs: how many of them it takes.
        list: the function that makes an array of values.
        row: makes an object of the columns of a row, `{0}`, by their names; None where the function does so as quickly.
        array: makes an array of the JSON in the column `_json` of a subquery, `{0}`.
        gathered: the same, as an aggregate.
        ready: takes up JSON that a subquery has made.
        once: whether JSON is sooner looked up than made, also of columns alone, where many rows show the same.
        joined: makes one object of two, in order; `{0}` and `{1}` are JSON objects.
        text: brings JSON to text.
        value: brings a cell to JSON.
        position: gives a value so that it, bound as it came, is that value again to whatever it is compared with.
        json_position: the same as JSON; what has no form in JSON as `{"real": text}` and `{"blob": text}`.
    """

    columns: Mapping[type[Column], SqlForm | Callable[[Column], SqlForm]]
    object: str
    most_pairs: int
    list: str
    row: SqlForm | None
    array: SqlForm
    gathered: str
    ready: SqlForm
    once: bool
    joined: str
    text: SqlForm
    value: SqlForm
    position: SqlForm
    json_position: SqlForm

    def form(self, column: Column) -> SqlForm | None:
        """Return the form of a column, or None where there is none for its type, or for how it converts values."""
        entry = entry_for(self.columns, column)
        return entry if entry is None or isinstance(entry, SqlForm) else entry(value_column(column))
