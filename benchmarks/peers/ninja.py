"""django-ninja: typed operations that return QuerySets, and model schemas that show them."""

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import path
from ninja import Field, FilterSchema, ModelSchema, NinjaAPI, Query, Schema

from benchmarks.peers.models import City, Country, Language

api = NinjaAPI(openapi_url=None)
ORDER = ("-population", "-id")


class Languages(ModelSchema):
    """A language."""

    class Meta:
        model = Language
        fields = ["id", "alpha_3", "name", "created_at", "updated_at", "revision"]


class CountryOut(ModelSchema):
    """A country, with the keys of its languages."""

    class Meta:
        model = Country
        fields = [field.name for field in Country._meta.get_fields() if not field.auto_created]


class CountryWithLanguages(CountryOut):
    """A country with its languages as objects."""

    languages: list[Languages]


class CityOut(ModelSchema):
    """A city."""

    class Meta:
        model = City
        fields = [field.name for field in City._meta.get_fields()]


class CityWithCountry(CityOut):
    """A city with its country as an object."""

    country: CountryOut


class CityIn(Schema):
    """What makes a city."""

    id: int
    name: str = Field(max_length=200)
    country_id: str = Field(alias="country")
    subdivision_id: str | None = Field(None, alias="subdivision")
    population: int = Field(ge=0)
    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)
    timezone: str = Field(max_length=50)
    is_capital: bool = False


class CityFilter(FilterSchema):
    """How cities are filtered."""

    country: str | None = None
    population__gte: int | None = None
    latitude__gte: float | None = None


def page[Row: (City, Country)](rows: QuerySet[Row], limit: int, offset: int) -> QuerySet[Row]:
    """Slice an ordered list, without counting it."""
    return rows.order_by(*ORDER)[offset : offset + limit]


@api.get("/cities", response=list[CityOut])
def cities(request: HttpRequest, filters: Query[CityFilter], limit: int = 50, offset: int = 0) -> QuerySet[City]:
    """List cities."""
    return page(filters.filter(City.objects.all()), limit, offset)


@api.get("/cities/with-country", response=list[CityWithCountry])
def cities_with_country(request: HttpRequest, filters: Query[CityFilter], limit: int = 50) -> QuerySet[City]:
    """List cities with their countries."""
    rows = City.objects.select_related("country").prefetch_related("country__languages")
    return page(filters.filter(rows), limit, 0)


@api.get("/cities/count")
def count(request: HttpRequest, filters: Query[CityFilter]) -> dict[str, int]:
    """Count cities."""
    return {"count": filters.filter(City.objects.all()).count()}


@api.get("/cities/{key}", response=CityOut)
def city(request: HttpRequest, key: int) -> City:
    """Read one city."""
    return get_object_or_404(City, pk=key)


@api.post("/cities", response={201: CityOut})
def create(request: HttpRequest, body: CityIn) -> tuple[int, City]:
    """Create a city."""
    return 201, City.objects.create(**body.dict())


@api.get("/countries", response=list[CountryWithLanguages])
def countries(request: HttpRequest, population__lte: int, limit: int = 50) -> QuerySet[Country]:
    """List countries with their languages."""
    rows = Country.objects.filter(population__lte=population__lte).prefetch_related("languages")
    return page(rows, limit, 0)


urlpatterns = [path("", api.urls)]
