"""Which texts can be keys of a column at all, so that no database is asked about what it cannot hold."""

from __future__ import annotations

from functools import cache

from django.core.exceptions import ValidationError
from django.db import models

from api.core.query.filters import lookups
from api.core.query.filters.strict import ValueField
from resources.core.database.columns import Column
from resources.core.keys import Key


def key_fits(column: Column, key: Key | None) -> bool:
    """Whether a text or value may stand in a column."""
    if isinstance(column, models.ForeignKey):
        return key_fits(column.target_field, key)
    reader = _reader(column)
    if reader is None or not isinstance(key, str):
        return True
    try:
        reader.clean(key)
    except ValidationError:
        return False
    return True


@cache
def _reader(column: Column) -> ValueField | None:
    filters = lookups.filters_of(column)
    return None if filters is None else filters.field(column)
