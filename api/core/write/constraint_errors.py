"""What a database says of a constraint that it would not have broken: its kind, its table, its columns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from django.apps import apps
from django.db import IntegrityError, OperationalError
from django.db.models import BaseConstraint, Model, UniqueConstraint

from resources.core.database.columns import Column

UNIQUE, OVERLAP, REFERENCE, NULL, CHECK = "UNIQUE", "OVERLAP", "FOREIGN KEY", "NOT NULL", "CHECK"
KINDS = frozenset((UNIQUE, REFERENCE, NULL, CHECK))
"""SQLite's words; it has no constraints against overlapping."""
SQLSTATES = {"23505": UNIQUE, "23503": REFERENCE, "23001": REFERENCE, "23502": NULL, "23P01": OVERLAP}
"""What PostgreSQL's error codes are (its appendix A); whatever is not here is a CHECK."""
DEADLOCK = "40P01"
COLUMNS = re.compile(r"\(([^=]*)\)=\(")
"""Where PostgreSQL names the columns, in whichever language it speaks."""


class Diagnostic(Protocol):
    """What PostgreSQL says of an error, as psycopg has it; None where it does not say it."""

    sqlstate: str
    message_detail: str | None
    constraint_name: str | None
    table_name: str | None
    column_name: str | None


@dataclass(frozen=True, slots=True)
class Broken:
    """A constraint that the database would not have broken, as far as it says.

    Attributes:
        kind: UNIQUE, OVERLAP, FOREIGN KEY, NOT NULL or CHECK.
        name: the constraint's.
        table, columns: what it is about.
    """

    kind: str
    name: str = ""
    table: str = ""
    columns: tuple[str, ...] = ()

    def model(self, likely: type[Model] | None = None) -> type[Model] | None:
        """Return the model of the table, or that declares the constraint: the likely one, if several do."""
        models = (*_family(likely), *apps.get_models(include_auto_created=True))
        return next(filter(self._is_about, models), None)

    def _is_about(self, model: type[Model]) -> bool:
        # SQLite says no table of indexes on expressions and of checks: their names say it all.
        if self.table:
            return model._meta.db_table == self.table
        return any(each.name == self.name for each in model._meta.constraints)

    def fields(self, likely: type[Model] | None = None) -> list[Column]:
        """Return the fields that the constraint is about, as far as its columns are known."""
        model = self.model(likely)
        columns = {} if model is None else {field.column: field for field in model._meta.concrete_fields}
        return [columns[name] for name in self.columns if name in columns]

    def constraint(self, likely: type[Model] | None = None) -> BaseConstraint | None:
        """Return the constraint as the model declares it: under the name, or making these fields unique."""
        model = self.model(likely)
        declared = [each for known in _family(model) for each in known._meta.constraints]
        names = tuple(field.name for field in self.fields(model))
        alike = (each for each in declared if isinstance(each, UniqueConstraint) and names and each.fields == names)
        return next((each for each in declared if self.name and each.name == self.name), None) or next(alike, None)


def _family(model: type[Model] | None) -> Iterator[type[Model]]:
    """Yield a model and those that its rows are also rows of."""
    if model is not None:
        yield from dict.fromkeys((model, *model._meta.all_parents, model._meta.concrete_model or model))


def is_deadlock(error: OperationalError) -> bool:
    """Whether the database has ended a transaction that waited for another, which waited for it."""
    return getattr(error.__cause__, "sqlstate", None) == DEADLOCK


def diagnosis_of(error: IntegrityError) -> Broken:
    """Read what a database says of a constraint that would be broken."""
    said = getattr(error.__cause__, "diag", None)
    return _postgresql(said) if said is not None else _sqlite(str(error))


def _postgresql(said: Diagnostic) -> Broken:
    listed = COLUMNS.search(said.message_detail or "")
    columns = listed[1].replace('"', "").split(", ") if listed else [name for name in (said.column_name,) if name]
    kind = SQLSTATES.get(said.sqlstate, CHECK)
    return Broken(kind, said.constraint_name or "", said.table_name or "", tuple(columns))


def _sqlite(text: str) -> Broken:
    kind, failed, rest = text.partition(" constraint failed")
    if not failed:  # from a trigger, which says its constraint's name and nothing else
        return Broken(CHECK, text)
    if kind == CHECK:
        return Broken(kind, rest.removeprefix(": "))
    index = re.search(r"index '(.*)'", rest)
    places = re.findall(r"(\w+)\.(\w+)", rest)
    table = places[0][0] if places else ""
    return Broken(
        kind if kind in KINDS else UNIQUE, index[1] if index else "", table, tuple(column for _, column in places)
    )
