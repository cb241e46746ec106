"""A body is held to the contract: everything that is wrong is told at once, each with its pointer (RFC 6901)."""

import json
from typing import Any

import pytest

from resources.trips.models import Stop, Trip
from tests.client import Client
from tests.features.bodies import CITY, COUNTRY, TRIP
from tests.features.problems import found
from tests.world import World


def test_everything_is_told_at_once(owner: Client) -> None:
    answer = owner.post(
        "/v1/trips",
        {
            "id": "nonsense",
            "nme": "Lakes",
            "owner": None,
            "begins_on": "2027-06-05T10:00:00Z",
            "ends_on": 5,
            "budget": "-1.234",
            "currency": "XXX",
            "notes": None,
            "a/b~c": 1,
        },
    )
    assert answer.json["detail"] == "10 members are not valid."
    assert found(answer) == {
        "/id": "invalid",
        "/nme": "unknown",
        "/owner": "read_only",
        "/begins_on": "invalid",
        "/ends_on": "invalid",
        "/budget": "max_decimal_places",
        "/currency": "does_not_exist",
        "/notes": "null",
        "/a~1b~0c": "unknown",
        "/name": "required",
    }


def test_rules_are_told_beside_members_that_are_wrong_by_themselves(owner: Client) -> None:
    answer = owner.post(
        "/v1/trips", TRIP | {"name": "", "begins_on": "2027-06-09", "budget": "5.00", "currency": None, "x": 1}
    )
    assert found(answer) == {
        "/name": "blank",
        "/x": "unknown",
        "/ends_on": "ends_too_early",
        "/currency": "needs_currency",
    }


def test_a_rule_is_not_asked_about_what_is_wrong_by_itself(owner: Client) -> None:
    answer = owner.post("/v1/trips", TRIP | {"begins_on": "soon", "budget": "5.00", "currency": "XXX"})
    assert found(answer) == {"/begins_on": "invalid", "/currency": "does_not_exist"}


def test_rules_that_span_rows(owner: Client, world: World) -> None:
    sent = {
        "trip": str(world.trip.id),
        "position": 9,
        "city": 2988507,
        "airport": "LFPG",
        "arrives_at": "2027-05-10T00:00:00Z",
        "departs_at": "2027-04-30T23:59:59.999999Z",
    }
    assert found(owner.post("/v1/stops", sent)) == {"/airport": "needs_one_place", "/departs_at": "leaves_too_early"}
    sent |= {"airport": None, "departs_at": "2027-05-10T00:00:00Z"}
    assert found(owner.post("/v1/stops", sent)) == {
        "/arrives_at": "outside_its_trip",
        "/departs_at": "outside_its_trip",
    }
    within = {"arrives_at": "2027-05-09T23:59:59.999999Z", "departs_at": None}
    assert owner.post("/v1/stops", sent | within).status == 201


def test_a_trip_cannot_leave_its_stops_behind(owner: Client, world: World) -> None:
    answer = owner.patch(f"/v1/trips/{world.trip.id}", {"begins_on": "2027-05-02", "ends_on": "2027-05-03"})
    assert found(answer) == {"/begins_on": "leaves_out_stops", "/ends_on": "leaves_out_stops"}


def test_check_constraints_are_asked_before_the_database_is(staff: Client) -> None:
    answer = staff.post("/v1/cities", CITY | {"latitude": 90.5, "longitude": -181})
    assert found(answer) == {"/latitude": "invalid_latitude", "/longitude": "invalid_longitude"}


@pytest.mark.parametrize(
    ("name", "near"), [("nmae", "name"), ("begin_on", "begins_on"), ("Currency", "currency"), ("zzz", None)]
)
def test_an_unknown_member_is_named_with_the_nearest_known(owner: Client, name: str, near: str | None) -> None:
    [fault] = owner.post("/v1/trips", TRIP | {name: 1}).json["errors"]
    assert fault["detail"] == f"There is no member '{name}'." + (f" Did you mean '{near}'?" if near else "")


def test_a_very_long_unknown_member_is_not_told_at_length(owner: Client) -> None:
    [fault] = owner.post("/v1/trips", TRIP | {"x" * 100_000: 1}).json["errors"]
    assert len(fault["detail"]) < 200


def test_very_many_unknown_members_are_refused_soon(owner: Client) -> None:
    answer = owner.post("/v1/trips", TRIP | {f"name{n}": n for n in range(100_000)})
    assert (answer.status, len(answer.json["errors"])) == (400, 1000)


def test_too_many_references(staff: Client) -> None:
    answer = staff.post("/v1/countries", COUNTRY | {"languages": ["fr"] * 1001})
    assert found(answer) == {"/languages": "max_length"}


@pytest.mark.parametrize("body", [None, 5, "text", True])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_a_body_is_an_object(owner: Client, world: World, method: str, body: Any) -> None:
    path = "/v1/trips" if method == "POST" else f"/v1/trips/{world.trip.id}"
    assert found(owner.send(method, path, json.dumps(body).encode())) == {"": "invalid"}


def test_nothing_is_kept_of_what_is_refused(owner: Client, world: World) -> None:
    owner.patch(f"/v1/trips/{world.trip.id}", {"name": "Lakes", "ends_on": "2027-04-01"})
    owner.patch(f"/v1/stops/{world.stops[0].id}", {"notes": "x", "position": 2})
    assert Trip.objects.get(id=world.trip.id).name == "Alps by train"
    assert (Stop.objects.get(id=world.stops[0].id).notes, Stop.objects.filter(notes="x").count()) == ("", 0)
