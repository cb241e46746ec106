"""Countries and territories, by their ISO 3166-1 code."""

from django.db import models

from resources.core import fields
from resources.core.keys import NaturalKey
from resources.core.resource import Resource
from resources.places.currencies import Currency
from resources.places.languages import Language


class Continent(models.TextChoices):
    """The continent that GeoNames counts a country to."""

    AFRICA = "AF", "Africa"
    ANTARCTICA = "AN", "Antarctica"
    ASIA = "AS", "Asia"
    EUROPE = "EU", "Europe"
    NORTH_AMERICA = "NA", "North America"
    OCEANIA = "OC", "Oceania"
    SOUTH_AMERICA = "SA", "South America"


class Country(NaturalKey, Resource):
    """A country or territory with an ISO 3166-1 code, or one that GeoNames gives a code of the same form."""

    id = fields.CharField(
        primary_key=True, max_length=2, db_column="alpha_2", help_text="ISO 3166-1 alpha-2 code, such as `FR`."
    )
    alpha_3 = fields.CharField(max_length=3, unique=True, help_text="ISO 3166-1 alpha-3 code, such as `FRA`.")
    numeric = fields.CharField(
        max_length=3,
        unique=True,
        null=True,
        blank=True,
        help_text="ISO 3166-1 number, three digits; null where ISO gives none.",
    )
    name = fields.CharField(max_length=100, help_text="English short name.")
    continent = fields.CharField(max_length=2, choices=Continent, help_text="The continent it is counted to.")
    capital = fields.CharField(
        max_length=100, blank=True, help_text="English name of the capital; empty where there is none."
    )
    area_km2 = models.PositiveIntegerField(
        null=True, blank=True, help_text="Area in square kilometres; null where unknown, or less than one."
    )
    population = models.PositiveBigIntegerField(help_text="Number of inhabitants.")
    currency = models.ForeignKey(
        Currency,
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="countries",
        help_text="The currency in use; null where there is none.",
    )
    languages = models.ManyToManyField(
        Language, blank=True, related_name="countries", help_text="The languages spoken there."
    )
    tld = fields.CharField(
        max_length=10, blank=True, help_text="Top-level domain, such as `.fr`; empty where there is none."
    )
    phone_prefix = fields.CharField(
        max_length=20, blank=True, help_text="Prefix for calls from abroad, such as `+33`; empty where there is none."
    )

    class Meta:
        verbose_name_plural = "countries"
        indexes = (
            models.Index(fields=("name", "id"), name="country_name"),
            models.Index(fields=("population", "id"), name="country_population"),
            models.Index(fields=("area_km2", "id"), name="country_area"),
            models.Index(fields=("continent", "id"), name="country_continent"),
            models.Index(fields=("continent", "population", "id"), name="country_continent_population"),
            models.Index(fields=("currency", "name", "id"), name="country_currency"),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(continent__in=Continent.values),
                name="country_continent_is_known",
                violation_error_code="invalid_choice",
                violation_error_message="Choose one of the continents: AF, AN, AS, EU, NA, OC, SA.",
            ),
        )

    def __str__(self) -> str:
        """Show the name."""
        return self.name
