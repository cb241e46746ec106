"""Expansion: related rows in the place of their ids, at a fixed number of statements."""

from string import ascii_lowercase
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from resources.places.models import Airport, City, Country, Language, Subdivision
from resources.trips.invitations import digest
from resources.trips.models import Invitation, Member, Stop, Trip
from tests.client import Client
from tests.world import World, key

PARIS, CH = "/v1/cities/2988507", "/v1/countries/CH"
TIMES = {"latitude": 0, "longitude": 0, "timezone": "UTC"}


@pytest.fixture(autouse=True)
def _world(world: World) -> None:
    pass


def test_to_one(api: Client) -> None:
    city = api.get(PARIS, expand="country").json
    assert city["country"] == api.get("/v1/countries/FR").json
    assert {name: city[name] for name in city if name != "country"} == {
        name: value for name, value in api.get(PARIS).json.items() if name != "country"
    }


def test_to_many(api: Client) -> None:
    languages = api.get(CH, expand="languages").json["languages"]
    assert languages == {"results": [api.get(f"/v1/languages/{code}").json for code in ("de", "fr")], "next": None}


def test_a_list_behind_a_relation_that_is_no_member(api: Client) -> None:
    assert "cities" not in api.get(CH).json
    cities = api.get(CH, expand="cities").json["cities"]
    assert cities["results"] == api.get("/v1/cities", country="CH").json["results"]


def test_nothing_there(api: Client) -> None:
    assert api.get("/v1/cities/2661552", expand="subdivision").json["subdivision"] is None
    assert api.get("/v1/countries/AQ", expand="currency").json["currency"] is None
    assert api.get("/v1/countries/AQ", expand="languages").json["languages"] == {"results": [], "next": None}
    assert api.get("/v1/cities/2661552", expand="subdivision.parent.country").json["subdivision"] is None


def test_a_path_implies_what_it_leads_through(api: Client) -> None:
    country = api.get(PARIS, expand="country.currency").json["country"]
    assert (country["name"], country["currency"]["name"]) == ("France", "Euro")
    assert (
        api.get(PARIS, expand="country,country.currency").content == api.get(PARIS, expand="country.currency").content
    )


def test_three_levels(api: Client) -> None:
    loire = api.get("/v1/subdivisions/FR-42", expand="parent.country.currency").json
    assert loire["parent"]["country"]["currency"]["symbol"] == "€"
    france = api.get("/v1/countries/FR", expand="subdivisions.children.cities,cities.subdivision.parent").json
    regions = {region["id"]: region for region in france["subdivisions"]["results"]}
    assert [child["id"] for child in regions["FR-ARA"]["children"]["results"]] == ["FR-42"]
    assert regions["FR-ARA"]["children"]["results"][0]["cities"]["results"] == []
    assert france["cities"]["results"][0]["subdivision"]["parent"] is None


@pytest.mark.parametrize("expand", ["subdivision.parent.country.currency", "country.cities.country.currency"])
def test_a_fourth_is_refused(api: Client, expand: str) -> None:
    answer = api.get("/v1/cities", expand=expand)
    assert answer.status == 400
    assert [(fault["parameter"], fault["code"]) for fault in answer.json["errors"]] == [("expand", "too_deep")]


@pytest.mark.parametrize("expand", ["contry", "name", "country.contry", "", "country,", "country.", "currency", "id"])
def test_what_is_not_on_offer_is_refused(api: Client, expand: str) -> None:
    answer = api.get("/v1/cities", expand=expand)
    assert (answer.status, answer.json["errors"][0]["parameter"]) == (400, "expand")


# Lists longer than what is shown


def more_cities(count: int) -> None:
    """Cities whose names tie, so that the order of keys decides."""
    City.objects.bulk_create(
        City(id=number, name="Base", country_id="AQ", population=1, **TIMES) for number in range(1, count + 1)
    )


@pytest.mark.parametrize(("count", "rest"), [(99, None), (100, None), (101, 1), (250, 150)])
def test_the_rest_is_behind_next(api: Client, count: int, rest: int | None) -> None:
    more_cities(count)
    cities = api.get("/v1/countries/AQ", expand="cities").json["cities"]
    shown = [row["id"] for row in cities["results"]]
    assert len(shown) == min(count, 100)
    assert (cities["next"] is None) == (rest is None)
    if rest:
        found = [row["id"] for row in api.walk(cities["next"])]
        assert len(found) == rest
        assert sorted(shown + found) == list(range(1, count + 1))
        assert shown + found == [row["id"] for row in api.walk("/v1/cities", country="AQ")]


