"""Pages are found by few keys first, or by a walk along their order: the same rows, in the same order."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection
from django.db.models import Index, Q
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from api.core.read import ways
from api.core.read.pipeline import Way
from api.core.read.strategies import PLANS
from api.core.read.ways import FEW, MANY, SOME, TRIES, Try, Ways
from resources.places.models import City
from tests.client import Client
from tests.features.test_levels import pairs, queries
from tests.specimens.made import VALUES, related_collections, stored
from tests.world import World


@pytest.fixture(autouse=True)
def nothing_known() -> Iterator[None]:
    """Begin with nothing kept, and leave nothing."""
    PLANS.clear()
    TRIES.answers.clear()
    yield
    PLANS.clear()
    TRIES.answers.clear()


@contextmanager
def large() -> Iterator[None]:
    """Take tables of a few rows for large ones, of which nobody has few."""
    with (
        patch.object(ways, "table_size", lambda model, using: 10**7),
        patch("resources.core.access.own_rows.table_size", lambda model, using: 10**7),
        patch("resources.core.access.own_rows.OwnRows.are_few", lambda self, actor: False),
        patch("resources.core.access.own_rows.OwnRowsAtEnds.are_few", lambda self, actor: False),
    ):
        yield


@contextmanager
def only(way: Way) -> Iterator[None]:
    """Take one way wherever there is a choice."""
    tries = FEW if way is Way.FEW else (Try(way),)
    with (
        large(),
        patch.object(Ways, "tries", lambda self: tries),
        patch.object(ways, "_one_index_serves", lambda _: False),
    ):
        TRIES.answers.clear()
        yield


def asked(client: Client, url: str, **query: Any) -> list[Any]:
    """Ask for pages up to the end, and for the one before the last; return what was answered."""
    answers = [client.get(url, **query)]
    while answers[-1].json["next"] and len(answers) < 4:
        answers.append(client.get(answers[-1].json["next"]))
    if answers[-1].json["previous"]:
        answers.append(client.get(answers[-1].json["previous"]))
    assert {answer.status for answer in answers} == {200}, answers[-1].text
    return [pairs(answer.text) for answer in answers]


@given(data=st.data())
def test_any_request_is_answered_alike_every_way(specimens: Client, data: st.DataObject) -> None:
    collection = data.draw(related_collections(set(VALUES)))
    query = data.draw(queries(collection))
    with stored(collection):
        usual = asked(specimens, "/v1/specimens", **query)
        for way in Way:
            with only(way):
                for _ in range(3):  # compiled, then traced, then bound
                    assert asked(specimens, "/v1/specimens", **query) == usual


OF_TRIPS = (
    {"stops__city__country": "CH"},
    {"stops__city__country__not": "CH"},
    {"members__role": "viewer", "members__role__not": "editor"},
    {"filter": '{"or": [{"stops__city__country": "CH"}, {"members__role": "editor"}]}', "count": "exact"},
    {"filter": '{"or": [{"name": "Alps"}, {"not": {"stops__city__country": "FR"}}], "stops__city__isnull": false}'},
    {"search": "a e", "count": "exact"},
    {"currency": "EUR", "ordering": "-begins_on,name"},
    {"ordering": "-budget", "count": "exact"},
)


@pytest.mark.parametrize("query", OF_TRIPS, ids=str)
def test_lists_under_a_policy(api: Client, world: World, query: dict[str, Any]) -> None:
    for person in (world.owner, world.viewer, world.stranger):
        client = api.acting_for(person)
        usual = asked(client, "/v1/trips", limit=1, **query)
        for way in Way:
            with only(way):
                for _ in range(3):
                    assert asked(client, "/v1/trips", limit=1, **query) == usual


def statements(client: Client, url: str, **query: Any) -> list[str]:
    """Return the statements on cities that a request is answered by."""
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url, **query).status == 200
    return [each["sql"] for each in captured if '"places_city"' in each["sql"] and "MAX(rowid)" not in each["sql"]]


def test_few_rows_are_counted_once_and_then_found(api: Client, world: World) -> None:
    with large():
        counting, finding = statements(api, "/v1/cities", country__continent="EU")
        assert "COUNT(*)" in counting
        assert '"kept"' in finding
        for _ in range(3):
            [again] = statements(api, "/v1/cities", country__continent="EU")
            assert '"kept"' in again


def test_what_one_index_serves_is_not_counted(api: Client, world: World) -> None:
    with large():
        for query in ({"country": "FR"}, {"population__gte": 5, "ordering": "-population"}, {"ordering": "name"}):
            [statement] = statements(api, "/v1/cities", **query)
            assert "kept" not in statement


def test_an_index_of_some_rows_does_not_serve_all(api: Client, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    capitals = Index(fields=["population", "id"], condition=Q(is_capital=True), name="capitals")
    monkeypatch.setattr(City._meta, "indexes", [capitals])
    with large():
        counting, _ = statements(api, "/v1/cities", population=5)
        assert "COUNT(*)" in counting


def test_small_tables_are_left_to_the_planner(api: Client, world: World) -> None:
    [statement] = statements(api, "/v1/cities", country__continent="EU")
    assert "kept" not in statement


class Clock:
    """Says of some ways that they take too long, and notes which were tried."""

    def __init__(self, too_long: int) -> None:
        self.too_long, self.tried = too_long, list[Way]()

    def in_time(self, ask: Any, using: str, seconds: float) -> Any:
        if seconds == ways.COUNTING:
            return ask()
        self.tried.append(ask.args[0])
        return None if len(self.tried) <= self.too_long else ask()


@pytest.mark.parametrize("few", [0, 1000])
def test_a_way_that_takes_too_long_is_given_up_for_the_next(api: Client, world: World, vendor: str, few: int) -> None:
    expected = SOME if few else MANY[vendor]
    query = {"country__continent": "EU", "ordering": "latitude"}
    usual = api.get("/v1/cities", **query).text
    with (
        large(),
        patch.object(ways, "LEAST_FEW", 0),
        patch.object(ways, "few_among", lambda size: few),
        patch.object(ways, "COUNTING", -1),
    ):
        for too_long in range(len(expected)):
            TRIES.answers.clear()
            clock = Clock(too_long)
            with patch.object(ways, "in_time", clock.in_time):
                assert api.get("/v1/cities", **query).text == usual
                assert clock.tried == [each.way for each in expected[:-1]][: too_long + 1]
                clock.too_long = 0
                clock.tried.clear()
                assert api.get("/v1/cities", **query).text == usual
                assert clock.tried == [each.way for each in expected[:-1]][too_long : too_long + 1]  # remembered


def test_counting_that_takes_too_long_is_given_up(api: Client, world: World) -> None:
    usual = api.get("/v1/cities", country__continent="EU").text
    with large(), patch.object(ways, "in_time", lambda ask, using, seconds: None):
        assert api.get("/v1/cities", country__continent="EU").text == usual
    assert set(TRIES.answers.values())


def test_an_export_finds_few_rows_first_and_passes_many_once(api: Client, world: World) -> None:
    usual = api.get("/v1/cities", country__continent="EU", accept="text/csv").text
    for few in (10, 0):
        with (
            large(),
            patch.object(ways, "LEAST_FEW", 0),
            patch.object(ways, "few_among", lambda size, few=few: few),
        ):
            TRIES.answers.clear()
            assert api.get("/v1/cities", country__continent="EU", accept="text/csv").text == usual
