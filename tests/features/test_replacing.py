"""PUT: the row becomes what is sent. A member left out takes its default, a required one is missing."""

from typing import Any

import pytest

from resources.places.models import Country
from resources.trips.models import Member, Role, Trip
from tests.client import Client
from tests.world import World

LEAST = {"name": "Lakes", "begins_on": "2027-05-01", "ends_on": "2027-05-09"}


def test_it_works(owner: Client, world: World) -> None:
    before = owner.get(f"/v1/trips/{world.trip.id}").json
    answer = owner.put(f"/v1/trips/{world.trip.id}", LEAST | {"budget": "7.00", "currency": "CHF", "notes": "Swim."})
    assert answer.status == 200
    row = answer.json
    assert (row["name"], row["budget"], row["currency"], row["notes"]) == ("Lakes", "7.00", "CHF", "Swim.")
    assert (row["id"], row["owner"], row["created_at"]) == (before["id"], before["owner"], before["created_at"])
    assert row["revision"] == before["revision"] + 1
    assert row["updated_at"] > before["updated_at"]
    read = owner.get(f"/v1/trips/{world.trip.id}")
    assert (read.json, read.headers["ETag"]) == (row, answer.headers["ETag"])
    assert answer.headers["ETag"].startswith('"2-')


def test_what_is_left_out_takes_its_default(owner: Client, world: World) -> None:
    row = owner.put(f"/v1/trips/{world.trip.id}", LEAST).json
    left_out = {name: row[name] for name in ("budget", "currency", "notes", "details")}
    assert left_out == {"budget": None, "currency": None, "notes": "", "details": {}}


def test_a_default_that_is_a_choice_or_a_boolean(owner: Client, staff: Client, world: World) -> None:
    membership = Member.objects.get(person=world.editor)
    sent = {"trip": str(world.trip.id), "person": str(world.editor.id)}
    assert owner.put(f"/v1/members/{membership.id}", sent).json["role"] == Role.VIEWER
    city = staff.get("/v1/cities/2988507").json
    del city["is_capital"], city["subdivision"]
    row = staff.put("/v1/cities/2988507", city).json
    assert (row["is_capital"], row["subdivision"]) == (False, None)


def test_a_list_of_references_that_is_left_out_is_empty(staff: Client) -> None:
    country = staff.get("/v1/countries/CH").json
    assert country["languages"]
    del country["languages"]
    assert staff.put("/v1/countries/CH", country).json["languages"] == []
    assert not Country.objects.get(id="CH").languages.exists()


def test_a_required_member_is_missing(owner: Client, world: World) -> None:
    answer = owner.put(f"/v1/trips/{world.trip.id}", {"name": "Lakes"})
    assert answer.status == 400
    found = {fault["pointer"]: fault["code"] for fault in answer.json["errors"]}
    assert found == {"/begins_on": "required", "/ends_on": "required"}
    assert Trip.objects.get(id=world.trip.id).name == world.trip.name


@pytest.mark.parametrize(
    "path",
    [
        "currencies/EUR",
        "languages/haw",
        "countries/CH",
        "countries/AQ",
        "subdivisions/FR-42",
        "cities/2988507",
        "airports/LSZK",
        "trips/01900000-0000-7000-8000-00000000000a",
        "stops/01900000-0000-7000-8000-000000000014",
        "members/01900000-0000-7000-8000-00000000001e",
    ],
)
def test_what_was_read_can_be_sent_back(owner: Client, staff: Client, path: str) -> None:
    client = owner if path.startswith(("trips", "stops", "members")) else staff
    before = client.get(f"/v1/{path}").json
    answer = client.put(f"/v1/{path}", before)
    assert answer.status == 200, answer.text
    changing = {"revision", "updated_at"}
    assert {n: v for n, v in answer.json.items() if n not in changing} == {
        name: value for name, value in before.items() if name not in changing
    }


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("id", "01900000-0000-7000-8000-00000000000b"),
        ("owner", "01900000-0000-7000-8000-000000000004"),
        ("owner", None),
        ("created_at", "2020-01-01T00:00:00Z"),
        ("updated_at", ""),
        ("revision", 2),
        ("revision", True),
        ("revision", "1"),
        ("revision", None),
    ],
)
def test_a_read_only_member_cannot_be_set(owner: Client, world: World, member: str, value: Any) -> None:
    answer = owner.put(f"/v1/trips/{world.trip.id}", LEAST | {member: value})
    assert answer.status == 400
    assert [(f["pointer"], f["code"]) for f in answer.json["errors"]] == [(f"/{member}", "read_only")]
    again = Trip.objects.get(id=world.trip.id)
    assert (again.name, again.owner_id, again.revision) == (world.trip.name, world.owner.id, 1)


def test_a_natural_key_stays(staff: Client) -> None:
    country = staff.get("/v1/countries/CH").json
    answer = staff.put("/v1/countries/CH", country | {"id": "CI"})
    assert [(f["pointer"], f["code"]) for f in answer.json["errors"]] == [("/id", "read_only")]
    assert not Country.objects.filter(id="CI").exists()
    del country["id"]
    assert staff.put("/v1/countries/CH", country).json["id"] == "CH"


def test_what_was_read_expanded_is_not_a_body(owner: Client, world: World) -> None:
    read = owner.get(f"/v1/trips/{world.trip.id}?expand=currency").json
    answer = owner.put(f"/v1/trips/{world.trip.id}", read)
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, "/currency")


def test_a_row_that_is_not_there_is_not_made(owner: Client) -> None:
    answer = owner.put("/v1/trips/01900000-0000-7000-8000-0000000000ff", LEAST)
    assert answer.status == 404
    assert not Trip.objects.filter(name="Lakes").exists()


def test_fields_and_expand_shape_the_answer(owner: Client, world: World) -> None:
    answer = owner.put(f"/v1/trips/{world.trip.id}?fields=name,currency.name&expand=currency", LEAST)
    assert answer.json == {"name": "Lakes", "currency": None}


def test_an_unknown_parameter_is_refused_and_nothing_kept(owner: Client, world: World) -> None:
    answer = owner.put(f"/v1/trips/{world.trip.id}?dryrun=true", LEAST)
    assert (answer.status, answer.json["errors"][0]["parameter"]) == (400, "dryrun")
    assert Trip.objects.get(id=world.trip.id).name == world.trip.name


def test_without_the_answer(owner: Client, world: World) -> None:
    answer = owner.put(f"/v1/trips/{world.trip.id}", LEAST, headers={"Prefer": "return=minimal"})
    assert (answer.status, answer.content) == (204, b"")
    assert "Content-Type" not in answer.headers
    assert owner.get(f"/v1/trips/{world.trip.id}").headers["ETag"] == answer.headers["ETag"]
