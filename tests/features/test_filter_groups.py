"""Groups of conditions in the parameter `filter`: JSON with `and`, `or` and `not`."""

import json
from typing import Any

import pytest

from tests.client import Client
from tests.world import World

CITIES = "/v1/cities"


@pytest.fixture(autouse=True)
def _world(world: World) -> None:
    pass


def names(api: Client, tree: Any, **query: Any) -> list[str]:
    answer = api.get(CITIES, filter=tree, fields="name", ordering="name", **query)
    assert answer.status == 200, answer.text
    return [row["name"] for row in answer.json["results"]]


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        ({"country": "JP"}, ["Tokyo"]),
        ({"country": "FR", "is_capital": True}, ["Paris"]),
        ({"or": [{"country": "JP"}, {"country": "DE"}]}, ["Berlin", "Tokyo"]),
        ({"or": [{"country": "JP"}]}, ["Tokyo"]),
        ({"and": [{"country": "FR"}, {"is_capital": True}]}, ["Paris"]),
        ({"country": "FR", "not": {"is_capital": True}}, ["Saint-Denis", "Saint-Étienne"]),
        ({"country": "FR", "is_capital__not": True}, ["Saint-Denis", "Saint-Étienne"]),
        ({"not": {"not": {"country": "JP"}}}, ["Tokyo"]),
        ({"not": {"or": [{"is_capital": True}, {"country__in": ["FR", "US"]}]}}, ["Genève", "Zürich"]),
        ({"name": "Paris", "or": [{"country": "US"}, {"population__gt": 9000000}]}, ["Paris"]),
        ({"or": [{"name__startswith": "Saint", "country": "FR"}, {"name__iexact": "BERN"}], "population__lt": 150000},
         ["Bern", "Saint-Denis"]),
        ({"latitude__lt": 21.5}, ["Honolulu"]),
        ({"latitude__lt": 34, "longitude__lt": -1e2}, ["Honolulu"]),
        ({"subdivision__isnull": True, "country__continent": "EU"}, ["Bern"]),
        ({"subdivision__not": "FR-IDF", "country": "CH"}, ["Bern", "Genève", "Zürich"]),
        ({"and": [{"and": [{"or": [{"not": {"country__not": "JP"}}]}]}]}, ["Tokyo"]),
    ],
    ids=json.dumps,
)  # fmt: skip
def test_it_works(api: Client, tree: Any, expected: list[str]) -> None:
    assert names(api, tree) == expected


def test_plain_parameters_beside_it_hold_as_well(api: Client) -> None:
    assert names(api, {"or": [{"country": "FR"}, {"country": "US"}]}, name="Paris", is_capital=True) == ["Paris"]


def test_an_empty_and_holds_for_every_row_and_an_empty_or_for_none(api: Client) -> None:
    assert len(names(api, {"and": []})) == 11
    assert names(api, {"or": []}) == []
    assert len(names(api, {"not": {"or": []}})) == 11


def test_members_of_one_object_mean_the_same_related_row(api: Client, world: World) -> None:
    """One stop is at an airport, others in Switzerland, none is both."""
    owner = api.acting_for(world.owner)
    both = {"stops__airport__isnull": False, "stops__city__country": "CH"}
    assert owner.get("/v1/trips", filter=both).json["results"] == []
    each = {"and": [{"stops__airport__isnull": False}, {"stops__city__country": "CH"}]}
    assert [trip["name"] for trip in owner.get("/v1/trips", filter=each).json["results"]] == ["Alps by train"]
    assert len(owner.get("/v1/trips", **both).json["results"]) == 1
    one = {"stops__airport__isnull": True, "stops__city": 2660646}
    assert len(owner.get("/v1/trips", filter=one).json["results"]) == 1
    other = {"stops__city__not": 2660646, "stops__city__country": "CH"}
    assert len(owner.get("/v1/trips", filter=other).json["results"]) == 1


def test_members_and_roles_of_one_object_mean_the_same_member(api: Client, world: World) -> None:
    owner = api.acting_for(world.owner)
    for person, role, found in ((world.editor, "editor", 1), (world.editor, "viewer", 0), (world.viewer, "viewer", 1)):
        tree = {"members__person": str(person.id), "members__role": role}
        assert len(owner.get("/v1/trips", filter=tree).json["results"]) == found


