"""PATCH: sets the members given, null included; as a merge patch (RFC 7396) it merges JSON columns, too."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from resources.places.models import Country
from resources.trips.models import Trip
from tests.client import Client
from tests.world import World

MERGE = "application/merge-patch+json"
DETAILS = {"seats": [11, 12], "class": 2, "meals": {"breakfast": True}}


@pytest.fixture
def trip(world: World) -> str:
    return f"/v1/trips/{world.trip.id}"


def test_it_works(owner: Client, trip: str) -> None:
    before = owner.get(trip).json
    answer = owner.patch(trip, {"name": "Lakes"})
    assert answer.status == 200
    row = answer.json
    assert row["revision"] == 2
    unchanged = before.keys() - {"name", "revision", "updated_at"}
    assert {name: row[name] for name in unchanged} == {name: before[name] for name in unchanged}
    read = owner.get(trip)
    assert (read.json, read.headers["ETag"]) == (row, answer.headers["ETag"])


def test_null_is_a_value(owner: Client, trip: str) -> None:
    row = owner.patch(trip, {"budget": None, "currency": None}).json
    assert (row["budget"], row["currency"]) == (None, None)


@pytest.mark.parametrize("member", ["name", "begins_on", "notes", "details"])
def test_null_is_refused_where_it_is_none(owner: Client, trip: str, member: str) -> None:
    answer = owner.patch(trip, {member: None})
    assert [(f["pointer"], f["code"]) for f in answer.json["errors"]] == [(f"/{member}", "null")]


def test_a_rule_counts_with_what_is_stored(owner: Client, trip: str) -> None:
    early = owner.patch(trip, {"ends_on": "2027-04-30"})
    assert [(f["pointer"], f["code"]) for f in early.json["errors"]] == [("/ends_on", "ends_too_early")]
    priced = owner.patch(trip, {"currency": None})
    assert [(f["pointer"], f["code"]) for f in priced.json["errors"]] == [("/currency", "needs_currency")]


def test_all_that_is_wrong_is_told_at_once(owner: Client, trip: str) -> None:
    before = owner.get(trip).json
    wrong = {"ends_on": "2027-04-30", "currency": None}
    rules = [("/currency", "needs_currency"), ("/ends_on", "ends_too_early")]
    answer = owner.patch(trip, wrong)
    assert sorted((f["pointer"], f["code"]) for f in answer.json["errors"]) == rules
    answer = owner.patch(trip, {**wrong, "name": 5})
    assert sorted((f["pointer"], f["code"]) for f in answer.json["errors"]) == [*rules, ("/name", "invalid")]
    assert owner.get(trip).json == before


@pytest.mark.parametrize("body", [{"population": 7}, {"population": 7, "timezone": "Europe/Paris", "is_capital": True}])
def test_it_asks_for_the_row_writes_it_and_shows_it(api: Client, world: World, body: Any) -> None:
    staff = api.acting_for(world.staff)
    for _ in range(3):  # what comes again is kept
        staff.patch("/v1/cities/2988507", body)
    with CaptureQueriesContext(connection) as queries:
        assert staff.patch("/v1/cities/2988507", body).status == 200
    said = [query["sql"].split()[0] for query in queries if "places_" in query["sql"]]
    on_postgresql = connection.vendor == "postgresql"  # whose UPDATE shows it by itself
    assert said == ["SELECT", "UPDATE", *([] if on_postgresql else ["SELECT"])]


def test_a_list_of_references_is_replaced(api: Client, world: World) -> None:
    staff = api.acting_for(world.staff)
    answer = staff.patch("/v1/countries/CH", {"languages": ["fr"]})
    assert (answer.json["languages"], answer.json["revision"]) == (["fr"], 2)
    assert staff.patch("/v1/countries/CH", {"languages": []}).json["languages"] == []
    assert staff.patch("/v1/countries/CH", {"name": "Suisse"}).json["languages"] == []


def test_what_it_cannot_find_leaves_the_list_as_it_was(api: Client, world: World) -> None:
    answer = api.acting_for(world.staff).patch("/v1/countries/CH", {"languages": ["fr", "xx", "yy"], "name": "Suisse"})
    assert [(f["pointer"], f["code"]) for f in answer.json["errors"]] == [
        ("/languages/1", "does_not_exist"),
        ("/languages/2", "does_not_exist"),
    ]
    country = Country.objects.get(id="CH")
    assert (country.name, country.languages.count()) == ("Switzerland", 2)


def test_a_member_that_is_read_only_may_repeat_what_is_stored(owner: Client, trip: str) -> None:
    before = owner.get(trip).json
    stamps = {name: before[name] for name in ("id", "owner", "created_at", "updated_at", "revision")}
    assert owner.patch(trip, stamps | {"name": "Lakes"}).status == 200
    again = owner.patch(trip, stamps)
    assert {f["pointer"]: f["code"] for f in again.json["errors"]} == {
        "/updated_at": "read_only",
        "/revision": "read_only",
    }


def test_json_columns_are_replaced_as_a_whole(owner: Client, trip: str) -> None:
    assert owner.patch(trip, {"details": {"class": 1}}).json["details"] == {"class": 1}


@pytest.mark.parametrize(
    ("patch", "merged"),
    [
        ({"class": 1}, DETAILS | {"class": 1}),
        ({"class": None}, {"seats": [11, 12], "meals": {"breakfast": True}}),
        ({"absent": None}, DETAILS),
        ({"meals": {"dinner": False}}, DETAILS | {"meals": {"breakfast": True, "dinner": False}}),
        ({"meals": {"breakfast": None}}, DETAILS | {"meals": {}}),
        ({"seats": [None, {"a": None}]}, DETAILS | {"seats": [None, {"a": None}]}),
        ({"class": {"a": {"b": None, "c": 1}}}, DETAILS | {"class": {"a": {"c": 1}}}),
        ({}, DETAILS),
        (["a list"], ["a list"]),
        ("a text", "a text"),
    ],
)
@pytest.mark.parametrize("content_type", [MERGE, f"{MERGE}; charset=utf-8"])
def test_a_merge_patch_merges_them(owner: Client, trip: str, patch: Any, merged: Any, content_type: str) -> None:
    answer = owner.patch(trip, {"details": patch, "name": "Lakes"}, content_type=content_type)
    assert (answer.json["details"], answer.json["name"]) == (merged, "Lakes")


def test_a_merge_patch_sets_other_members_as_any_patch_does(owner: Client, trip: str) -> None:
    row = owner.patch(trip, {"budget": None, "currency": None}, content_type=MERGE).json
    assert (row["budget"], row["currency"], row["details"]) == (None, None, DETAILS)
    refused = owner.patch(trip, {"details": None, "nme": "x"}, content_type=MERGE)
    assert {f["pointer"]: f["code"] for f in refused.json["errors"]} == {"/details": "null", "/nme": "unknown"}


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_merge_patch_is_for_patch_alone(owner: Client, trip: str, method: str) -> None:
    answer = owner.send(method, "/v1/trips" if method == "POST" else trip, {"name": "x"}, content_type=MERGE)
    assert answer.status == 415
    assert "application/json" in answer.json["detail"]
    assert MERGE not in answer.headers["Accept"]


def test_nothing_to_set(owner: Client, trip: str) -> None:
    assert owner.patch(trip, {}).json["name"] == "Alps by train"


def test_fields_and_expand_shape_the_answer(owner: Client, trip: str) -> None:
    answer = owner.patch(f"{trip}?fields=name,currency.name&expand=currency", {"name": "Lakes"})
    assert answer.json == {"name": "Lakes", "currency": {"name": "Euro"}}


def test_without_the_answer(owner: Client, trip: str) -> None:
    answer = owner.patch(trip, {"name": "Lakes"}, headers={"Prefer": "return=minimal"})
    assert (answer.status, answer.content) == (204, b"")
    assert owner.get(trip).headers["ETag"] == answer.headers["ETag"]


def test_every_save_counts(owner: Client, trip: str, world: World) -> None:
    revisions = [owner.patch(trip, {"notes": f"{n}"}).json["revision"] for n in range(3)]
    assert revisions == [2, 3, 4]
    assert Trip.objects.get(id=world.trip.id).revision == 4


def test_a_closing_slash_makes_no_difference(owner: Client, trip: str) -> None:
    assert owner.patch(f"{trip}/", {"name": "Lakes"}).json["name"] == "Lakes"
