"""A body is held to the contract: everything that is wrong is told at once, each with its pointer (RFC 6901)."""

import json
from typing import Any

import pytest

from resources.trips.models import Stop, Trip
from tests.client import Client
from tests.features.bodies import BODIES, CITY, COUNTRY, TRIP
from tests.world import World

# A text may hold anything but NUL characters and lone surrogates; so may the names in a JSON column.
ODD = "a'\"\\/\b\f\n\r\t\x01\x7f\u2028\ufeff\u200b\U0001f600\U0010ffff e\u0301 é <script> %s {} $1"


def found(answer: Any) -> dict[str, str]:
    """Return the codes of the faults by their pointers."""
    assert answer.status in (400, 409), answer.text
    assert len({fault["pointer"] for fault in answer.json["errors"]}) == len(answer.json["errors"])
    return {fault["pointer"]: fault["code"] for fault in answer.json["errors"]}


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


WRONG: dict[str, list[Any]] = {
    "trips.name": [5, 5.5, True, ["Lakes"], {"a": 1}, "", " ", "\n\t", "x" * 201],
    "trips.notes": [5, False, [], {}],
    "trips.begins_on": [
        *(
            20270601,
            True,
            "",
            "2027-6-1",
            "2027-06-31",
            "0000-01-01",
            "10000-01-01",
            "2027-06-01T00:00:00Z",
            "01/06/2027",
        ),
        *(
            " 2027-06-01",
            "2027-06-01 ",
            "2027-06-01\n",
            "20270601",
            "2027-W22-2",
            "\uff12\uff10\uff12\uff17-06-01",
            "-2027-06-01",
        ),
    ],
    "trips.budget": [
        *(
            True,
            "",
            " ",
            "1,5",
            "1.",
            ".5",
            "+1",
            "1e3",
            "1E-2",
            "1_0",
            "NaN",
            "sNaN",
            "Infinity",
            "-inf",
            "0x10",
            "\u0663",
        ),
        *(
            " 1",
            "1 ",
            "1\n",
            "1.234",
            "12345678901",
            "1e999999",
            "9" * 2000,
            1.234,
            12345678901,
            1e300,
            0.30000000000000004,
        ),
        *(["1"], {"a": 1}, "-0.01", -1, "--1", "1.2.3"),
    ],
    "trips.currency": [5, True, "", "eur", "EUR ", " EUR", ["EUR"], {"id": "EUR"}, "EURO"],
    "countries.population": [
        *("5", 5.5, 2.0**60, True, "", [5], {}, -1, "abc"),
        *(" 5", "0x5", "\u0665"),
    ],
    "countries.area_km2": [-1, 2**31, 2**63 - 1],
    "countries.continent": [5, True, "eu", "EU ", "Europe", "", ["EU"], {}],
    "countries.languages": [
        "fr",
        5,
        {"fr": 1},
        {},
        True,
        ["xx"],
        [5],
        [None],
        [["fr"]],
        [{"id": "fr"}],
        [""],
        ["fr", "fr "],
    ],
    "countries.numeric": [380, True, [], "3800"],
    "cities.is_capital": ["true", "false", "yes", "on", 1, 0, 1.0, "", [], {}, "null"],
    "cities.latitude": ["41.9", True, "", [], {}, "NaN", 90.000001, -91, 1e300],
    "cities.id": ["5", 5.5, True, -1, [], {}, ""],
    "cities.country": [5, True, "fr", "", ["FR"], {"id": "FR"}],
}


@pytest.mark.parametrize("member", WRONG)
def test_a_member_takes_its_own_type_and_no_other(owner: Client, staff: Client, member: str) -> None:
    resource, _, name = member.partition(".")
    client = owner if resource == "trips" else staff
    for value in WRONG[member]:
        answer = client.post(f"/v1/{resource}", BODIES[resource] | {name: value})
        assert answer.status == 400, (value, answer.text)
        assert {fault["pointer"].split("/")[1] for fault in answer.json["errors"]} == {name}, (value, answer.text)


RIGHT: dict[str, list[Any]] = {
    "trips.name": ["x", "x" * 200, " padded ", "0", ODD[:200]],
    "trips.notes": ["", " ", ODD, "\n", "\ufffe\uffff"],
    "trips.begins_on": ["0001-01-01", "2024-02-29", "2027-06-05"],
    "trips.ends_on": ["9999-12-31"],
    "trips.details": [
        *(None, True, 0, "", [], {}, "text", 1.5, -0.0, 1e-300, 2**53 + 1, 2**63 - 1, -(2**63), 9.2e18, 5e-324),
        *(
            [[[]]],
            {"": {"": [None]}},
            {ODD: ODD},
            {"a": 1.0},
            {"b": 1e15, "a": 123456789.123456789},
            [1, "1", True, None],
        ),
    ],
    "countries.languages": [[], ["fr"], ["fr", "de", "en"]],
    "countries.area_km2": [0, 2**31 - 1, None],
    "countries.population": [0, 5.0, 1e3, 2**63 - 1],
    "countries.numeric": [None, "380", ""],
    "cities.is_capital": [True, False],
    "cities.latitude": [90, -90, 0, 41.89193, -0.0, 1e-300, 12.345678901234567],
    "cities.id": [0, 1, 2**63 - 1],
    "cities.subdivision": [None, "FR-42"],
}