def test_it_takes_part_in_paging(api: Client) -> None:
    tree = {"or": [{"country": "FR"}, {"country": "CH"}]}
    walked = [row["name"] for row in api.walk(CITIES, filter=tree, ordering="-population", limit=2)]
    assert walked == ["Paris", "Zürich", "Genève", "Saint-Étienne", "Bern", "Saint-Denis"]


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("", "Not JSON"),
        ("country", "Not JSON"),
        ('{"country": "FR"', "Not JSON"),
        ("{'country': 'FR'}", "Not JSON"),
        ('{"country": NaN}', "Not JSON"),
        ("[]", "Expected an object"),
        ("null", "Expected an object"),
        ('"FR"', "Expected an object"),
        ("{}", "Expected an object"),
        ('{"not": []}', "At /not: Expected an object"),
        ('{"not": {}}', "At /not: Expected an object"),
        ('{"or": {"country": "FR"}}', "At /or: Expected a list"),
        ('{"or": [1]}', "At /or/0: Expected an object"),
        ('{"or": [{"country": "FR"}, {}]}', "At /or/1: Expected an object"),
        ('{"countri": "FR"}', "Did you mean 'country'?"),
        ('{"or": [{"countri__not": "FR"}]}', "At /or/0/countri__not: "),
        ('{"limit": 1}', "There is no parameter 'limit'"),
        ('{"ordering": "name"}', "There is no parameter 'ordering'"),
        ('{"filter": {"country": "FR"}}', "There is no parameter 'filter'"),
        ('{"search": "paris"}', "There is no parameter 'search'"),
        ('{"population": "1"}', "At /population: Expected a whole number"),
        ('{"population": 1.5}', "At /population: Expected a whole number"),
        ('{"population": true}', "At /population: Expected a whole number"),
        ('{"population": null}', "At /population: Expected a whole number"),
        ('{"population": [1]}', "At /population: Expected a whole number"),
        ('{"population": {"gte": 1}}', "At /population: Expected a whole number"),
        ('{"population": 9223372036854775808}', "64 bits"),
        ('{"latitude": 1e400}', "out of range"),
        ('{"is_capital": "true"}', "At /is_capital: Expected true or false"),
        ('{"is_capital": 1}', "At /is_capital: Expected true or false"),
        ('{"name": null}', "At /name: Expected a text"),
        ('{"name": 1}', "At /name: Expected a text"),
        ('{"name": ["Paris"]}', "At /name: Expected a text"),
        ('{"name": "a\\u0000b"}', "NUL"),
        ('{"name": "\\ud800"}', ""),
        ('{"country__in": "FR,DE"}', "At /country__in: Expected"),
        ('{"country__in": []}', "At /country__in: Expected"),
        ('{"country__in": [["FR"]]}', "At /country__in: Expected"),
        ('{"country__in": ["FR", null]}', "At /country__in: Expected"),
        ('{"subdivision__isnull": null}', "At /subdivision__isnull: Expected true or false"),
        ('{"country": "FR", "country": "DE"}', "'country' stands twice"),
        ('{"or": [{"name": "a", "name": "b"}]}', "'name' stands twice"),
        (json.dumps({"or": [{"name": "a"}] * 101}), "at most 100 conditions"),
        (json.dumps({"or": [{"name__icontains": "a"}] * 20, "name__endswith__not": "b"}), "at most 20 conditions"),
        ('{"not": ' * 8 + '{"name": "a"}' + "}" * 8, "at most 8 deep"),
        ('{"and": [' * 8 + '{"name": "a"}' + "]}" * 8, "at most 8 deep"),
        ("[" * 5000, ""),
        ('{"and": [' * 2000, ""),
    ],
)
def test_what_is_no_group_is_refused_with_its_place(api: Client, text: str, detail: str) -> None:
    answer = api.get(CITIES, filter=text)
    assert answer.status == 400
    assert {error["parameter"] for error in answer.json["errors"]} == {"filter"}
    assert detail in answer.json["errors"][0]["detail"]


def test_groups_as_deep_and_as_long_as_may_be(api: Client) -> None:
    deep = json.loads('{"not": ' * 7 + '{"name": "Bern"}' + "}" * 7)
    assert names(api, deep) == names(api, {"name__not": "Bern"})
    assert names(api, {"or": [{"population": number} for number in range(99)] + [{"name": "Bern"}]}) == ["Bern"]
    assert names(api, {"or": [{"name__icontains": letters} for letters in ["xyz"] * 19 + ["ern"]]}) == ["Bern"]


def test_everything_wrong_in_it_is_named(api: Client) -> None:
    answer = api.get(CITIES, filter={"population": "x", "or": [{"nme": "a"}, {"is_capital": 1}], "not": {}})
    assert [error["detail"].split(":")[0] for error in answer.json["errors"]] == [
        "At /population",
        "At /or/0/nme",
        "At /or/1/is_capital",
        "At /not",
    ]
