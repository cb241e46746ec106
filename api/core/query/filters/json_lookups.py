"""What one JSON value has to do with another, alike on every database: PostgreSQL knows it, SQLite is taught it."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.db.models.fields.json import ContainedBy, DataContains, JSONExact
from django.db.models.sql.compiler import SQLCompiler

from resources.core.database.sql import Fragment
from serializers.core.json import Json, same

type Comparison = Callable[[Json, Json], bool]


class HoldsJson(DataContains):
    """The column holds a value: `{"a": 1, "b": [2, 3]}` holds `{"b": [3]}`, as PostgreSQL's `@>` has it."""

    lookup_name = "holds_json"

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Fragment:
        """Ask the function."""
        column, params = self.process_lhs(compiler, connection)
        value, of_value = self.process_rhs(compiler, connection)
        return f"hw_json_holds({column}, {value})", (*params, *of_value)


class InsideJson(ContainedBy):
    """The column holds nothing that a value does not hold."""

    lookup_name = "inside_json"

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Fragment:
        """Ask the function."""
        column, params = self.process_lhs(compiler, connection)
        value, of_value = self.process_rhs(compiler, connection)
        return f"hw_json_holds({value}, {column})", (*of_value, *params)


class SameJson(JSONExact):
    """The column is a value, whose members may stand in any order."""

    lookup_name = "same_json"

    def get_rhs_op(self, connection: BaseDatabaseWrapper, rhs: str) -> str:
        """Write the comparison, which Django looks up by the lookup's name."""
        return f"= {rhs}"

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Fragment:
        """Ask the function."""
        column, params = self.process_lhs(compiler, connection)
        value, of_value = self.process_rhs(compiler, connection)
        return f"hw_json_same({column}, {value})", (*params, *of_value)


def holds(whole: Json, part: Json, *, outermost: bool = True) -> bool:
    """Whether a JSON value holds another (https://www.postgresql.org/docs/current/datatype-json.html, section 8.14.3).

    An object holds members, an array items in any order; an array at the top also holds a single text, number or such.
    """
    if isinstance(whole, dict) and isinstance(part, dict):
        return all(name in whole and holds(whole[name], part[name], outermost=False) for name in part)
    if isinstance(whole, list):
        items = part if isinstance(part, list) else [part] if outermost and not isinstance(part, dict) else None
        return items is not None and all(any(holds(each, item, outermost=False) for each in whole) for item in items)
    return type(part) not in (dict, list) and isinstance(whole, bool) is isinstance(part, bool) and bool(whole == part)


def _of_texts(compare: Comparison) -> Callable[[str | None, str | None], bool | None]:
    """Compare two texts of JSON; what is none, which another program may have stored, is like no other."""

    def compared(one: str | None, other: str | None) -> bool | None:
        try:
            return (
                None if one is None or other is None else compare(msgspec.json.decode(one), msgspec.json.decode(other))
            )
        except (TypeError, ValueError):
            return False

    return compared


def _add_function(connection: BaseDatabaseWrapper, **_: object) -> None:
    if connection.vendor == "sqlite":
        comparisons: tuple[tuple[str, Comparison], ...] = (("hw_json_holds", holds), ("hw_json_same", same))
        for name, compare in comparisons:
            connection.connection.create_function(name, 2, _of_texts(compare), deterministic=True)


def install() -> None:
    """Offer the lookups on every column of JSON, and teach every SQLite connection."""
    for lookup in (HoldsJson, InsideJson, SameJson):
        models.JSONField.register_lookup(lookup)
    connection_created.connect(_add_function, dispatch_uid="headwater.json")
