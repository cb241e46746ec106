"""Which texts can be keys of a column at all, so that no database is asked about what it cannot hold."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from api.core.query.filters import lookups
from api.core.query.filters.form_fields import Strict


def key_fits(column: models.Field[Any, Any], key: Any) -> bool:
    """Whether a text or value may stand in a column."""
    if isinstance(column, models.ForeignKey):
        return key_fits(column.target_field, key)
    field = _field(column)
    if field is None or not isinstance(key, str):
        return True
    try:
        field.clean(key)
    except ValidationError:
        return False
    return True


@cache
def _field(column: models.Field[Any, Any]) -> Strict | None:
    known = lookups.column(column)
    return None if known is None else known.field(column)
