"""Ordering: total, alike on both databases, and blind to what the reader may not see."""

from collections.abc import Callable
from typing import Any

import pytest

from resources.places.models import Airport, City
from tests.client import Client
from tests.specimens.models import Drawer, Specimen
from tests.world import World


@pytest.fixture(autouse=True)
def _world(world: World) -> None:
    pass


def ids(api: Client, url: str, **query: Any) -> list[Any]:
    answer = api.get(url, fields="id", **query)
    assert answer.status == 200, answer.text
    return [row["id"] for row in answer.json["results"]]


CITIES: dict[str, Callable[[City], Any]] = {
    "name": lambda city: city.name,
    "population": lambda city: city.population,
    "latitude": lambda city: city.latitude,
    "longitude": lambda city: city.longitude,
    "country": lambda city: city.country_id,
    "country__name": lambda city: city.country.name,
    "id": lambda city: city.id,
}


@pytest.mark.parametrize("name", CITIES)
def test_by_every_column_on_offer(api: Client, name: str) -> None:
    rows = sorted(City.objects.select_related("country"), key=lambda city: (CITIES[name](city), city.id))
    assert ids(api, "/v1/cities", ordering=name) == [city.id for city in rows]
    assert ids(api, "/v1/cities", ordering=f"-{name}") == [city.id for city in reversed(rows)]


def test_every_column_on_offer_is_tried(api: Client) -> None:
    answer = api.get("/v1/cities", ordering="-")
    assert answer.json["errors"][0]["code"] == "unknown"
    from api.places import CityViewSet

    assert CityViewSet.grammar().orderings.keys() == CITIES.keys()


def test_by_several_columns_in_different_directions(api: Client) -> None:
    rows = api.get("/v1/cities", ordering="country__name,-population", fields="name,country").json["results"]
    assert [row["name"] for row in rows] == [
        *("Paris", "Saint-Étienne", "Saint-Denis", "Berlin", "Tokyo", "Zürich", "Genève", "Bern"),
        *("Washington", "Honolulu", "Paris"),
    ]


def test_the_key_decides_in_the_direction_of_the_last_column(api: Client) -> None:
    assert ids(api, "/v1/cities", name="Paris", ordering="name") == [2988507, 4717560]
    assert ids(api, "/v1/cities", name="Paris", ordering="-name") == [4717560, 2988507]
    assert ids(api, "/v1/cities", name="Paris", ordering="-name,id") == [2988507, 4717560]
    assert ids(api, "/v1/cities", name="Paris", ordering="-country,name") == [4717560, 2988507]


def test_what_has_no_value_comes_last_and_first_when_turned_round(api: Client) -> None:
    up = ids(api, "/v1/airports", ordering="elevation")
    assert up[-1] == "YYWA"
    assert ids(api, "/v1/airports", ordering="-elevation") == up[::-1]


def test_text_goes_by_code_point(api: Client) -> None:
    for number, name in enumerate(["a", "B", "Z", "é", "É", "zebra", "Zürich", "Évora", "\U0001f600", "\uffee"]):
        Airport.objects.filter(id="NZSP").update(city_name=name)
        City.objects.filter(id=sorted(City.objects.values_list("id", flat=True))[number]).update(name=name)
    names = [row["name"] for row in api.get("/v1/cities", ordering="name", fields="name").json["results"]]
    assert names == sorted(names)


def test_without_one_the_key_orders_or_what_the_resource_says(api: Client, world: World) -> None:
    assert ids(api, "/v1/cities") == sorted(City.objects.values_list("id", flat=True))
    stops = api.acting_for(world.owner).get("/v1/stops").json["results"]
    assert [stop["position"] for stop in stops] == [1, 2, 3]


@pytest.mark.parametrize(
    ("ordering", "code"),
    [
        ("", "unknown"),
        ("size", "unknown"),
        ("-", "unknown"),
        ("--name", "unknown"),
        ("+name", "unknown"),
        ("name,", "unknown"),
        ("NAME", "unknown"),
        ("timezone", "unknown"),
        ("pk", "unknown"),
        ("country__id", "unknown"),
        ("country__currency", "unknown"),
        ("name,name", "repeated"),
        ("name,-name", "repeated"),
        ("?", "unknown"),
        ("name asc", "unknown"),
        ("name;drop", "unknown"),
    ],
)
def test_what_is_not_on_offer_is_refused(api: Client, ordering: str, code: str) -> None:
    answer = api.get("/v1/cities", ordering=ordering)
    assert answer.status == 400
    assert [(error["parameter"], error["code"]) for error in answer.json["errors"]] == [("ordering", code)]


def test_nothing_can_be_told_from_where_a_row_stands(specimens: Client) -> None:
    """A row in a drawer that one may not see stands where one without a drawer would, cursors included."""
    drawers = [Drawer(id=key, name=name, secret=name == "m") for key, name in enumerate(["z", "m", "a"], 1)]
    Drawer.objects.bulk_create(drawers)
    Specimen.objects.bulk_create(Specimen(id=drawer.id, drawer=drawer) for drawer in drawers)
    Specimen.objects.create(id=4)
    assert ids(specimens, "/v1/specimens", ordering="drawer__name") == [3, 1, 2, 4]
    assert [row["id"] for row in specimens.walk("/v1/specimens", ordering="-drawer__name", limit=1)] == [4, 2, 1, 3]
    shown = specimens.get("/v1/specimens", ordering="drawer__name", expand="drawer").json["results"]
    assert [row["drawer"] and (row["drawer"] if row["id"] == 2 else row["drawer"]["name"]) for row in shown] == [
        *("a", "z"),
        2,
        None,
    ]
