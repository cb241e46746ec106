"""Pages of rows with lists inside: each statement shows few objects, a page ends where it is full, none is lost."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from api.core.read import plan
from resources.places.models import City
from tests.client import Answer, Client
from tests.world import World

COUNTRIES, LISTS = "/v1/countries", "cities,languages"


@pytest.fixture(autouse=True)
def _small(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Statements of two rows, and pages of four KB."""
    monkeypatch.setattr(plan, "MOST_OBJECTS", 400)
    monkeypatch.setattr(plan, "ENOUGH", 4096)
    times = {"latitude": 0, "longitude": 0, "timezone": "UTC"}
    City.objects.bulk_create(
        City(id=number, name=f"City {number}", country_id="AQ", population=1, **times) for number in range(1, 150)
    )


@pytest.fixture(params=["traced", "compiled", "interpreted"], autouse=True)
def _level(request: pytest.FixtureRequest, settings: Any) -> None:
    settings.READ_LEVEL = request.param


def pages(client: Client, **query: Any) -> list[Answer]:
    found = [client.get(COUNTRIES, **query)]
    while found[-1].json["next"]:
        found.append(client.get(found[-1].json["next"]))
    return found


def rows(pages: list[Answer]) -> list[Any]:
    return [row for page in pages for row in page.json["results"]]


@pytest.mark.parametrize("ordering", ["id", "-population,name"])
def test_it_works(api: Client, ordering: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = pages(api, expand=LISTS, ordering=ordering)
    assert len(found) > 1
    assert all(page.json["results"] for page in found)
    with monkeypatch.context() as patched:
        patched.setattr(plan, "MOST_OBJECTS", 10**9)
        assert rows(found) == api.get(COUNTRIES, expand=LISTS, ordering=ordering).json["results"]


def test_the_way_back_shows_the_same_rows(api: Client) -> None:
    there = pages(api, expand=LISTS)
    back = [there[-1]]
    while back[-1].json["previous"]:
        back.append(api.get(back[-1].json["previous"]))
    seen = [row["id"] for page in reversed(back) for row in page.json["results"]]
    assert seen == [row["id"] for row in rows(there)]


def test_a_limit_is_kept(api: Client) -> None:
    found = api.get(COUNTRIES, expand="languages", limit=3, fields="id")
    assert (len(found.json["results"]), bool(found.json["next"])) == (3, True)


def test_what_is_counted_is_all(api: Client) -> None:
    counted = {page.json["count"] for page in pages(api, expand=LISTS, count="exact")}
    assert counted == {len(rows(pages(api)))}


def test_pages_without_lists_are_one_statement(api: Client) -> None:
    with CaptureQueriesContext(connection) as queries:
        api.get("/v1/cities", expand="country", limit=500)
    assert len([each for each in queries if "SELECT" in each["sql"]]) <= 3  # an interpreted one asks for more


def test_an_export_is_the_same(api: Client) -> None:
    lines = api.get(COUNTRIES, accept="application/x-ndjson", expand=LISTS).lines
    assert lines == rows(pages(api, expand=LISTS))


def test_a_row_of_too_many_objects_is_refused(api: Client) -> None:
    lists = "subdivisions.children.cities,subdivisions.cities,cities.subdivision"
    for path in (COUNTRIES, f"{COUNTRIES}/FR"):
        answer = api.get(path, expand=lists)
        assert answer.status == 400
        [error] = answer.json["errors"]
        assert (error["parameter"], error["code"]) == ("expand", "too_many")
        assert error["detail"].startswith("One row would show up to 12301 objects, and 12000 are the most.")


def test_a_numbered_page_of_too_many_is_refused(api: Client) -> None:
    assert api.get(COUNTRIES, page_size=100, expand="cities").status == 200
    answer = api.get(COUNTRIES, page_size=500, expand="cities")
    assert answer.status == 400
    [error] = answer.json["errors"]
    assert (error["parameter"], error["code"]) == ("page_size", "too_many")
    assert error["detail"].startswith("With these lists a numbered page has at most 118 rows")
