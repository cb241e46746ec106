"""Languages, by their ISO 639 code."""

from django.db import models

from resources.core import fields
from resources.core.keys import NaturalKey
from resources.core.resource import Resource


class Language(NaturalKey, Resource):
    """A language that is spoken in at least one country."""

    id = fields.CharField(
        primary_key=True,
        max_length=3,
        db_column="code",
        help_text="ISO 639-1 code, such as `fr`; ISO 639-3, such as `haw`, where there is no shorter one.",
    )
    alpha_3 = fields.CharField(max_length=3, unique=True, help_text="ISO 639-3 code, such as `fra`.")
    name = fields.CharField(max_length=100, help_text="English name.")

    class Meta:
        indexes = (models.Index(fields=("name", "id"), name="language_name"),)

    def __str__(self) -> str:
        """Show the name."""
        return self.name
