"""django-bolt: async handlers that return QuerySets, with msgspec structs for what is shown."""

from __future__ import annotations

import datetime
from typing import Any

import msgspec
from django.db.models import QuerySet
from django_bolt import BoltAPI
from django_bolt.exceptions import NotFound

from benchmarks.peers.models import City, Country

api = BoltAPI()
ORDER = ("-population", "-id")


class LanguageOut(msgspec.Struct):
    """A language."""

    id: str
    alpha_3: str
    name: str
    created_at: datetime.datetime
    updated_at: datetime.datetime
    revision: int


class CountryBase(msgspec.Struct):
    """A country without its languages."""

    id: str
    alpha_3: str
    numeric: str | None
    name: str
    continent: str
    capital: str
    area_km2: int | None
    population: int
    currency_id: str | None
    tld: str
    phone_prefix: str
    created_at: datetime.datetime
    updated_at: datetime.datetime
    revision: int


class CountryOut(CountryBase, kw_only=True):
    """A country, with the keys of its languages."""

    languages: list[str]


class CountryWithLanguages(CountryBase, kw_only=True):
    """A country with its languages as objects."""

    languages: list[LanguageOut]


class CityBase(msgspec.Struct):
    """A city without its country."""

    id: int
    name: str
    subdivision_id: str | None
    population: int
    latitude: float
    longitude: float
    timezone: str
    is_capital: bool
    created_at: datetime.datetime
    updated_at: datetime.datetime
    revision: int


class CityOut(CityBase, kw_only=True):
    """A city."""

    country_id: str


class CityWithCountry(CityBase, kw_only=True):
    """A city with its country as an object."""

    country: CountryOut


class CityIn(msgspec.Struct):
    """What makes a city."""

    id: int
    name: str
    country: str
    population: int
    latitude: float
    longitude: float
    timezone: str
    subdivision: str | None = None
    is_capital: bool = False


def struct[Out: msgspec.Struct](kind: type[Out], row: Any, **more: Any) -> Out:
    """Fill a struct from a row."""
    names = [name for name in kind.__struct_fields__ if name not in more]
    return kind(**{name: getattr(row, name) for name in names}, **more)


def chosen(country: str | None, population: int | None, latitude: float | None) -> QuerySet[City]:
    """Filter cities."""
    given = {"country": country, "population__gte": population, "latitude__gte": latitude}
    return City.objects.filter(**{name: value for name, value in given.items() if value is not None}).order_by(*ORDER)


@api.get("/cities")
async def cities(
    country: str | None = None,
    population__gte: int | None = None,
    latitude__gte: float | None = None,
    limit: int = 50,
    offset: int = 0,
) -> list[CityOut]:
    """List cities."""
    return chosen(country, population__gte, latitude__gte)[offset : offset + limit]


@api.get("/cities/with-country")
async def cities_with_country(country: str, limit: int = 50) -> list[CityWithCountry]:
    """List cities with their countries."""
    rows = chosen(country, None, None).select_related("country").prefetch_related("country__languages")[:limit]
    shown = []
    async for row in rows:
        keys = [language.pk for language in row.country.languages.all()]
        shown.append(struct(CityWithCountry, row, country=struct(CountryOut, row.country, languages=keys)))
    return shown


@api.get("/cities/count")
async def count(country: str) -> dict[str, int]:
    """Count cities."""
    return {"count": await chosen(country, None, None).acount()}


@api.get("/cities/{key}")
async def city(key: int) -> CityOut:
    """Read one city."""
    row = await City.objects.filter(pk=key).afirst()
    if row is None:
        raise NotFound
    return struct(CityOut, row)


@api.post("/cities", status_code=201)
async def create(body: CityIn) -> CityOut:
    """Create a city."""
    given = msgspec.structs.asdict(body)
    given |= {"country_id": given.pop("country"), "subdivision_id": given.pop("subdivision")}
    return struct(CityOut, await City.objects.acreate(**given))


@api.get("/countries")
async def countries(population__lte: int, limit: int = 50) -> list[CountryWithLanguages]:
    """List countries with their languages."""
    rows = Country.objects.filter(population__lte=population__lte).order_by(*ORDER).prefetch_related("languages")
    shown = []
    async for row in rows[:limit]:
        languages = [struct(LanguageOut, language) for language in row.languages.all()]
        shown.append(struct(CountryWithLanguages, row, languages=languages))
    return shown
