"""A member takes its own type and no other, and what it takes reads back as it was sent."""

from typing import Any

import pytest

from tests.client import Client
from tests.features.bodies import BODIES, TRIP
from tests.features.problems import found
from tests.world import World

# A text may hold anything but NUL characters and lone surrogates; so may the names in a JSON column.
ODD = "a'\"\\/\b\f\n\r\t\x01\x7f\u2028\ufeff\u200b\U0001f600\U0010ffff e\u0301 é <script> %s {} $1"


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
