"""Text columns that sort by code point on every database."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

CODE_POINT_COLLATION = {"postgresql": "C"}
"""The collation that sorts by code point, per database vendor; SQLite's default does already."""


class _CodePoint:
    """Gives a text field the collation of `CODE_POINT_COLLATION`."""

    def db_parameters(self, connection: BaseDatabaseWrapper) -> dict[str, str | None]:
        """Return the column's parameters with the collation of this database."""
        parameters: dict[str, str | None] = super().db_parameters(connection)  # type: ignore[misc]
        return parameters | {"collation": CODE_POINT_COLLATION.get(connection.vendor)}


if TYPE_CHECKING:  # to a type checker they are Django's own, which its plugin knows
    from django.db.models import CharField as CharField
    from django.db.models import TextField as TextField
else:

    class CharField(_CodePoint, models.CharField):
        """Django's, sorted by code point, so that an index serves the ordering of both databases."""

    class TextField(_CodePoint, models.TextField):
        """Django's, sorted by code point, so that an index serves the ordering of both databases."""
