"""Counts: only when asked for, exact or estimated, beside any page."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from resources.places.models import City
from resources.trips.models import Stop, Trip
from tests.client import Client
from tests.world import World

CITIES = "/v1/cities"
pytestmark = pytest.mark.usefixtures("world")


def test_nobody_counts_unasked(api: Client) -> None:
    with CaptureQueriesContext(connection) as queries:
        answer = api.get(CITIES)
    assert "count" not in answer.json
    assert len(queries) == 1
    assert "COUNT(" not in queries[0]["sql"].upper()


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({}, 11),
        ({"country": "FR"}, 3),
        ({"country__not": "FR"}, 8),
        ({"search": "paris"}, 2),
        ({"filter": {"or": [{"country": "FR"}, {"country": "JP"}]}}, 4),
        ({"country": "AQ"}, 0),
        ({"limit": 2}, 11),
        ({"limit": 2, "ordering": "-population", "fields": "id", "expand": "country"}, 11),
    ],
    ids=str,
)
def test_exact(api: Client, query: dict[str, Any], count: int) -> None:
    answer = api.get(CITIES, count="exact", **query)
    assert list(answer.json) == ["next", "previous", "count", "results"]
    assert answer.json["count"] == count


def test_every_page_says_the_same(api: Client) -> None:
    page = api.get(CITIES, count="exact", limit=4)
    counts = [page.json["count"]]
    while page.json["next"]:
        page = api.get(page.json["next"])
        counts.append(page.json["count"])
    assert counts == [11, 11, 11]


def test_a_count_comes_with_the_page(api: Client) -> None:
    with CaptureQueriesContext(connection) as queries:
        api.get(CITIES, count="exact", limit=2)
    assert len(queries) == 1


def test_numbered_pages_always_count(api: Client) -> None:
    answer = api.get(CITIES, page=2, page_size=4)
    assert (answer.json["count"], len(answer.json["results"])) == (11, 4)
    assert api.get(CITIES, page=1, country="AQ").json["count"] == 0


def test_only_what_one_may_read_is_counted(api: Client, world: World) -> None:
    for who in (world.owner, world.editor, world.stranger):
        assert api.acting_for(who).get("/v1/trips", count="exact").json["count"] == 1
    assert api.acting_for(world.owner).get("/v1/stops", count="exact").json["count"] == 3
    assert api.acting_for(world.owner).get("/v1/stops", page=1).json["count"] == 3


def test_a_condition_across_a_list_counts_no_row_twice(api: Client, world: World) -> None:
    owner = api.acting_for(world.owner)
    assert owner.get("/v1/trips", stops__city__country="CH", count="exact").json["count"] == 1


@pytest.fixture
def many() -> None:
    City.objects.bulk_create(
        City(
            id=number,
            name=f"City {number}",
            country_id="AQ",
            population=number,
            latitude=0,
            longitude=0,
            timezone="UTC",
        )
        for number in range(1, 2001)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


@pytest.mark.parametrize(
    ("query", "count"),
    [({}, 2011), ({"country": "AQ"}, 2000), ({"population__lte": 500, "country": "AQ"}, 500)],
    ids=str,
)
def test_estimated(api: Client, many: None, vendor: str, query: dict[str, Any], count: int) -> None:
    with CaptureQueriesContext(connection) as queries:
        found = api.get(CITIES, count="estimated", limit=1, **query).json["count"]
    assert count / 10 <= found <= count * 10
    assert len(queries) == 2
    if vendor == "sqlite":
        assert found == count
    else:
        assert not any("COUNT(" in query["sql"].upper() for query in queries)


@pytest.mark.parametrize("value", ["true", "yes", "", "EXACT", "estimate"])
def test_other_words_are_refused(api: Client, value: str) -> None:
    answer = api.get(CITIES, count=value)
    assert answer.status == 400
    assert answer.json["errors"][0]["parameter"] == "count"


def test_an_item_is_not_counted(api: Client) -> None:
    assert api.get(f"{CITIES}/2988507", count="exact").status == 400


@pytest.mark.parametrize("count", ["exact", "estimated"])
def test_conditions_that_nothing_can_meet(api: Client, count: str) -> None:
    answer = api.get(CITIES, filter={"not": {"and": []}}, count=count)
    assert (answer.json["count"], answer.json["results"]) == (0, [])


@pytest.mark.parametrize("query", [{"name": "Another's"}, {"stops__city": 2988507}, {"search": "another's"}], ids=str)
def test_an_estimate_tells_nothing_of_what_one_may_not_read(api: Client, world: World, query: dict[str, Any]) -> None:
    """The planner's statistics speak of everybody's rows: who has many of their own would see them in its estimate."""
    days = {"begins_on": "2027-05-01", "ends_on": "2027-05-09"}
    for who, name in ((world.owner, "Mine"), (world.stranger, "Another's")):
        trips = Trip.objects.bulk_create(Trip(owner=who, name=name, **days) for _ in range(1000))
        Stop.objects.bulk_create(Stop(trip=trip, position=1, city_id=2988507) for trip in trips if name != "Mine")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    assert api.acting_for(world.owner).get("/v1/trips", count="estimated", **query).json["count"] == 0
