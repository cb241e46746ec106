"""Airports, by their ICAO code."""

from django.db import models

from resources.core import fields
from resources.core.indexes import SearchIndex, TrigramIndex
from resources.core.keys import NaturalKey
from resources.core.resource import Resource
from resources.places.coordinates import Located
from resources.places.countries import Country
from resources.places.subdivisions import Subdivision


class Airport(NaturalKey, Located, Resource):
    """An airport or a landing strip."""

    id = fields.CharField(
        primary_key=True,
        max_length=4,
        db_column="icao",
        help_text="ICAO code, such as `LFPG`; one made up by the source, such as `_BYY`, where there is none.",
    )
    iata = fields.CharField(
        max_length=3,
        unique=True,
        null=True,
        blank=True,
        help_text="IATA code, such as `CDG`; null where there is none.",
    )
    name = fields.CharField(max_length=150, help_text="Name.")
    city_name = fields.CharField(
        max_length=100, blank=True, help_text="Name of the city it serves; empty where unknown."
    )
    country = models.ForeignKey(
        Country, models.PROTECT, db_index=False, related_name="airports", help_text="The country it lies in."
    )
    subdivision = models.ForeignKey(
        Subdivision,
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="airports",
        help_text="The subdivision it lies in; null where the sources do not agree on a name.",
    )
    elevation = models.IntegerField(
        null=True, blank=True, help_text="Height above sea level in feet; null where unknown."
    )
    timezone = fields.CharField(max_length=50, help_text="Time zone, by its IANA name.")

    class Meta(Located.Meta):
        abstract = False
        indexes = (
            models.Index(fields=("name", "id"), name="airport_name"),
            models.Index(fields=("city_name", "id"), name="airport_city_name"),
            models.Index(fields=("country", "id"), name="airport_country"),
            models.Index(fields=("country", "name", "id"), name="airport_country_name"),
            models.Index(fields=("subdivision", "name", "id"), name="airport_subdivision_name"),
            models.Index(fields=("elevation", "id"), name="airport_elevation"),
            models.Index(fields=("timezone", "id"), name="airport_timezone"),
            models.Index(fields=("latitude", "id"), name="airport_latitude"),
            models.Index(fields=("longitude", "id"), name="airport_longitude"),
            TrigramIndex("id", name="airport_id_trigrams"),
            TrigramIndex("iata", name="airport_iata_trigrams"),
            TrigramIndex("name", name="airport_name_trigrams"),
            TrigramIndex("city_name", name="airport_city_name_trigrams"),
            TrigramIndex("timezone", name="airport_timezone_trigrams"),
            SearchIndex("id", name="airport_id_search"),
            SearchIndex("iata", name="airport_iata_search"),
            SearchIndex("name", name="airport_name_search"),
            SearchIndex("city_name", name="airport_city_name_search"),
        )

    def __str__(self) -> str:
        """Show the name."""
        return self.name
