"""A list is created with as many queries as a few rows, and nothing that a save of each would have done is left out."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.models import Model
from django.db.models.signals import post_save
from django.test.utils import CaptureQueriesContext

from resources.places.models import City, Country
from resources.trips.models import Stop, Trip
from tests.client import Client
from tests.world import World, key

PLACE = {"population": 5, "latitude": 1.5, "longitude": 2.5, "timezone": "Europe/Paris"}
SPOKEN = {"continent": "EU", "population": 1, "currency": "EUR", "languages": ["de", "fr"]}


def cities(number: int, start: int = 900_000_000) -> list[dict[str, Any]]:
    homes = (("FR", "FR-IDF"), ("DE", "DE-BE"), ("CH", None))
    return [
        {"id": start + n, "name": f"City {n}", "country": homes[n % 3][0], "subdivision": homes[n % 3][1], **PLACE}
        for n in range(number)
    ]


def stops(world: World, number: int, start: int) -> list[dict[str, Any]]:
    places = ({"city": 2988507}, {"airport": "EDDB"}, {"city": 2950159})
    return [{"trip": str(world.trip.id), "position": start + n, **places[n % 3]} for n in range(number)]


def statements(client: Client, path: str, bodies: list[dict[str, Any]], status: int = 201) -> list[str]:
    with CaptureQueriesContext(connection) as queries:
        assert client.post(path, bodies).status == status
    return [query["sql"] for query in queries]


def test_it_works(staff: Client) -> None:
    sent = cities(7)
    answer = staff.post("/v1/cities", sent)
    assert answer.status == 201
    assert [{name: row[name] for name in sent[0]} for row in answer.json] == sent
    assert {(row["revision"], row["is_capital"]) for row in answer.json} == {(1, False)}
    assert [staff.get(f"/v1/cities/{row['id']}").json for row in answer.json] == answer.json


def test_many_rows_cost_as_many_queries_as_three(staff: Client, owner: Client, world: World) -> None:
    assert [who.get("/v1/cities").status for who in (staff, owner)] == [200, 200]  # from here on their keys are known
    few, many = statements(staff, "/v1/cities", cities(3)), statements(staff, "/v1/cities", cities(200, 950_000_000))
    assert len(few) == len(many)
    assert sum("INSERT INTO" in sql for sql in many) == 1
    before = many[: next(n for n, sql in enumerate(many) if "INSERT INTO" in sql)]
    for table in ("places_country", "places_subdivision", "places_city"):
        assert sum(f'FROM "{table}"' in sql for sql in before) == 1, table
    few, many = (statements(owner, "/v1/stops", stops(world, n, start)) for n, start in ((3, 10), (200, 1000)))
    assert len(few) == len(many)


def test_what_is_taken_is_told_of_every_row(staff: Client) -> None:
    bodies = [*cities(3), {**cities(1)[0], "id": 2988507}, {**cities(1)[0], "id": 2950159}]
    refused = staff.post("/v1/cities", bodies)
    assert refused.status == 409
    assert [(fault["pointer"], fault["code"]) for fault in refused.json["errors"]] == [
        ("/3/id", "unique"),
        ("/4/id", "unique"),
    ]
    assert not City.objects.filter(id__gte=900_000_000).exists()


def test_what_is_taken_together_is_told_of_every_row(owner: Client, world: World) -> None:
    bodies = [{**body, "position": position} for body, position in zip(stops(world, 3, 0), (1, 40, 2), strict=True)]
    with CaptureQueriesContext(connection) as queries:
        refused = owner.post("/v1/stops", bodies)
    assert refused.status == 409
    assert [fault["pointer"] for fault in refused.json["errors"]] == ["/0", "/2"]
    assert not any("INSERT INTO" in query["sql"] for query in queries)


def test_references_that_lead_nowhere_are_told_of_every_row(staff: Client) -> None:
    wrong = [{"country": "QQ"}, {"country": "FR"}, {"subdivision": "FR-XXX"}, {"country": "fr", "subdivision": 7}]
    refused = staff.post("/v1/cities", [body | other for body, other in zip(cities(4), wrong, strict=True)])
    assert refused.status == 400
    assert {fault["pointer"]: fault["code"] for fault in refused.json["errors"]} == {
        "/0/country": "does_not_exist",
        "/2/subdivision": "does_not_exist",
        "/3/country": "does_not_exist",
        "/3/subdivision": "invalid",
    }


def test_rules_of_the_database_are_told_of_every_row(staff: Client) -> None:
    wrong: list[dict[str, Any]] = [{"latitude": 91}, {}, {"longitude": -181, "latitude": 90}]
    refused = staff.post("/v1/cities", [body | other for body, other in zip(cities(3), wrong, strict=True)])
    assert refused.status == 400
    assert {fault["pointer"]: fault["code"] for fault in refused.json["errors"]} == {
        "/0/latitude": "invalid_latitude",
        "/2/longitude": "invalid_longitude",
    }
    assert not City.objects.filter(id__gte=900_000_000).exists()


def test_rules_of_the_database_are_told_beside_all_else(staff: Client) -> None:
    wrong: list[dict[str, Any]] = [{"latitude": 91}, {"name": ""}]
    refused = staff.post("/v1/cities", [body | other for body, other in zip(cities(2), wrong, strict=True)])
    assert {fault["pointer"]: fault["code"] for fault in refused.json["errors"]} == {
        "/0/latitude": "invalid_latitude",
        "/1/name": "blank",
    }


def test_a_rule_of_the_database_is_told_of_one_row(staff: Client) -> None:
    refused = staff.post("/v1/cities", cities(1)[0] | {"latitude": 91, "longitude": 181})
    assert refused.status == 400
    assert [fault["pointer"] for fault in refused.json["errors"]] == ["/latitude", "/longitude"]


def test_references_to_many_rows_are_looked_up_at_once(staff: Client) -> None:
    def countries(*codes: str) -> list[dict[str, Any]]:
        return [{"id": code[:2], "alpha_3": code, "name": code, **SPOKEN} for code in codes]

    def lookups(sent: list[str]) -> int:
        return sum('FROM "places_language" WHERE' in sql for sql in sent)

    sent = statements(staff, "/v1/countries", countries("AAA", "BBB", "CCC", "DDD"))
    before = sent[: next(n for n, sql in enumerate(sent) if "INSERT INTO" in sql)]
    assert lookups(before) == 1
    assert {*Country.objects.get(id="AA").languages.values_list("pk", flat=True)} == {"de", "fr"}
    refused = staff.post("/v1/countries", [body | {"languages": ["fr", "qq"]} for body in countries("EEE", "FFF")])
    assert [fault["pointer"] for fault in refused.json["errors"]] == ["/0/languages/1", "/1/languages/1"]


@pytest.fixture
def heard() -> Iterator[list[Any]]:
    found: list[Any] = []

    def listen(instance: Model, **kwargs: Any) -> None:
        found.append(instance.pk)

    post_save.connect(listen, sender=City)
    yield found
    post_save.disconnect(listen, sender=City)


def test_who_listens_to_saves_hears_of_each(staff: Client, heard: list[Any]) -> None:
    sent = cities(3)
    assert staff.post("/v1/cities", sent).status == 201
    assert heard == [body["id"] for body in sent]


def test_a_save_of_ones_own_is_asked_for_each(staff: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def save(self: City, **options: Any) -> None:
        self.name = self.name.upper()
        super(City, self).save(**options)

    monkeypatch.setattr(City, "save", save)
    assert [row["name"] for row in staff.post("/v1/cities", cities(2)).json] == ["CITY 0", "CITY 1"]


def test_what_a_save_calls_is_asked_for_each(staff: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def save_table(self: City, *args: Any, **options: Any) -> Any:
        self.name = self.name.upper()
        return super(City, self)._save_table(*args, **options)  # type: ignore[misc]

    monkeypatch.setattr(City, "_save_table", save_table)
    assert [row["name"] for row in staff.post("/v1/cities", cities(2)).json] == ["CITY 0", "CITY 1"]
    assert staff.post("/v1/cities", cities(1, 950_000_000)[0]).json["name"] == "CITY 0"


def test_a_perform_create_of_ones_own_is_asked_for_each(owner: Client, world: World) -> None:
    trip = {"name": "x", "begins_on": "2026-01-01", "ends_on": "2026-01-02"}
    made = owner.post("/v1/trips", [trip | {"id": str(key(300 + n))} for n in range(3)])
    assert made.status == 201, made.json
    assert {row["owner"] for row in made.json} == {str(world.owner.id)}
    assert Trip.objects.filter(owner=world.owner, name="x").count() == 3


def test_the_policy_is_held_against_every_row(api: Client, world: World) -> None:
    viewer = api.acting_for(world.viewer)
    before = Stop.objects.count()
    assert viewer.post("/v1/stops", stops(world, 3, 10)).status == 403
    assert Stop.objects.count() == before
