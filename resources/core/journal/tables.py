"""Which tables are journaled, and which of their columns: those of resources, and of their many-to-many relations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.apps import apps
from django.db import router
from django.db.models import Model

from resources.core.database.raw_forms import StoredColumn
from resources.core.journal.catalog import StoredTable
from resources.core.resource import Resource

COUNTED, SAVED = "revision", "updated_at"
STAMPS = frozenset(("created_at", SAVED, COUNTED))
"""Columns whose change alone makes no Change of a row."""


@dataclass(frozen=True, slots=True)
class JournaledTable:
    """A table whose changes are noted.

    Attributes:
        name: of the table.
        key: its primary key's column.
        columns: all columns that it has.
        excluded: the names of those that are not noted, such as a password's.
        counts: whether it counts the saves of its rows, and is to count those of other programs.
    """

    name: str
    key: str
    columns: tuple[StoredColumn, ...]
    excluded: frozenset[str]
    counts: bool

    @property
    def journaled(self) -> tuple[StoredColumn, ...]:
        """Return the columns that are noted."""
        return tuple(column for column in self.columns if column.name not in self.excluded)

    @property
    def compared(self) -> tuple[StoredColumn, ...]:
        """Return the columns of which one must have changed for a Change, and for a save to be counted."""
        stamps = STAMPS if self.counts else frozenset()
        return tuple(column for column in self.journaled if not column.is_key and column.name not in stamps)

    @classmethod
    def of(cls, stored: StoredTable, excluded: Iterable[str]) -> JournaledTable | None:
        """Return a table as it is stored; None where it has no key to tell its rows by."""
        keys = [column.name for column in stored.columns if column.is_key]
        if len(keys) != 1:
            return None
        counts = {column.name for column in stored.columns} >= STAMPS
        return cls(stored.name, keys[0], tuple(stored.columns), frozenset(excluded), counts)


def is_journaled(model: type[Model]) -> bool:
    """Whether the changes of a model's rows are noted: it is a resource, or relates one to others."""
    options = model._meta
    resource = options.auto_created or model
    concrete = options.managed and not options.proxy and not options.abstract and not options.swapped
    return bool(concrete) and isinstance(resource, type) and issubclass(resource, Resource)


def excluded_columns(model: type[Model]) -> frozenset[str]:
    """Return the columns of a model that are not noted; a name that is no field's is a column's of earlier."""
    names: tuple[str, ...] = getattr(model, "unjournaled", ())
    columns = {field.name: str(field.column) for field in model._meta.concrete_fields}
    return frozenset(columns.get(name, name) for name in names)


def journaled_tables(using: str) -> Mapping[str, frozenset[str]]:
    """Return the names of the tables that are journaled in a database, and their columns that are not noted."""
    models = (model for model in apps.get_models(include_auto_created=True) if is_journaled(model))
    return {
        model._meta.db_table: excluded_columns(model) for model in models if router.allow_migrate_model(using, model)
    }
