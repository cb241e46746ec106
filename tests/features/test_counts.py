"""Counts: only when asked for, exact or estimated, beside any page."""

from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from api.core.read import row_count
from api.core.read.plan import Plan
from resources.core.database.budget import Budget, OverBudgetError
from resources.places.models import City
from resources.trips.models import Stop, Trip
from tests.client import Client
from tests.world import World

CITIES = "/v1/cities"
pytestmark = pytest.mark.usefixtures("world")


def selects(queries: CaptureQueriesContext) -> list[str]:
    """Return the statements that read something; around a count stands a savepoint, where a transaction is open."""
    return [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]


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


def test_a_count_is_a_statement_of_its_own_that_a_page_does_without(api: Client) -> None:
    for limit, statements in ((2, 2), (11, 1)):  # a first page that is not full holds them all
        with CaptureQueriesContext(connection) as queries:
            assert api.get(CITIES, count="exact", limit=limit).json["count"] == 11
        assert len(selects(queries)) == statements


def breaking_off(*which: str) -> Any:
    """Let counts take too long: all of them, or only those of all rows."""
    count = Plan._count_of

    def late(plan: Plan, most: int | None) -> int:
        if most is None or "up to" in which:
            raise OverBudgetError
        return count(plan, most)

    return patch.object(Plan, "_count_of", late)


@pytest.mark.parametrize("most", [3, 50])
def test_a_count_that_takes_too_long_says_how_many_there_are_at_least(
    api: Client, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(row_count, "MOST", most)
    with breaking_off():
        found = api.get(CITIES, count="exact", limit=2)
    assert list(found.json)[2:] == (["count", "count_exact", "results"] if most == 3 else ["count", "results"])
    assert (found.json["count"], found.json.get("count_exact", True)) == ((3, False) if most == 3 else (11, True))
    assert len(found.json["results"]) == 2


def test_where_nothing_can_be_counted_the_page_says_what_it_has_seen(api: Client) -> None:
    with breaking_off("up to"):
        keyset, numbered = api.get(CITIES, count="exact", limit=4), api.get(CITIES, page=2, page_size=4)
    assert (keyset.json["count"], keyset.json["count_exact"], len(keyset.json["results"])) == (5, False, 4)
    assert (numbered.json["count"], numbered.json["count_exact"], len(numbered.json["results"])) == (9, False, 4)
    assert numbered.json["next"] is not None


def test_a_page_beyond_the_last_names_that_only_where_all_are_counted(api: Client) -> None:
    assert api.get(CITIES, page=9, page_size=4).json["detail"] == "There is no page 9; the last one is 3."
    with breaking_off("up to"):
        assert api.get(CITIES, page=9, page_size=4).json["detail"] == "There is no page 9."


def test_a_count_is_broken_off_for_real(api: Client, many: None) -> None:
    """Within the transaction of this test, which goes on."""
    with Budget.of(60), patch("api.core.read.row_count.AT_ONCE", 0):
        assert row_count.in_time(lambda: City.objects.count(), "default", 0.0) is None
        assert row_count.in_time(lambda: City.objects.count(), "default") == 2011


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"page": 2000}, 404),
        ({"page": 2001}, 400),
        ({"page": 200, "page_size": 500}, 404),
        ({"page": 201, "page_size": 500}, 400),
        ({"page": 100_001}, 400),
    ],
    ids=str,
)
def test_numbered_pages_end(api: Client, query: dict[str, Any], status: int) -> None:
    answer = api.get(CITIES, **query)
    assert answer.status == status
    if status == 400:
        assert [fault["parameter"] for fault in answer.json["errors"]] == ["page"]


def test_the_last_numbered_page_has_none_after_it(api: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("api.core.read.plan", "api.core.query.parameters.reader"):
        monkeypatch.setattr(f"{module}.MOST_NUMBERED", 8)
    assert api.get(CITIES, page=1, page_size=4).json["next"] is not None
    assert api.get(CITIES, page=2, page_size=4).json["next"] is None
    answer = api.get(CITIES, page=3, page_size=4)
    assert (answer.status, answer.json["errors"][0]["code"]) == (400, "max_value")
    assert "Follow `next` from a page by cursor" in answer.json["detail"]


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
def test_estimated(api: Client, many: None, query: dict[str, Any], count: int) -> None:
    with CaptureQueriesContext(connection) as queries:
        answer = api.get(CITIES, count="estimated", limit=1, **query)
    assert (answer.json["count"], "count_exact" in answer.json) == (count, False)
    assert len(selects(queries)) == 2


@pytest.mark.parametrize(
    ("query", "count"),
    [({}, 2011), ({"country": "AQ"}, 2000), ({"population__lte": 500, "country": "AQ"}, 500)],
    ids=str,
)
def test_many_are_estimated(
    api: Client, many: None, vendor: str, query: dict[str, Any], count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(row_count, "MOST", 100)
    answer = api.get(CITIES, count="estimated", limit=1, **query)
    assert count / 10 <= answer.json["count"] <= count * 10
    assert answer.json.get("count_exact", True) is (vendor == "sqlite")


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
