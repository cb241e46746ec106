"""POST: 201 with `Location`, `ETag` and the row; a client may bring its own key; nothing is kept of what is refused."""

from typing import Any
from uuid import UUID

import pytest
from django.test import Client as DjangoClient
from django.urls import set_script_prefix

from resources.places.models import Country
from resources.trips.models import Trip
from tests.client import Client
from tests.features.bodies import COUNTRY, TRIP
from tests.world import World, key

VERSION_4 = UUID("f52d8304-3e24-43c7-8e99-aebd0a2503a1")


def test_it_works(owner: Client, world: World) -> None:
    answer = owner.post("/v1/trips", TRIP)
    assert answer.status == 201
    row = answer.json
    assert {name: row[name] for name in TRIP} == TRIP
    assert row["owner"] == str(world.owner.id)
    assert UUID(row["id"]).version == 7
    assert answer.headers["Location"] == f"http://testserver/v1/trips/{row['id']}"
    read = owner.get(answer.headers["Location"])
    assert (read.json, read.headers["ETag"]) == (row, answer.headers["ETag"])


def test_what_is_left_out_takes_its_default(owner: Client) -> None:
    row = owner.post("/v1/trips", TRIP).json
    given = {name: row[name] for name in ("budget", "currency", "notes", "details", "revision")}
    assert given == {"budget": None, "currency": None, "notes": "", "details": {}, "revision": 1}


def test_every_kind_of_member(owner: Client) -> None:
    sent = TRIP | {
        "budget": "1250.50",
        "currency": "EUR",
        "notes": "  Bring a tent.\n",
        "details": {"seats": [11, 12.5, None, True], "é": {"": "ok"}},
    }
    row = owner.post("/v1/trips", sent).json
    assert {name: row[name] for name in sent} == sent


def test_a_list_of_references(staff: Client) -> None:
    answer = staff.post("/v1/countries", COUNTRY | {"languages": ["fr", "de"], "currency": "EUR"})
    assert answer.status == 201
    assert sorted(answer.json["languages"]) == ["de", "fr"]
    assert set(Country.objects.get(id="IT").languages.values_list("id", flat=True)) == {"de", "fr"}


def test_one_may_bring_a_key(owner: Client) -> None:
    mine = str(key(77))
    answer = owner.post("/v1/trips", TRIP | {"id": mine})
    assert (answer.status, answer.json["id"]) == (201, mine)


@pytest.mark.parametrize(
    "bad", ["f52d8304-3e24-43c7-8e99-aebd0a2503a1", "nonsense", "0198f1c2" * 4, "", 7, {}, "{" + str(key(1)) + "}"]
)
def test_a_key_of_another_form_is_refused(owner: Client, bad: Any) -> None:
    answer = owner.post("/v1/trips", TRIP | {"id": bad})
    assert answer.status == 400
    assert [fault["pointer"] for fault in answer.json["errors"]] == ["/id"]


@pytest.mark.parametrize("taken", ["trip", "other_trip"])
def test_a_key_that_is_taken_is_a_conflict_and_nobodys_row_changes(owner: Client, world: World, taken: str) -> None:
    theirs: Trip = getattr(world, taken)
    answer = owner.post("/v1/trips", TRIP | {"id": str(theirs.id)})
    assert answer.status == 409
    assert answer.json["errors"] == [{"pointer": "/id", "code": "unique", "detail": "A row with this id exists."}]
    assert theirs.name not in answer.text
    again = Trip.objects.get(id=theirs.id)
    assert (again.name, again.owner_id, again.revision) == (theirs.name, theirs.owner_id, 1)


def test_a_natural_key_is_needed_and_its_row_found_under_it(staff: Client) -> None:
    without = staff.post("/v1/countries", {name: value for name, value in COUNTRY.items() if name != "id"})
    assert (without.status, without.json["errors"][0]["pointer"]) == (400, "/id")
    answer = staff.post("/v1/countries", COUNTRY)
    assert answer.headers["Location"] == "http://testserver/v1/countries/IT"


def test_a_natural_key_that_is_taken(staff: Client) -> None:
    answer = staff.post("/v1/countries", COUNTRY | {"id": "FR"})
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (409, "/id")
    assert Country.objects.get(id="FR").name == "France"


