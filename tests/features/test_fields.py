"""Sparse fields: the members asked for, in the order of the resource, at any depth."""

from typing import Any

import pytest

from resources.trips.models import Trip
from tests.client import Client
from tests.world import World

PARIS, CH = "/v1/cities/2988507", "/v1/countries/CH"
pytestmark = pytest.mark.usefixtures("world")


@pytest.mark.parametrize(
    ("url", "fields", "shown"),
    [
        (PARIS, "name", {"name": "Paris"}),
        (PARIS, "name,id", {"id": 2988507, "name": "Paris"}),
        (PARIS, "country", {"country": "FR"}),
        (PARIS, "country.name", {"country": {"name": "France"}}),
        (PARIS, "name,country.name,country.currency.name",
         {"name": "Paris", "country": {"name": "France", "currency": {"name": "Euro"}}}),
        (PARIS, "country.id,country.currency", {"country": {"id": "FR", "currency": "EUR"}}),
        (PARIS, "country.languages.id", {"country": {"languages": {"results": [{"id": "fr"}], "next": None}}}),
        (CH, "languages", {"languages": ["de", "fr"]}),
        (CH, "languages.id", {"languages": {"results": [{"id": "de"}, {"id": "fr"}], "next": None}}),
        ("/v1/cities/2661552", "name,subdivision.name", {"name": "Bern", "subdivision": None}),
        ("/v1/subdivisions/FR-42", "parent.country.currency.symbol",
         {"parent": {"country": {"currency": {"symbol": "€"}}}}),
    ],
)  # fmt: skip
def test_it_works(api: Client, url: str, fields: str, shown: dict[str, Any]) -> None:
    assert api.get(url, fields=fields).json == shown


def test_on_lists(api: Client) -> None:
    answer = api.get("/v1/cities", fields="name,country.id", country="FR", ordering="name")
    assert answer.json["results"] == [
        {"name": name, "country": {"id": "FR"}} for name in ("Paris", "Saint-Denis", "Saint-Étienne")
    ]


def test_the_order_of_members_is_that_of_the_resource(api: Client) -> None:
    every = list(api.get(CH).json)
    assert list(api.get(CH, fields=",".join(reversed(every))).json) == every
    assert list(api.get(CH, fields="population,currency.name,id").json) == ["id", "population", "currency"]
    assert list(api.get(CH, expand="currency,languages").json) == every
    assert api.get(CH, fields="population,id").content == api.get(CH, fields="id,population").content


def test_every_member_can_be_asked_for_alone(api: Client) -> None:
    whole = api.get(CH).json
    for name in whole:
        assert api.get(CH, fields=name).json == {name: whole[name]}


def test_with_expansion(api: Client) -> None:
    """`expand` shows a relation that `fields` does not name."""
    assert list(api.get(CH, fields="name", expand="currency").json) == ["name", "currency"]
    assert api.get(CH, fields="name,currency", expand="currency").json["currency"]["name"] == "Swiss Franc"
    assert api.get(CH, fields="name,currency.name", expand="currency").json["currency"] == {"name": "Swiss Franc"}


def test_paging_goes_on_with_the_same_fields(api: Client) -> None:
    rows = list(api.walk("/v1/cities", fields="name,country.name", limit=2, ordering="-population"))
    assert len(rows) == 11
    assert all(list(row) == ["name", "country"] and list(row["country"]) == ["name"] for row in rows)


def test_on_what_a_write_answers(api: Client, world: World) -> None:
    owner = api.acting_for(world.owner)
    sent = {"name": "Lakes", "begins_on": "2027-06-01", "ends_on": "2027-06-05", "currency": "EUR"}
    assert owner.post("/v1/trips?fields=name,currency.name", sent).json == {
        "name": "Lakes",
        "currency": {"name": "Euro"},
    }
    url = f"/v1/trips/{world.trip.id}"
    assert owner.patch(f"{url}?fields=name", {"name": "Alps"}).json == {"name": "Alps"}
    assert Trip.objects.get(id=world.trip.id).name == "Alps"


@pytest.mark.parametrize(
    ("fields", "code", "detail"),
    [
        ("nam", "unknown", "There is no field 'nam'. Did you mean 'name'?"),
        ("id,nam", "unknown", "There is no field 'nam'. Did you mean 'name'?"),
        ("contry.name", "unknown", "There is no expansion 'contry'. Did you mean 'country'?"),
        ("country.nam", "unknown", "There is no field 'nam'. Did you mean 'name'?"),
        ("name.id", "unknown", None),
        ("", "invalid", None),
        ("name,", "invalid", None),
        (",name", "invalid", None),
        ("name, id", "unknown", None),
        ("*", "unknown", None),
        ("country.", "unknown", None),
        (".name", "unknown", None),
        ("subdivision.parent.country.currency.name", "too_deep", "Relations are expanded at most 3 deep."),
    ],
)
@pytest.mark.parametrize("url", ["/v1/cities", PARIS])
def test_what_is_unknown_is_refused(api: Client, url: str, fields: str, code: str, detail: str | None) -> None:
    answer = api.get(url, fields=fields)
    assert answer.status == 400
    fault = answer.json["errors"][0]
    assert (fault["parameter"], fault["code"]) == ("fields", code)
    assert detail in (None, fault["detail"])


def test_all_faults_at_once(api: Client) -> None:
    faults = api.get("/v1/cities", fields="nam,populatio", expand="contry").json["errors"]
    assert sorted((fault["parameter"], fault["code"]) for fault in faults) == [
        ("expand", "unknown"),
        ("fields", "unknown"),
        ("fields", "unknown"),
    ]
