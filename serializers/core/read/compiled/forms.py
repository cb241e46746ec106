"""What a database must be able to say: how each type of column, an object and an array are written as DRF would."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models

from resources.core.database.columns import entry_for, value_column


@dataclass(frozen=True, slots=True)
class Form:
    """SQL that writes a column in DRF's form: `{0}` is the column, and may stand several times."""

    template: str

    def write(self, sql: str, params: tuple[Any, ...]) -> tuple[str, tuple[Any, ...]]:
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
        found: takes up JSON that a subquery has made.
        once: whether JSON is sooner looked up than made, also of columns alone, where many rows show the same.
        joined: makes one object of two, in order; `{0}` and `{1}` are JSON objects.
        text: brings JSON to text.
        value: brings a cell to JSON.
        position: gives a value so that it, bound as it came, is that value again to whatever it is compared with.
        json_position: the same as JSON; what has no form in JSON as `{"real": text}` and `{"blob": text}`.
    """

    columns: Mapping[type[models.Field[Any, Any]], Form | Callable[[Any], Form]]
    object: str
    most_pairs: int
    list: str
    row: Form | None
    array: Form
    gathered: str
    found: Form
    once: bool
    joined: str
    text: Form
    value: Form
    position: Form
    json_position: Form

    def form(self, column: models.Field[Any, Any]) -> Form | None:
        """Return the form of a column, or None where there is none for its type, or for how it converts values."""
        known = entry_for(self.columns, column)
        return known if known is None or isinstance(known, Form) else known(value_column(column))
