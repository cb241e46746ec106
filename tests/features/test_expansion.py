"""Expansion: related rows in the place of their ids."""

from string import ascii_lowercase

import pytest

from resources.places.models import City, Country, Language, Subdivision
from resources.trips.models import Stop
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


@pytest.mark.parametrize("paging", [{"limit": 2}, {"page": 1, "page_size": 2}])
def test_to_one_on_every_page(api: Client, paging: dict[str, int]) -> None:
    asked = {"expand": "country.languages,subdivision", "ordering": "country__name", "population__gte": 1}
    whole = api.get("/v1/cities", **asked).json["results"]
    assert len({row["country"]["id"] for row in whole}) < len(whole) > 2
    for _ in range(3):  # compiled, traced, bound
        page = api.get("/v1/cities", **asked, **paging).json
        shown = page["results"]
        while page["next"]:
            page = api.get(page["next"]).json
            shown = shown + page["results"]
        assert shown == whole


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
