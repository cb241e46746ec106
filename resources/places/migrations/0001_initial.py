"""The tables of places."""

import django.db.models.deletion
import resources.core.fields
import resources.core.resource
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="SampleData",
            fields=[
                (
                    "id",
                    resources.core.fields.CharField(
                        help_text="The sources' releases and what was taken.",
                        max_length=200,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("loaded_at", models.DateTimeField(auto_now_add=True, help_text="When it was loaded.")),
            ],
            options={"verbose_name_plural": "sample data"},
        ),
        migrations.CreateModel(
            name="Currency",
            fields=[
                ("created_at", models.DateTimeField(auto_now_add=True, help_text="When it was created.")),
                ("updated_at", models.DateTimeField(auto_now=True, help_text="When it was last saved.")),
                (
                    "revision",
                    resources.core.resource.RevisionField(
                        default=1, editable=False, help_text="How often it was saved; the version in its ETag."
                    ),
                ),
                (
                    "id",
                    resources.core.fields.CharField(
                        db_column="code",
                        help_text="ISO 4217 code, such as `EUR`.",
                        max_length=3,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("name", resources.core.fields.CharField(help_text="English name.", max_length=100)),
                (
                    "symbol",
                    resources.core.fields.CharField(
                        help_text="How amounts are marked in English, such as `€`.", max_length=10
                    ),
                ),
                (
                    "numeric",
                    resources.core.fields.CharField(
                        blank=True,
                        help_text="ISO 4217 number, three digits; null for a currency that was withdrawn.",
                        max_length=3,
                        null=True,
                        unique=True,
                    ),
                ),
                (
                    "decimals",
                    models.PositiveSmallIntegerField(help_text="Digits after the decimal point in an amount."),
                ),
            ],
            options={
                "verbose_name_plural": "currencies",
                "indexes": [models.Index(fields=["name", "id"], name="currency_name")],
            },
        ),
        migrations.CreateModel(
            name="Language",
            fields=[
                ("created_at", models.DateTimeField(auto_now_add=True, help_text="When it was created.")),
                ("updated_at", models.DateTimeField(auto_now=True, help_text="When it was last saved.")),
                (
                    "revision",
                    resources.core.resource.RevisionField(
                        default=1, editable=False, help_text="How often it was saved; the version in its ETag."
                    ),
                ),
                (
                    "id",
                    resources.core.fields.CharField(
                        db_column="code",
                        help_text="ISO 639-1 code, such as `fr`; ISO 639-3, such as `haw`, where there is no shorter one.",
                        max_length=3,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "alpha_3",
                    resources.core.fields.CharField(
                        help_text="ISO 639-3 code, such as `fra`.", max_length=3, unique=True
                    ),
                ),
                ("name", resources.core.fields.CharField(help_text="English name.", max_length=100)),
            ],
            options={
                "indexes": [models.Index(fields=["name", "id"], name="language_name")],
            },
        ),
        migrations.CreateModel(
            name="Country",
            fields=[
                ("created_at", models.DateTimeField(auto_now_add=True, help_text="When it was created.")),
                ("updated_at", models.DateTimeField(auto_now=True, help_text="When it was last saved.")),
                (
                    "revision",
                    resources.core.resource.RevisionField(
                        default=1, editable=False, help_text="How often it was saved; the version in its ETag."
                    ),
                ),
                (
                    "id",
                    resources.core.fields.CharField(
                        db_column="alpha_2",
                        help_text="ISO 3166-1 alpha-2 code, such as `FR`.",
                        max_length=2,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "alpha_3",
                    resources.core.fields.CharField(
                        help_text="ISO 3166-1 alpha-3 code, such as `FRA`.", max_length=3, unique=True
                    ),
                ),
                (
                    "numeric",
                    resources.core.fields.CharField(
                        blank=True,
                        help_text="ISO 3166-1 number, three digits; null where ISO gives none.",
                        max_length=3,
                        null=True,
                        unique=True,
                    ),
                ),
                ("name", resources.core.fields.CharField(help_text="English short name.", max_length=100)),
                (
                    "continent",
                    resources.core.fields.CharField(
                        choices=[
                            ("AF", "Africa"),
                            ("AN", "Antarctica"),
                            ("AS", "Asia"),
                            ("EU", "Europe"),
                            ("NA", "North America"),
                            ("OC", "Oceania"),
                            ("SA", "South America"),
                        ],
                        help_text="The continent it is counted to.",
                        max_length=2,
                    ),
                ),
                (
                    "capital",
                    resources.core.fields.CharField(
                        blank=True, help_text="English name of the capital; empty where there is none.", max_length=100
                    ),
                ),
                (
                    "area_km2",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="Area in square kilometres; null where unknown, or less than one.",
                        null=True,
                    ),
                ),
                ("population", models.PositiveBigIntegerField(help_text="Number of inhabitants.")),
                (
                    "tld",
                    resources.core.fields.CharField(
                        blank=True,
                        help_text="Top-level domain, such as `.fr`; empty where there is none.",
                        max_length=10,
                    ),
                ),
                (
                    "phone_prefix",
                    resources.core.fields.CharField(
                        blank=True,
                        help_text="Prefix for calls from abroad, such as `+33`; empty where there is none.",
                        max_length=20,
                    ),
                ),
                (
                    "currency",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        help_text="The currency in use; null where there is none.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="countries",
                        to="places.currency",
                    ),
                ),
                (
                    "languages",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The languages spoken there.",
                        related_name="countries",
                        to="places.language",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "countries",
                "indexes": [
                    models.Index(fields=["name", "id"], name="country_name"),
                    models.Index(fields=["population", "id"], name="country_population"),
                    models.Index(fields=["area_km2", "id"], name="country_area"),
                    models.Index(fields=["continent", "id"], name="country_continent"),
                    models.Index(
                        fields=["continent", "population", "id"], name="country_continent_population"
                    ),
                    models.Index(fields=["currency", "name", "id"], name="country_currency"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("continent__in", ["AF", "AN", "AS", "EU", "NA", "OC", "SA"])),
                        name="country_continent_is_known",
                        violation_error_code="invalid_choice",
                        violation_error_message="Choose one of the continents: AF, AN, AS, EU, NA, OC, SA.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Subdivision",
            fields=[
                ("created_at", models.DateTimeField(auto_now_add=True, help_text="When it was created.")),
                ("updated_at", models.DateTimeField(auto_now=True, help_text="When it was last saved.")),
                (
                    "revision",
                    resources.core.resource.RevisionField(
                        default=1, editable=False, help_text="How often it was saved; the version in its ETag."
                    ),
                ),
                (
                    "id",
                    resources.core.fields.CharField(
                        db_column="code",
                        help_text="ISO 3166-2 code, such as `FR-IDF`.",
                        max_length=6,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "name",
                    resources.core.fields.CharField(help_text="Name, in a language of the country.", max_length=100),
                ),
                (
                    "type",
                    resources.core.fields.CharField(
                        help_text="What the country calls it, such as `Metropolitan region`.", max_length=50
                    ),
                ),
                (
                    "country",
                    models.ForeignKey(
                        db_index=False,
                        help_text="The country it is part of.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="subdivisions",
                        to="places.country",
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        help_text="The subdivision it is part of; null where it is part of the country alone.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="places.subdivision",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["name", "id"], name="subdivision_name"),
                    models.Index(fields=["type", "id"], name="subdivision_type"),
                    models.Index(fields=["country", "name", "id"], name="subdivision_country"),
                    models.Index(fields=["parent", "name", "id"], name="subdivision_parent"),
                ],
            },
        ),
        migrations.CreateModel(
            name="City",
            fields=[
                ("created_at", models.DateTimeField(auto_now_add=True, help_text="When it was created.")),
                ("updated_at", models.DateTimeField(auto_now=True, help_text="When it was last saved.")),
                (
                    "revision",
                    resources.core.resource.RevisionField(
                        default=1, editable=False, help_text="How often it was saved; the version in its ETag."
                    ),
                ),
                ("latitude", models.FloatField(help_text="Degrees north of the equator, -90 to 90 (WGS 84).")),
                ("longitude", models.FloatField(help_text="Degrees east of Greenwich, -180 to 180 (WGS 84).")),
                (
                    "id",
                    models.PositiveBigIntegerField(
                        db_column="geonameid",
                        help_text="GeoNames number, such as `2988507`.",
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("name", resources.core.fields.CharField(help_text="Name, in Latin letters.", max_length=200)),
                ("population", models.PositiveBigIntegerField(help_text="Number of inhabitants.")),
                ("timezone", resources.core.fields.CharField(help_text="Time zone, by its IANA name.", max_length=50)),
                (
                    "is_capital",
                    models.BooleanField(default=False, help_text="Whether it is the capital of its country."),
                ),
                (
                    "country",
                    models.ForeignKey(
                        db_index=False,
                        help_text="The country it lies in.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cities",
                        to="places.country",
                    ),
                ),
                (
                    "subdivision",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        help_text="The subdivision it lies in; null where the sources do not say it in ISO codes.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cities",
                        to="places.subdivision",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "cities",
                "abstract": False,
                "indexes": [
                    models.Index(fields=["name", "id"], name="city_name"),
                    models.Index(fields=["population", "id"], name="city_population"),
                    models.Index(fields=["country", "id"], name="city_country"),
                    models.Index(fields=["country", "name", "id"], name="city_country_name"),
                    models.Index(fields=["country", "population", "id"], name="city_country_population"),
                    models.Index(fields=["subdivision", "population", "id"], name="city_subdivision_population"),
                    models.Index(fields=["is_capital", "population", "id"], name="city_is_capital"),
                    models.Index(fields=["timezone", "id"], name="city_timezone"),
                    models.Index(fields=["latitude", "id"], name="city_latitude"),
                    models.Index(fields=["longitude", "id"], name="city_longitude"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("latitude__range", (-90, 90))),
                        name="city_latitude_is_on_the_globe",
                        violation_error_code="invalid_latitude",
                        violation_error_message="Give a latitude from -90 to 90 degrees.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("longitude__range", (-180, 180))),
                        name="city_longitude_is_on_the_globe",
                        violation_error_code="invalid_longitude",
                        violation_error_message="Give a longitude from -180 to 180 degrees.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Airport",
            fields=[
                ("created_at", models.DateTimeField(auto_now_add=True, help_text="When it was created.")),
                ("updated_at", models.DateTimeField(auto_now=True, help_text="When it was last saved.")),
                (
                    "revision",
                    resources.core.resource.RevisionField(
                        default=1, editable=False, help_text="How often it was saved; the version in its ETag."
                    ),
                ),
                ("latitude", models.FloatField(help_text="Degrees north of the equator, -90 to 90 (WGS 84).")),
                ("longitude", models.FloatField(help_text="Degrees east of Greenwich, -180 to 180 (WGS 84).")),
                (
                    "id",
                    resources.core.fields.CharField(
                        db_column="icao",
                        help_text="ICAO code, such as `LFPG`; one made up by the source, such as `_BYY`, where there is none.",
                        max_length=4,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "iata",
                    resources.core.fields.CharField(
                        blank=True,
                        help_text="IATA code, such as `CDG`; null where there is none.",
                        max_length=3,
                        null=True,
                        unique=True,
                    ),
                ),
                ("name", resources.core.fields.CharField(help_text="Name.", max_length=150)),
                (
                    "city_name",
                    resources.core.fields.CharField(
                        blank=True, help_text="Name of the city it serves; empty where unknown.", max_length=100
                    ),
                ),
                (
                    "elevation",
                    models.IntegerField(
                        blank=True, help_text="Height above sea level in feet; null where unknown.", null=True
                    ),
                ),
                ("timezone", resources.core.fields.CharField(help_text="Time zone, by its IANA name.", max_length=50)),
                (
                    "country",
                    models.ForeignKey(
                        db_index=False,
                        help_text="The country it lies in.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="airports",
                        to="places.country",
                    ),
                ),
                (
                    "subdivision",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        help_text="The subdivision it lies in; null where the sources do not agree on a name.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="airports",
                        to="places.subdivision",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "indexes": [
                    models.Index(fields=["name", "id"], name="airport_name"),
                    models.Index(fields=["city_name", "id"], name="airport_city_name"),
                    models.Index(fields=["country", "id"], name="airport_country"),
                    models.Index(fields=["country", "name", "id"], name="airport_country_name"),
                    models.Index(fields=["subdivision", "name", "id"], name="airport_subdivision_name"),
                    models.Index(fields=["elevation", "id"], name="airport_elevation"),
                    models.Index(fields=["timezone", "id"], name="airport_timezone"),
                    models.Index(fields=["latitude", "id"], name="airport_latitude"),
                    models.Index(fields=["longitude", "id"], name="airport_longitude"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("latitude__range", (-90, 90))),
                        name="airport_latitude_is_on_the_globe",
                        violation_error_code="invalid_latitude",
                        violation_error_message="Give a latitude from -90 to 90 degrees.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("longitude__range", (-180, 180))),
                        name="airport_longitude_is_on_the_globe",
                        violation_error_code="invalid_longitude",
                        violation_error_message="Give a longitude from -180 to 180 degrees.",
                    ),
                ],
            },
        ),
    ]
