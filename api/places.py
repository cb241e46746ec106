"""Places: reference data that anybody may read and staff may change."""

from api.core.viewset import ResourceViewSet
from resources.core.policy import anyone, read, staff, write
from resources.places.models import Airport, City, Country, Currency, Language, Subdivision
from serializers.places import (
    AirportSerializer,
    CitySerializer,
    CountrySerializer,
    CurrencySerializer,
    LanguageSerializer,
    SubdivisionSerializer,
)

REFERENCE = read(anyone) | write(staff)


class CurrencyViewSet(ResourceViewSet):
    """Currencies, by their ISO 4217 code."""

    queryset = Currency.objects.all()
    serializer_class = CurrencySerializer
    policy = REFERENCE
    filterset_fields = ("id", "name", "numeric", "decimals")
    search_fields = ("name", "=id")
    ordering_fields = ("name",)
    unindexed = "__all__"  # there are 155


class LanguageViewSet(ResourceViewSet):
    """Languages, by their ISO 639 code."""

    queryset = Language.objects.all()
    serializer_class = LanguageSerializer
    policy = REFERENCE
    filterset_fields = ("id", "alpha_3", "name", "countries")
    search_fields = ("name", "=id", "=alpha_3")
    ordering_fields = ("name",)
    unindexed = "__all__"  # there are 275


class CountryViewSet(ResourceViewSet):
    """Countries and territories, by their ISO 3166-1 code."""

    queryset = Country.objects.all()
    serializer_class = CountrySerializer
    policy = REFERENCE
    filterset_fields = (
        "id",
        "alpha_3",
        "numeric",
        "name",
        "continent",
        "area_km2",
        "population",
        "currency",
        "languages",
    )
    search_fields = ("name", "capital", "=id", "=alpha_3")
    ordering_fields = ("name", "population", "area_km2", "continent")
    unindexed = "__all__"  # there are 252
    expand = ("currency", "languages", "subdivisions", "cities", "airports")


class SubdivisionViewSet(ResourceViewSet):
    """Regions, states, provinces and districts, by their ISO 3166-2 code."""

    queryset = Subdivision.objects.all()
    serializer_class = SubdivisionSerializer
    policy = REFERENCE
    filterset_fields = ("id", "name", "type", "country", "country__continent", "parent")
    search_fields = ("name", "=id")
    ordering_fields = ("name", "type", "country__name")
    unindexed = "__all__"  # there are 5,000, of which hardly any is added
    expand = ("country", "parent", "children", "cities", "airports")


class CityViewSet(ResourceViewSet):
    """Cities, by their GeoNames number."""

    queryset = City.objects.all()
    serializer_class = CitySerializer
    policy = REFERENCE
    filterset_fields = (
        "id",
        "name",
        "country",
        "country__continent",
        "country__currency",
        "subdivision",
        "population",
        "latitude",
        "longitude",
        "timezone",
        "is_capital",
    )
    search_fields = ("name",)
    ordering_fields = ("name", "population", "latitude", "longitude", "country", "country__name")
    expand = ("country", "subdivision")


class AirportViewSet(ResourceViewSet):
    """Airports and landing strips, by their ICAO code."""

    queryset = Airport.objects.all()
    serializer_class = AirportSerializer
    policy = REFERENCE
    filterset_fields = (
        "id",
        "iata",
        "name",
        "city_name",
        "country",
        "country__continent",
        "subdivision",
        "elevation",
        "latitude",
        "longitude",
        "timezone",
    )
    search_fields = ("name", "city_name", "=id", "=iata")
    ordering_fields = ("name", "city_name", "elevation", "latitude", "longitude", "country", "country__name")
    expand = ("country", "subdivision")


VIEWSETS = (CountryViewSet, SubdivisionViewSet, CurrencyViewSet, LanguageViewSet, CityViewSet, AirportViewSet)
