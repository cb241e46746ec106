"""Page 1,000 is as quick as page 1: an index leads to its beginning, and nothing is sorted on the way.

Asked of the databases themselves, by EXPLAIN, for the statements that a page takes.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from resources.places.models import Airport, City, Country, Subdivision
from tests.client import Client
from tests.world import World

COLUMNS = {
    "cities": ("id", "name", "population", "latitude", "longitude", "country"),
    "airports": ("id", "name", "city_name", "elevation", "latitude", "longitude", "country"),
    "subdivisions": ("id", "name", "type"),
}
BOTH = [f"/v1/{name}?ordering={sign}{column}" for name, of in COLUMNS.items() for column in of for sign in ("", "-")]
CASES = [
    *BOTH,
    "/v1/cities",
    "/v1/cities?country=FR",
    "/v1/cities?country=FR&ordering=-population",
    "/v1/cities?country=FR&ordering=population",
    "/v1/cities?country=FR&ordering=name",
    "/v1/cities?subdivision=FR-IDF&ordering=-population",
    "/v1/cities?is_capital=false&ordering=population",
    "/v1/airports?country=FR&ordering=-name",
    "/v1/airports?timezone=UTC",
    "/v1/airports?elevation__isnull=true",
]
CAREFUL = "SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off"
"""A few thousand rows are sorted sooner than looked up; this asks what PostgreSQL does when they are millions."""


@pytest.fixture
def many(world: World) -> None:
    """Make rows enough for pages that are deep, with ties and without values."""
    places = [country.id for country in Country.objects.all()]
    regions = [None, *Subdivision.objects.values_list("id", flat=True)]
    point = {"latitude": 1.5, "longitude": 2.5, "timezone": "UTC"}
    numbers = range(1, 1201)
    City.objects.bulk_create(
        City(
            id=n,
            name=f"n{n % 300}",
            country_id=places[n % 3],
            subdivision_id=regions[n % 9],
            population=n % 90,
            **point,
        )
        for n in numbers
    )
    Airport.objects.bulk_create(
        Airport(
            id=f"{n:04}",
            name=f"n{n % 300}",
            city_name=f"c{n % 70}",
            country_id=places[n % 3],
            elevation=n % 50 if n % 4 else None,
            **point,
        )
        for n in numbers
    )
    Subdivision.objects.bulk_create(
        Subdivision(id=f"X{n}", name=f"n{n % 30}", type=f"t{n % 5}", country_id=places[n % 3]) for n in numbers
    )
    City.objects.filter(id__lt=1000).update(country_id="FR", subdivision_id="FR-IDF")
    Airport.objects.filter(id__lt="0900").update(country_id="FR")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        if connection.vendor == "postgresql":
            cursor.execute(CAREFUL)


def pages(api: Client, url: str) -> Iterator[str]:
    """Walk down, and yield the addresses of the first page, of one far down, of the last one, and of one up again."""
    yield url
    down = [url]
    while (following := api.get(down[-1]).json["next"]) is not None:
        down.append(following)
    yield down[len(down) // 2]
    yield down[-1]
    yield api.get(down[-1]).json["previous"]


def statements(api: Client, url: str) -> Iterator[str]:
    with CaptureQueriesContext(connection) as queries:
        assert api.get(url).status == 200
    yield from (query["sql"] for query in queries if query["sql"].startswith("SELECT"))


def plan(statement: str) -> list[str]:
    how = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
    with connection.cursor() as cursor:
        cursor.execute(f"{how} {statement.replace('%', '%%')}")
        return [str(row[-1]) for row in cursor.fetchall()]


def faults(steps: list[str], deep: bool) -> list[str]:
    """Return the steps that sort, or that read rows which come before the page."""
    if connection.vendor == "sqlite":
        return [step for step in steps if "TEMP B-TREE" in step or (deep and step.startswith("SCAN"))]
    unbounded = deep and not any("Index Cond" in step for step in steps)
    return [step for step in steps if unbounded or any(word in step for word in ("Sort", "Seq Scan", "Bitmap"))]


def test_an_index_leads_to_every_page_and_nothing_is_sorted(api: Client, many: None) -> None:
    wrong: list[Any] = []
    for case in CASES:
        for place, url in enumerate(pages(api, f"{case}{'&' if '?' in case else '?'}limit=100&fields=id")):
            for statement in statements(api, url):
                found = faults(plan(statement), deep=place > 0)
                wrong += [(case, place, found, statement)] if found else []
    assert wrong == []


@pytest.mark.parametrize("ordering", ["name,-id", "-country,population", "country__name,-name"])
def test_an_order_that_no_index_gives_is_bounded_by_one(api: Client, many: None, ordering: str) -> None:
    _, *deep = pages(api, f"/v1/cities?ordering={ordering}&limit=100&fields=id")
    for url in deep:
        for statement in statements(api, url):
            steps = plan(statement)
            bound = "SEARCH" if connection.vendor == "sqlite" else "Index Cond"
            assert any(bound in step for step in steps), statement
            assert not any("MULTI-INDEX OR" in step for step in steps), statement