@pytest.mark.parametrize("bad", ["A/", "/", ".", "..", " A", "A ", "\n", "A\t", "\\", "\x7f", ""])
def test_a_key_that_cannot_stand_in_an_address(staff: Client, bad: str) -> None:
    answer = staff.post("/v1/countries", COUNTRY | {"id": bad})
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (400, "/id")


@pytest.mark.parametrize("strange", ["é1", "a?", "%2", "#+", "日本", "😀", "~;"])
def test_any_other_key_is_found_where_location_says(staff: Client, strange: str) -> None:
    answer = staff.post("/v1/countries", COUNTRY | {"id": strange})
    assert answer.status == 201
    assert staff.get(answer.headers["Location"]).json == answer.json


def test_fields_and_expand_shape_the_answer(owner: Client) -> None:
    answer = owner.post("/v1/trips?fields=name,currency.name&expand=currency", TRIP | {"currency": "CHF"})
    assert answer.json == {"name": "Lakes", "currency": {"name": "Swiss Franc"}}


@pytest.mark.parametrize("query", ["?colour=red", "?limit=1", "?fields=nme", "?expand=owner", "?format=xml"])
def test_an_unknown_parameter_is_refused_and_nothing_kept(owner: Client, query: str) -> None:
    answer = owner.post(f"/v1/trips{query}", TRIP)
    assert answer.status == 400
    assert answer.json["errors"][0]["parameter"] == query[1:].partition("=")[0]
    assert not Trip.objects.filter(name="Lakes").exists()


@pytest.mark.parametrize(
    "prefer", ["return=minimal", 'Return="minimal"', "respond-async, return=minimal; x=y", "return = minimal"]
)
def test_without_the_answer(owner: Client, prefer: str) -> None:
    answer = owner.post("/v1/trips", TRIP, headers={"Prefer": prefer})
    assert (answer.status, answer.content) == (201, b"")
    assert answer.headers["Preference-Applied"] == "return=minimal"
    assert "Content-Type" not in answer.headers
    assert owner.get(answer.headers["Location"]).headers["ETag"] == answer.headers["ETag"]


@pytest.mark.parametrize("prefer", ["return=representation", "return=representation, return=minimal", "minimal", "="])
def test_other_preferences_change_nothing(owner: Client, prefer: str) -> None:
    answer = owner.post("/v1/trips", TRIP, headers={"Prefer": prefer})
    assert answer.json["name"] == "Lakes"
    assert "Preference-Applied" not in answer.headers


def test_a_closing_slash_makes_no_difference(owner: Client) -> None:
    answer = owner.post("/v1/trips/", TRIP)
    assert answer.status == 201
    assert answer.headers["Location"] == f"http://testserver/v1/trips/{answer.json['id']}"


def test_location_is_below_the_path_that_the_api_is_mounted_at(owner: Client) -> None:
    set_script_prefix("/shop/")
    try:
        client = DjangoClient(SCRIPT_NAME="/shop", headers=owner.headers)
        answer = client.post("/v1/trips", TRIP, content_type="application/json")
        refused = client.post("/v1/trips", {}, content_type="application/json")
    finally:
        set_script_prefix("/")
    assert answer["Location"] == f"http://testserver/shop/v1/trips/{answer.json()['id']}"
    assert refused.json()["type"] == "http://testserver/shop/problems/invalid-body"


@pytest.mark.parametrize(
    "content_type", ["application/json; charset=utf-8", "APPLICATION/JSON", "application/json;v=1"]
)
def test_ways_to_say_json(owner: Client, content_type: str) -> None:
    assert owner.unchecked().post("/v1/trips", TRIP, content_type=content_type).status == 201


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_a_post_is_a_post(owner: Client, header: str) -> None:
    answer = owner.post("/v1/trips", TRIP, headers={header: "DELETE"})
    assert answer.status == 201


def test_an_answer_in_no_form_on_offer_is_refused_before_anything_is_kept(owner: Client) -> None:
    answer = owner.post("/v1/trips", TRIP, accept="text/csv")
    assert answer.status == 406
    assert not Trip.objects.filter(name="Lakes").exists()
