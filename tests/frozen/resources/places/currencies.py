"""Currencies, by their ISO 4217 code."""

from django.db import models

from resources.core import fields
from resources.core.keys import NaturalKey
from resources.core.resource import Resource


class Currency(NaturalKey, Resource):
    """Money that at least one country uses."""

    id = fields.CharField(primary_key=True, max_length=3, db_column="code", help_text="ISO 4217 code, such as `EUR`.")
    name = fields.CharField(max_length=100, help_text="English name.")
    symbol = fields.CharField(max_length=10, help_text="How amounts are marked in English, such as `€`.")
    numeric = fields.CharField(
        max_length=3,
        unique=True,
        null=True,
        blank=True,
        help_text="ISO 4217 number, three digits; null for a currency that was withdrawn.",
    )
    decimals = models.PositiveSmallIntegerField(help_text="Digits after the decimal point in an amount.")

    class Meta:
        verbose_name_plural = "currencies"
        indexes = (models.Index(fields=("name", "id"), name="currency_name"),)

    def __str__(self) -> str:
        """Show the code."""
        return self.id
