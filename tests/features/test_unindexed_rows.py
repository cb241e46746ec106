"""UNINDEXED_ROWS: what no index serves is refused on large tables, with what to use in its place."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test.utils import CaptureQueriesContext

from api.core.query.parameters.templates import TEMPLATES
from api.core.settings.configuration import number_or_off
from resources.core.database import table_size
from resources.places.models import City
from tests.client import Answer, Client

pytestmark = pytest.mark.usefixtures("world")
SERVED = ["country=FR", "name__icontains=par", "population__gte=1", "search=paris", "is_capital=true", "ordering=-name"]


@pytest.fixture(autouse=True)
def large(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Take every table for one of two million rows, but that of countries, and leave time zones without an index."""
    from api.core.read import unindexed

    settings.UNINDEXED_ROWS = 1_000_000
    monkeypatch.setattr(unindexed, "table_size", lambda model, using: 100 if model.__name__ == "Country" else 2_000_000)
    indexes = [each for each in City._meta.indexes if [*each.fields[:1]] != ["timezone"]]
    monkeypatch.setattr(City._meta, "indexes", indexes)
    TEMPLATES.clear()
    yield
    TEMPLATES.clear()
    table_size.forget()


def faults(answer: Answer) -> list[tuple[str, str]]:
    assert answer.status == 400, answer.text
    assert answer.json["type"].endswith("/invalid-parameters")
    return [(fault["parameter"], fault["code"]) for fault in answer.json["errors"]]


def test_it_works(api: Client) -> None:
    answer = api.get("/v1/cities?timezone=Europe/Paris")
    assert faults(answer) == [("timezone", "no_index")]
    assert answer.json["errors"][0]["detail"] == (
        "No index serves timezone, and cities have more rows than UNINDEXED_ROWS (1,000,000). Add a filter "
        "that has one, such as id, name, country, country__continent, country__currency, subdivision, "
        "population, latitude."
    )


@pytest.mark.parametrize("query", SERVED)
def test_what_an_index_serves_is_answered_alone_and_beside_it(api: Client, query: str) -> None:
    assert api.get(f"/v1/cities?{query}").status == 200
    beside = api.get(f"/v1/cities?{query}&timezone=Europe/Paris").status
    assert beside == (400 if query.startswith("ordering") else 200)


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("timezone__in=UTC&count=exact", ["timezone__in"]),
        ('filter={"or": [{"country": "FR"}, {"timezone": "UTC"}]}', ["filter"]),
        ("timezone__in=UTC&page=1", ["timezone__in"]),
    ],
)
def test_every_kind_of_list_is_refused(api: Client, query: str, named: list[str]) -> None:
    assert [name for name, _ in faults(api.get(f"/v1/cities?{query}"))] == named
    if "page" not in query and "count" not in query:
        assert [name for name, _ in faults(api.get(f"/v1/cities?{query}", accept="text/csv"))] == named


def test_nothing_is_asked_of_the_database_and_it_stays_refused(api: Client) -> None:
    from django.db import connection

    for _ in range(4):  # also once the parameters are known, by the short cut
        with CaptureQueriesContext(connection) as queries:
            assert api.get("/v1/cities?timezone=UTC").status == 400
        assert not [each for each in queries if "places_city" in each["sql"]]


def test_a_negation_leaves_most_rows_and_is_answered(api: Client) -> None:
    assert api.get("/v1/cities?timezone__not=UTC").status == 200


def test_small_tables_are_read_whole(api: Client) -> None:
    assert api.get("/v1/countries?name__icontains=fran").status == 200


def test_rows_of_ones_own_are_looked_at(owner: Client) -> None:
    assert owner.get("/v1/trips?name__icontains=alps").json["results"]
    assert owner.get("/v1/stops?search=geneva").status == 200


def test_items_are_no_lists(api: Client) -> None:
    assert api.get("/v1/cities/2988507").status == 200


def test_it_can_be_off(api: Client, settings: Any) -> None:
    settings.UNINDEXED_ROWS = None
    assert api.get("/v1/cities?timezone=Europe/Paris").json["results"]


def test_the_setting_is_a_number_or_off() -> None:
    assert (number_or_off("UNINDEXED_ROWS", "off"), number_or_off("UNINDEXED_ROWS", "10")) == (None, 10)
    with pytest.raises(ImproperlyConfigured, match="UNINDEXED_ROWS is 'many'; write a whole number, or off"):
        number_or_off("UNINDEXED_ROWS", "many")
