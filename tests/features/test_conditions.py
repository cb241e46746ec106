"""`If-Match`: a row is changed only as its client knows it; 412 shows it as it is. `If-None-Match` is the contrary."""

from __future__ import annotations

import uuid

import pytest
from django.db import connection

from api.places import CurrencyViewSet
from resources.trips.models import Trip
from tests.client import Answer, Client
from tests.declarations import redeclare
from tests.features.bodies import TRIP
from tests.specimens.models import Crate
from tests.world import World


@pytest.fixture
def trip(owner: Client) -> str:
    return str(owner.post("/v1/trips", TRIP).headers["Location"])


def failed(answer: Answer, current: Answer) -> bool:
    assert (answer.status, answer.json["type"]) == (412, "http://testserver/problems/precondition-failed")
    assert answer.json["current"] == current.json
    assert answer.json["etag"] == answer.headers["ETag"] == current.headers["ETag"]
    return True


def test_it_works(owner: Client, trip: str) -> None:
    first = owner.get(trip)
    guarded = owner.with_headers(If_Match=first.headers["ETag"])
    changed = guarded.patch(trip, {"notes": "mine"})
    assert changed.status == 200
    assert failed(guarded.patch(trip, {"notes": "lost"}), owner.get(trip))
    assert failed(guarded.put(trip, TRIP), owner.get(trip))
    assert failed(guarded.delete(trip), owner.get(trip))
    assert owner.get(trip).json["notes"] == "mine"
    assert owner.with_headers(If_Match=changed.headers["ETag"]).delete(trip).status == 204


def test_any_representation_of_the_row_names_its_version(owner: Client, trip: str) -> None:
    for url, headers in (
        (f"{trip}?fields=name", {}),
        (f"{trip}?expand=stops", {}),
        (trip, {"Accept-Encoding": "gzip"}),
    ):
        owner.patch(trip, {"notes": uuid.uuid4().hex * 100})
        etag = owner.get(url, headers=headers).headers["ETag"]
        assert ("gzip" in etag) is bool(headers)
        assert owner.patch(trip, {"name": "x"}, headers={"If-Match": etag}).status == 200
        assert owner.patch(trip, {"name": "y"}, headers={"If-Match": etag}).status == 412


def test_the_current_row_is_shown_as_asked_for(owner: Client, trip: str) -> None:
    answer = owner.patch(f"{trip}?fields=name", {"notes": "x"}, headers={"If-Match": '"9-0123456789abcdef"'})
    assert failed(answer, owner.get(f"{trip}?fields=name"))


def test_lists_of_etags(owner: Client, trip: str) -> None:
    etag = owner.get(trip).headers["ETag"]
    other = '"77-0123456789abcdef"'
    assert owner.patch(trip, {"notes": "x"}, headers={"If-Match": f"{other}, {etag}"}).status == 200
    assert owner.patch(trip, {"notes": "y"}, headers={"If-Match": f"{other}, {etag}"}).status == 412
    assert owner.patch(trip, {"notes": "y"}, headers={"If-Match": "*"}).status == 200


@pytest.mark.parametrize("tag", ["W/{}", "nonsense", '"1"', "", '"0123456789abcdef"'])
def test_what_names_no_version_matches_none(owner: Client, trip: str, tag: str) -> None:
    etag = owner.get(trip).headers["ETag"]
    assert owner.patch(trip, {"notes": "x"}, headers={"If-Match": tag.format(etag)}).status == 412


def test_what_is_not_there_is_not_found(owner: Client) -> None:
    missing = f"/v1/trips/{uuid.uuid4()}"
    assert owner.delete(missing, headers={"If-Match": "*"}).status == 404
    assert owner.put(missing, TRIP, headers={"If-None-Match": "*"}).status == 404


def test_if_none_match(owner: Client, trip: str) -> None:
    first = owner.get(trip)
    for tag in ("*", first.headers["ETag"], f"W/{first.headers['ETag']}"):
        assert failed(owner.put(trip, TRIP, headers={"If-None-Match": tag}), first)
    assert owner.put(trip, TRIP, headers={"If-None-Match": '"9-0123456789abcdef"'}).status == 200


def test_another_program_counts_the_version_too(owner: Client, trip: str) -> None:
    etag = owner.get(trip).headers["ETag"]
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {Trip._meta.db_table} SET notes = 'by hand'")
    assert owner.patch(trip, {"notes": "x"}, headers={"If-Match": etag}).status == 412


def test_a_custom_action(owner: Client, trip: str, world: World) -> None:
    etag, body = owner.get(trip).headers["ETag"], {"member": str(world.editor.id)}
    owner.patch(trip, {"notes": "x"})
    answer = owner.post(f"{trip}/transfer", body, headers={"If-Match": etag})
    assert failed(answer, owner.get(trip))


def test_a_model_without_revision(crates: dict[str, Client]) -> None:
    staff = crates["staff"]
    etag = staff.get("/v1/crates/1").headers["ETag"]
    assert staff.patch("/v1/crates/1", {"name": "Third crate"}, headers={"If-Match": etag}).status == 200
    assert staff.patch("/v1/crates/1", {"name": "Fourth crate"}, headers={"If-Match": etag}).status == 412
    assert staff.patch("/v1/crates/1/label", {"name": "Fifth crate"}, headers={"If-Match": etag}).status == 412
    now = staff.get("/v1/crates/1").headers["ETag"]
    Crate.objects.filter(pk=1).update(budget=60)
    assert staff.patch("/v1/crates/1/label", {"name": "Fifth crate"}, headers={"If-Match": now}).status == 412
    now = staff.get("/v1/crates/1").headers["ETag"]
    assert staff.patch("/v1/crates/1/label", {"name": "Fifth crate"}, headers={"If-Match": now}).status == 200


def test_hidden_members_stay_hidden(crates: dict[str, Client]) -> None:
    answer = crates["person"].patch("/v1/crates/1", {"name": "x"}, headers={"If-Match": '"a-0123456789abcdef"'})
    assert answer.status == 412
    assert answer.json["current"] == crates["person"].get("/v1/crates/1").json
    assert "shelf" not in answer.json["current"]


def test_a_viewset_may_require_it(staff: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    redeclare(monkeypatch, CurrencyViewSet, require_if_match=True)
    plain, body = staff.unchecked(), {"name": "Euros"}  # the contract was written before
    for answer in (plain.patch("/v1/currencies/EUR", body), plain.delete("/v1/currencies/EUR")):
        assert (answer.status, answer.json["errors"][0]["header"]) == (428, "If-Match")
    assert plain.post("/v1/currencies", {"id": "XTS", "name": "T", "symbol": "T", "decimals": 2}).status == 201
    etag = plain.get("/v1/currencies/EUR").headers["ETag"]
    assert plain.patch("/v1/currencies/EUR", body, headers={"If-Match": etag}).status == 200


def test_a_change_that_was_done_is_answered_again_by_its_key(owner: Client, trip: str) -> None:
    headers = {"If-Match": owner.get(trip).headers["ETag"], "Idempotency-Key": "once"}
    first, again = (owner.patch(trip, {"notes": "x"}, headers=headers) for _ in range(2))
    assert (first.status, again.status, again.content) == (200, 200, first.content)
    assert owner.patch(trip, {"notes": "x"}, headers=headers | {"Idempotency-Key": "new"}).status == 412