@pytest.mark.parametrize("expand", ["cities.country.cities", "subdivisions.children.cities"])
def test_a_list_inside_a_list_shows_ten(api: Client, expand: str) -> None:
    more_cities(150)
    outer = Subdivision.objects.create(id="AQ-1", country_id="AQ", name="Coast", type="Region")
    inner = Subdivision.objects.create(id="AQ-11", country_id="AQ", name="Bay", type="Bay", parent=outer)
    City.objects.filter(country_id="AQ").update(subdivision=inner)
    shown = api.get("/v1/countries/AQ", expand=expand).json
    if expand.startswith("cities"):
        lists = [city["country"]["cities"] for city in shown["cities"]["results"]]
        assert len(lists) == 100
    else:
        lists = [shown["subdivisions"]["results"][0]["children"]["results"][0]["cities"]]
    for inside in lists[:3]:
        rest = [row["id"] for row in api.walk(inside["next"])]
        assert len(inside["results"]) == 10
        assert sorted([row["id"] for row in inside["results"]] + rest) == list(range(1, 151))


def test_the_rest_of_a_many_to_many_relation(api: Client) -> None:
    new = [f"q{first}{second}" for first in ascii_lowercase[:6] for second in ascii_lowercase]
    Language.objects.bulk_create(Language(id=code, alpha_3=code, name=code) for code in new)
    Country.objects.get(id="AQ").languages.add(*new)
    languages = api.get("/v1/countries/AQ", expand="languages").json["languages"]
    rest = [row["id"] for row in api.walk(languages["next"])]
    assert [row["id"] for row in languages["results"]] + rest == new


def test_the_rest_is_shown_as_the_first_were(api: Client) -> None:
    more_cities(101)
    shown = api.get("/v1/countries/AQ", fields="cities.name,cities.country.name", expand="cities.country")
    cities = shown.json["cities"]
    assert set(cities["results"][0]) == {"name", "country"}
    [last] = api.walk(cities["next"])
    assert set(last) == {"name", "country"}
    assert set(last["country"]) == {"name"}


def test_each_row_has_a_hundred_of_its_own(api: Client) -> None:
    more_cities(150)
    rows = {
        row["id"]: row["cities"] for row in api.get("/v1/countries", expand="cities", id__in="AQ,FR").json["results"]
    }
    assert (len(rows["AQ"]["results"]), len(rows["FR"]["results"])) == (100, 3)
    assert rows["AQ"]["next"]
    assert rows["FR"]["next"] is None


def test_the_rest_of_what_only_members_see(api: Client, world: World) -> None:
    Stop.objects.bulk_create(
        Stop(id=key(1000 + number), trip=world.trip, position=number, city_id=2988507) for number in range(4, 180)
    )
    viewer = api.acting_for(world.viewer)
    stops = viewer.get(f"/v1/trips/{world.trip.id}", expand="stops").json["stops"]
    rest = [row["position"] for row in viewer.walk(stops["next"])]
    assert [row["position"] for row in stops["results"]] + rest == list(range(1, 180))
    assert api.get(stops["next"]).status == 401
    assert api.acting_for(world.stranger).get(stops["next"]).json["results"] == []


# What one may not read


def test_an_object_that_one_may_not_read_stays_an_id(api: Client, world: World) -> None:
    narrow = api.acting_for(world.owner, "stops:read", "members:read")
    stop = narrow.get(f"/v1/stops/{world.stops[0].id}", expand="trip,airport").json
    assert stop["trip"] == str(world.trip.id)
    assert stop["airport"]["name"] == "Charles de Gaulle International Airport"
    assert narrow.get("/v1/members", expand="trip").json["results"][0]["trip"] == str(world.trip.id)
    assert narrow.get("/v1/stops", expand="trip", ordering="id").json["results"][0]["trip"] == str(world.trip.id)
    stop = narrow.get(f"/v1/stops/{world.stops[0].id}", expand="trip.members,trip.currency").json
    assert stop["trip"] == str(world.trip.id)


def test_a_list_shows_only_what_one_may_read(api: Client, world: World) -> None:
    narrow = api.acting_for(world.owner, "trips:read")
    trip = narrow.get(f"/v1/trips/{world.trip.id}", expand="stops,members,currency").json
    assert trip["stops"] == trip["members"] == {"results": [], "next": None}
    assert trip["currency"]["id"] == "EUR"


def test_members_see_what_is_shared_with_them(api: Client, world: World) -> None:
    rows = api.acting_for(world.viewer).get("/v1/members", expand="trip.stops.city").json["results"]
    assert {row["trip"]["name"] for row in rows} == {"Alps by train"}
    stops = rows[0]["trip"]["stops"]["results"]
    assert [stop["city"] and stop["city"]["name"] for stop in stops] == [None, "Genève", "Zürich"]


# The number of statements

