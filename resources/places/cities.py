"""Cities, by their GeoNames number."""

from django.db import models

from resources.core import fields
from resources.core.indexes import FoldedIndex, SearchIndex, TrigramIndex
from resources.core.keys import NaturalKey
from resources.core.resource import Resource
from resources.places.coordinates import Located
from resources.places.countries import Country
from resources.places.subdivisions import Subdivision


class City(NaturalKey, Located, Resource):
    """A populated place that GeoNames knows."""

    id = models.PositiveBigIntegerField(
        primary_key=True, db_column="geonameid", help_text="GeoNames number, such as `2988507`."
    )
    name = fields.CharField(max_length=200, help_text="Name, in Latin letters.")
    country = models.ForeignKey(
        Country, models.PROTECT, db_index=False, related_name="cities", help_text="The country it lies in."
    )
    subdivision = models.ForeignKey(
        Subdivision,
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="cities",
        help_text="The subdivision it lies in; null where the sources do not say it in ISO codes.",
    )
    population = models.PositiveBigIntegerField(help_text="Number of inhabitants.")
    timezone = fields.CharField(max_length=50, help_text="Time zone, by its IANA name.")
    is_capital = models.BooleanField(default=False, help_text="Whether it is the capital of its country.")

    class Meta(Located.Meta):
        abstract = False
        verbose_name_plural = "cities"
        indexes = (
            models.Index(fields=("name", "id"), name="city_name"),
            models.Index(fields=("population", "id"), name="city_population"),
            models.Index(fields=("country", "id"), name="city_country"),
            models.Index(fields=("country", "name", "id"), name="city_country_name"),
            models.Index(fields=("country", "population", "id"), name="city_country_population"),
            models.Index(fields=("subdivision", "id"), name="city_subdivision"),
            models.Index(fields=("subdivision", "population", "id"), name="city_subdivision_population"),
            # By an index of both, SQLite would expect half of all rows, and walk past 20,000 others for each capital.
            models.Index(fields=("population", "id"), condition=models.Q(is_capital=True), name="city_capitals"),
            models.Index(fields=("timezone", "id"), name="city_timezone"),
            models.Index(fields=("latitude", "id"), name="city_latitude"),
            models.Index(fields=("longitude", "id"), name="city_longitude"),
            FoldedIndex("name", name="city_name_folded"),
            TrigramIndex("name", name="city_name_trigrams"),
            SearchIndex("name", name="city_name_search"),
            TrigramIndex("timezone", name="city_timezone_trigrams"),
        )

    def __str__(self) -> str:
        """Show the name."""
        return self.name
