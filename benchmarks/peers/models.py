"""The models of the Django peers: plain ones, over the tables that Headwater's migrations made."""

from django.db import models


class Row(models.Model):
    """What every row has."""

    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    revision = models.PositiveBigIntegerField(default=1, editable=False)

    class Meta:
        abstract = True


class Currency(Row):
    """A currency."""

    id = models.CharField(primary_key=True, max_length=3, db_column="code")
    name = models.CharField(max_length=100)

    class Meta:
        managed = False
        db_table = "places_currency"


class Language(Row):
    """A language."""

    id = models.CharField(primary_key=True, max_length=3, db_column="code")
    alpha_3 = models.CharField(max_length=3, unique=True)
    name = models.CharField(max_length=100)

    class Meta:
        managed = False
        db_table = "places_language"


class Country(Row):
    """A country."""

    id = models.CharField(primary_key=True, max_length=2, db_column="alpha_2")
    alpha_3 = models.CharField(max_length=3, unique=True)
    numeric = models.CharField(max_length=3, unique=True, null=True, blank=True)
    name = models.CharField(max_length=100)
    continent = models.CharField(max_length=2)
    capital = models.CharField(max_length=100, blank=True)
    area_km2 = models.PositiveIntegerField(null=True, blank=True)
    population = models.PositiveBigIntegerField()
    currency = models.ForeignKey(Currency, models.PROTECT, null=True, blank=True)
    languages = models.ManyToManyField(Language, through="Spoken", blank=True)
    tld = models.CharField(max_length=10, blank=True)
    phone_prefix = models.CharField(max_length=20, blank=True)

    class Meta:
        managed = False
        db_table = "places_country"


class Spoken(models.Model):
    """A language in a country."""

    country = models.ForeignKey(Country, models.CASCADE)
    language = models.ForeignKey(Language, models.CASCADE)

    class Meta:
        managed = False
        db_table = "places_country_languages"


class Subdivision(Row):
    """A region of a country."""

    id = models.CharField(primary_key=True, max_length=6, db_column="code")
    name = models.CharField(max_length=100)

    class Meta:
        managed = False
        db_table = "places_subdivision"


class City(Row):
    """A city."""

    id = models.PositiveBigIntegerField(primary_key=True, db_column="geonameid")
    name = models.CharField(max_length=200)
    country = models.ForeignKey(Country, models.PROTECT)
    subdivision = models.ForeignKey(Subdivision, models.PROTECT, null=True, blank=True)
    population = models.PositiveBigIntegerField()
    latitude = models.FloatField()
    longitude = models.FloatField()
    timezone = models.CharField(max_length=50)
    is_capital = models.BooleanField(default=False)

    class Meta:
        managed = False
        db_table = "places_city"
