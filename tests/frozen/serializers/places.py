"""How places look as JSON."""

from rest_framework import serializers

from resources.places.models import Airport, City, Country, Currency, Language, Subdivision

STAMPS = ("created_at", "updated_at", "revision")


class CurrencySerializer(serializers.ModelSerializer[Currency]):
    """A currency."""

    class Meta:
        model = Currency
        fields = ("id", "name", "symbol", "numeric", "decimals", *STAMPS)


class LanguageSerializer(serializers.ModelSerializer[Language]):
    """A language."""

    class Meta:
        model = Language
        fields = ("id", "alpha_3", "name", *STAMPS)


class CountrySerializer(serializers.ModelSerializer[Country]):
    """A country, with the keys of its currency and languages."""

    class Meta:
        model = Country
        fields = (
            "id",
            "alpha_3",
            "numeric",
            "name",
            "continent",
            "capital",
            "area_km2",
            "population",
            "currency",
            "languages",
            "tld",
            "phone_prefix",
            *STAMPS,
        )


class SubdivisionSerializer(serializers.ModelSerializer[Subdivision]):
    """A subdivision of a country."""

    class Meta:
        model = Subdivision
        fields = ("id", "name", "type", "country", "parent", *STAMPS)


class CitySerializer(serializers.ModelSerializer[City]):
    """A city."""

    class Meta:
        model = City
        fields = (
            "id",
            "name",
            "country",
            "subdivision",
            "population",
            "latitude",
            "longitude",
            "timezone",
            "is_capital",
            *STAMPS,
        )


class AirportSerializer(serializers.ModelSerializer[Airport]):
    """An airport."""

    class Meta:
        model = Airport
        fields = (
            "id",
            "iata",
            "name",
            "city_name",
            "country",
            "subdivision",
            "elevation",
            "latitude",
            "longitude",
            "timezone",
            *STAMPS,
        )
