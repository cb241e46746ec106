"""What an expansion costs: one statement a page, and a fixed number of them where only Python can show the rows."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from resources.places.models import Airport, City, Country, Subdivision
from resources.trips.invitations import digest
from resources.trips.models import Invitation, Member, Stop, Trip
from tests.client import Client
from tests.world import World

PARIS = "/v1/cities/2988507"
TIMES = {"latitude": 0, "longitude": 0, "timezone": "UTC"}

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
def keys_stay_known(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key is asked about once a second, which would be one statement more now and then."""
    monkeypatch.setattr("resources.core.api_keys.keyring.TRUSTED_FOR", 600)


@pytest.fixture(autouse=True)
def in_one_slice(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page of rows with long lists would take its statements for each slice of some."""
    monkeypatch.setattr("api.core.read.plan.MOST_OBJECTS", 10**6)


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
