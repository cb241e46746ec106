"""Subdivisions of countries, by their ISO 3166-2 code."""

from django.db import models

from resources.core import fields
from resources.core.keys import NaturalKey
from resources.core.resource import Resource
from resources.places.countries import Country


class Subdivision(NaturalKey, Resource):
    """A region, state, province, district: what a country is divided into."""

    id = fields.CharField(
        primary_key=True, max_length=6, db_column="code", help_text="ISO 3166-2 code, such as `FR-IDF`."
    )
    name = fields.CharField(max_length=100, help_text="Name, in a language of the country.")
    type = fields.CharField(max_length=50, help_text="What the country calls it, such as `Metropolitan region`.")
    country = models.ForeignKey(
        Country, models.PROTECT, db_index=False, related_name="subdivisions", help_text="The country it is part of."
    )
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="children",
        help_text="The subdivision it is part of; null where it is part of the country alone.",
    )

    class Meta:
        indexes = (
            models.Index(fields=("name", "id"), name="subdivision_name"),
            models.Index(fields=("type", "id"), name="subdivision_type"),
            models.Index(fields=("country", "name", "id"), name="subdivision_country"),
            models.Index(fields=("parent", "name", "id"), name="subdivision_parent"),
        )

    def __str__(self) -> str:
        """Show the name."""
        return self.name