@pytest.mark.parametrize("member", RIGHT)
def test_what_is_accepted_reads_back_as_it_was_sent(owner: Client, staff: Client, member: str) -> None:
    resource, _, name = member.partition(".")
    client = owner if resource == "trips" else staff
    for value in RIGHT[member]:
        if member == "trips.details" and value is None:
            continue
        answer = client.post(f"/v1/{resource}", BODIES[resource] | {name: value})
        assert answer.status == 201, (value, answer.text)
        read = client.get(answer.headers["Location"]).json
        assert read == answer.json
        assert read[name] == value or sorted(read[name]) == sorted(value), value
        assert client.delete(answer.headers["Location"]).status == 204


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("7", "7.00"),
        ("7.5", "7.50"),
        ("007.50", "7.50"),
        ("0", "0.00"),
        ("-0", "0.00"),
        ("9999999999.99", "9999999999.99"),
        (7, "7.00"),
        (7.5, "7.50"),
        (0.1, "0.10"),
        (9999999999.99, "9999999999.99"),
        (0, "0.00"),
        (-0.0, "0.00"),
    ],
)
def test_decimals(owner: Client, sent: Any, read: str) -> None:
    # Unchecked: the contract asks for a text of the least digits; more of them are accepted and say the same.
    client = owner.unchecked()
    answer = client.post("/v1/trips", TRIP | {"budget": sent, "currency": "EUR"})
    assert answer.status == 201, answer.text
    assert answer.json["budget"] == read
    assert client.get(answer.headers["Location"]).json["budget"] == read


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("2027-05-02T10:30:00Z", "2027-05-02T10:30:00Z"),
        ("2027-05-02T10:30:00.5Z", "2027-05-02T10:30:00.500000Z"),
        ("2027-05-02T10:30:00.123456+02:00", "2027-05-02T08:30:00.123456Z"),
        ("2027-05-02T00:30:00+05:45", "2027-05-01T18:45:00Z"),
        ("2027-05-02T10:30:00-00:00", "2027-05-02T10:30:00Z"),
        ("2027-05-09T12:00:00-11:59", "2027-05-09T23:59:00Z"),
        ("2027-05-02t10:30:00z", "2027-05-02T10:30:00Z"),
    ],
)
def test_times(owner: Client, world: World, sent: str, read: str) -> None:
    body = {"trip": str(world.trip.id), "position": 9, "city": 2988507, "arrives_at": sent}
    answer = owner.post("/v1/stops", body)
    assert answer.status == 201, answer.text
    assert answer.json["arrives_at"] == read
    assert owner.get(answer.headers["Location"]).json["arrives_at"] == read


@pytest.mark.parametrize(
    "sent",
    [
        *(5, True, "", "2027-05-02", "10:30", "2027-05-02T10:30", "2027-05-02T10:30:00", "2027-05-02T10:30:00+0200"),
        *("2027-05-02T24:00:00Z", "2027-05-02T10:30:60Z", "2027-05-02T10:30:00.1234567Z", "2027-02-30T10:30:00Z"),
        *("2027-05-02T10:30:00Z ", " 2027-05-02T10:30:00Z", "2027-05-02T10:30:00+24:00", "2027-05-02T10:30:00 Z"),
        *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "0000-12-31T23:59:59Z", "+2027-05-02T10:30:00Z"),
        *("20270502T103000Z", "1777717800", "now"),
    ],
)
def test_times_that_are_none(owner: Client, world: World, sent: Any) -> None:
    answer = owner.post("/v1/stops", {"trip": str(world.trip.id), "position": 9, "city": 1850147, "arrives_at": sent})
    assert found(answer) == {"/arrives_at": "invalid"}


@pytest.mark.parametrize("sent", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"])
def test_the_first_and_the_last_time(owner: Client, world: World, sent: str) -> None:
    trip = owner.post("/v1/trips", TRIP | {"begins_on": "0001-01-01", "ends_on": "9999-12-31"}).json["id"]
    answer = owner.post("/v1/stops", {"trip": trip, "position": 1, "city": 1850147, "arrives_at": sent})
    assert answer.json["arrives_at"] == sent
    assert owner.get(answer.headers["Location"]).json["arrives_at"] == sent
    assert owner.get("/v1/stops", arrives_at=sent).json["results"] == [answer.json]


@pytest.mark.parametrize("number", [1e19, -1e19, 2.0**63, 1e300, -1.7976931348623157e308])
def test_numbers_that_a_json_column_would_give_back_as_others(owner: Client, number: float) -> None:
    answer = owner.post("/v1/trips", TRIP | {"details": {"a": [0, {"b/c": number}]}})
    assert found(answer) == {"/details/a/1/b~1c": "max_value"}


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
