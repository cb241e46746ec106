"""The lookup `in` as one parameter, so that lists of every length are one statement."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.db import models
from django.db.models import Lookup


class Several(models.Field):  # type: ignore[type-arg]
    """Several values of a column, as one parameter: an array on PostgreSQL, JSON on SQLite."""

    def __init__(self, column: models.Field[Any, Any]) -> None:
        """Take the column."""
        super().__init__()
        self.of = column

    def get_db_prep_value(self, value: Sequence[Any], connection: Any, prepared: bool = False) -> Any:
        """Bring the values to the database's form, and make one of them."""
        items = [self.of.get_db_prep_value(item, connection, prepared) for item in value]
        return json.dumps(items) if connection.vendor == "sqlite" else items


class Among(Lookup):
    """A column holds one of several values."""

    lookup_name = "among"
    prepare_rhs = False

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """Look into the JSON."""
        return self._compile("{} IN (SELECT value FROM JSON_EACH({}))", compiler, connection)

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """Look into the array."""
        return self._compile("{} = ANY({})", compiler, connection)

    def _compile(self, template: str, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        column, of_column = self.process_lhs(compiler, connection)
        values, of_values = self.process_rhs(compiler, connection)
        return template.format(column, values), (*of_column, *of_values)


def install() -> None:
    """Offer the lookup on every column; relations inherit none."""
    models.Field.register_lookup(Among)
    models.ForeignObject.register_lookup(Among)