LISTS: dict[str, dict[str, int]] = {
    # By what is expanded: the statements of an interpreted list. "" for nothing, "*" for everything.
    "countries": {"": 2, "currency": 3, "languages": 2, "subdivisions": 3, "cities": 3, "airports": 3, "*": 6},
    "subdivisions": {"": 1, "country": 3, "parent": 2, "children": 2, "cities": 2, "airports": 2, "*": 7},
    "currencies": {"": 1},
    "languages": {"": 1},
    "cities": {"": 1, "country": 3, "subdivision": 2, "*": 4},
    "airports": {"": 1, "country": 3, "subdivision": 2, "*": 4},
    "trips": {"": 1, "currency": 2, "stops": 2, "members": 2, "*": 4},
    "stops": {"": 1, "trip": 2, "city": 2, "airport": 2, "*": 4},
    "members": {"": 1, "trip": 2, "*": 2},
    "invitations": {"": 1, "trip": 2, "member": 2, "*": 3},
}
CASES = [(name, expand) for name, costs in LISTS.items() for expand in costs]


def every(name: str) -> str:
    return ",".join(expand for expand in LISTS[name] if expand not in ("", "*"))


@pytest.fixture(autouse=True)
def keys_stay_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key is asked about once a second, which would be one statement more now and then."""
    monkeypatch.setattr("resources.core.keyring.TRUSTED_FOR", 600)


def statements(client: Client, name: str, expand: str) -> tuple[int, int]:
    """Count the statements and the rows of a list; the key that is shown is known already."""
    query: dict[str, Any] = {"expand": every(name) if expand == "*" else expand} if expand else {}
    client.get("/v1/currencies")
    with CaptureQueriesContext(connection) as queries:
        rows = client.get(f"/v1/{name}", ordering="id", limit=500, **query).json["results"]
    return len(queries), len(rows)


def grow(world: World) -> None:
    """Add to every resource as many rows again and more, with the same relations."""
    codes = [f"{first}{second}" for first in "QZ" for second in "ABCDEFGHIJ"]
    Country.objects.bulk_create(
        Country(id=code, alpha_3=f"{code}X", numeric=None, name=code, continent="EU", population=1, currency_id="EUR")
        for code in codes
    )
    for country in Country.objects.filter(id__in=codes):
        country.languages.add("fr", "de")
    for code in codes:
        parent = Subdivision.objects.create(id=f"{code}-A", name="A", type="State", country_id=code)
        child = Subdivision.objects.create(id=f"{code}-B", name="B", type="State", country_id=code, parent=parent)
        number = codes.index(code) + 1
        City.objects.create(id=number, name=code, country_id=code, subdivision=child, population=1, **TIMES)
        Airport.objects.create(id=f"ZZ{code}", name=code, country_id=code, subdivision=child, **TIMES)
        trip = Trip.objects.create(
            name=code, owner=world.owner, begins_on="2027-05-01", ends_on="2027-05-09", currency_id="JPY"
        )
        Stop.objects.create(trip=trip, position=1, city_id=number)
        Stop.objects.create(trip=trip, position=2, airport_id=f"ZZ{code}")
        member = Member.objects.create(trip=trip, person=world.editor, role="editor")
        Invitation.objects.create(
            trip=trip, email="a@example.org", invited_by=world.owner, member=member, digest=digest(code)
        )


def test_every_expansion_on_offer_is_held_to_a_number() -> None:
    from api import places, trips

    offered = {viewset.plural(): {"", *viewset.expand} for viewset in (*places.VIEWSETS, *trips.VIEWSETS)}
    assert {name: set(costs) - {"*"} for name, costs in LISTS.items()} == offered


@pytest.mark.parametrize(("name", "expand"), CASES)
def test_a_list_is_one_statement(api: Client, world: World, name: str, expand: str) -> None:
    for _ in range(3):  # compiled, then traced
        assert statements(api.acting_for(world.owner), name, expand)[0] == 1


@pytest.mark.parametrize(("name", "expand"), CASES)
def test_the_number_of_statements_of_what_is_interpreted(
    api: Client, world: World, settings: Any, name: str, expand: str
) -> None:
    settings.READ_LEVEL = "interpreted"
    owner = api.acting_for(world.owner)
    Invitation.objects.update(member=world.trip.members.first())  # or there would be nothing to expand
    few, rows = statements(owner, name, expand)
    assert few == LISTS[name][expand]
    if name not in ("currencies", "languages"):
        grow(world)
        many, more_rows = statements(owner, name, expand)
        assert more_rows >= rows + 10
        assert many == few


@pytest.mark.parametrize(
    ("url", "expand", "most"),
    [
        ("/v1/countries", "cities.subdivision.parent,airports.subdivision,subdivisions.children.cities", 11),
        ("/v1/stops?ordering=id", "trip.members,trip.currency,city.country.languages,airport.subdivision.parent", 10),
        (PARIS, "country.cities.subdivision", 6),
    ],
)
def test_deeper_ones_are_bounded_too(
    api: Client, world: World, settings: Any, url: str, expand: str, most: int
) -> None:
    settings.READ_LEVEL = "interpreted"
    owner = api.acting_for(world.owner)

    def count() -> int:
        owner.get("/v1/keys", limit=1)
        with CaptureQueriesContext(connection) as queries:
            assert owner.get(url, expand=expand).status == 200
        return len(queries)

    grow(world)
    assert count() <= most
