"""`dry_run=true`: what a write would be answered, and nothing of it is kept."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.core import mail
from django.db import connection, transaction
from django.http import HttpResponse

from api.core.write.rehearsal import rehearsal
from api.trips.trips import TripViewSet
from resources.core.idempotency.models import StoredAnswer
from resources.core.journal.models import Change
from resources.core.models import ApiKey
from resources.trips.models import Member, Trip
from tests.client import Answer, Client
from tests.features.bodies import TRIP
from tests.world import World

EXAMPLES = frozenset(("id", "created_at", "updated_at"))


def rows() -> dict[str, Any]:
    return {"trips": [*Trip.objects.order_by("pk").values()], "changes": Change.objects.count()}


def like(answer: Answer, other: Answer) -> bool:
    shown = [
        [{name: value for name, value in row.items() if name not in EXAMPLES} for row in each]
        for each in (
            ([each.json] if isinstance(each.json, dict) else each.json) if each.content else []
            for each in (answer, other)
        )
    ]
    names = [{name for name, _ in each.response.items()} for each in (answer, other)]
    return answer.status == other.status and shown[0] == shown[1] and names[0] == names[1]


def test_it_works(owner: Client) -> None:
    for body in (TRIP, [TRIP, TRIP]):
        before = rows()
        rehearsed = owner.post("/v1/trips", body, dry_run=True)
        assert rehearsed.status == 201
        assert rows() == before
        assert like(rehearsed, owner.post("/v1/trips", body))


def test_every_method(owner: Client) -> None:
    address = owner.post("/v1/trips", TRIP).headers["Location"]
    for method, words in (("PATCH", ({"notes": "x"},)), ("PUT", (TRIP | {"name": "y"},)), ("DELETE", ())):
        before = rows()
        rehearsed = owner.send(method, address, *words, dry_run=True)
        assert rows() == before
        assert like(rehearsed, owner.send(method, address, *words))


def test_beside_other_parameters(owner: Client) -> None:
    answer = owner.post("/v1/trips?dry_run=true&fields=name&expand=stops", TRIP)
    assert (answer.status, set(answer.json)) == (201, {"name", "stops"})
    assert owner.post("/v1/trips?dry_run=true&feilds=name", TRIP).status == 400


def test_false_is_as_if_it_were_not_there(owner: Client) -> None:
    assert owner.post("/v1/trips", TRIP, dry_run=False).status == 201
    assert Trip.objects.filter(name=TRIP["name"]).exists()


@pytest.mark.parametrize("query", ["dry_run=yes", "dry_run=", "dry_run=true&dry_run=true", "dry_run=1"])
def test_another_value_is_refused(owner: Client, query: str) -> None:
    answer = owner.unchecked().post(f"/v1/trips?{query}", TRIP)
    assert (answer.status, answer.json["errors"][0]["parameter"]) == (400, "dry_run")
    assert not Trip.objects.filter(name=TRIP["name"]).exists()


def test_reads_have_none(owner: Client) -> None:
    assert owner.unchecked().get("/v1/trips?dry_run=true").status == 400


def test_what_is_wrong_is_told(owner: Client, staff: Client, world: World) -> None:
    mine = owner.post("/v1/trips", TRIP).json["id"]
    before = rows()
    for client, method, url, words in (
        (owner, "POST", "/v1/trips", (TRIP | {"begins_on": "never"},)),
        (owner, "POST", "/v1/trips", (TRIP | {"ends_on": "2027-01-01"},)),
        (owner, "POST", "/v1/trips", (TRIP | {"id": mine},)),
        (owner, "POST", "/v1/countries", ({},)),
        (owner, "PATCH", f"/v1/trips/{world.other_trip.id}", ({"notes": "x"},)),
        (staff, "DELETE", "/v1/currencies/EUR", ()),
    ):
        rehearsed, real = (client.send(method, url, *words, headers={"X-Request-ID": "x"}, **dry) for dry in (
            {"dry_run": True}, {}))  # fmt: skip
        assert rehearsed.status >= 400
        assert (rehearsed.status, rehearsed.json) == (real.status, real.json)
    assert rows() == before


def test_deferred_constraints_are_asked(owner: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    address = owner.post("/v1/trips", TRIP).headers["Location"]

    def update(self: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        Trip.objects.update(currency_id="XXX")
        return super(TripViewSet, self).update(request, *args, **kwargs)

    monkeypatch.setattr(TripViewSet, "update", update, raising=False)
    assert owner.patch(address, {"notes": "x"}, dry_run=True).status == 409


def test_deferred_constraints_of_rows_that_may_be_there_are_asked(
    owner: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = owner.post("/v1/trips", TRIP).headers["Location"]

    def update(self: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        Member.objects.bulk_create([Member(trip=world.trip, person_id=uuid.uuid4())], ignore_conflicts=True)
        return HttpResponse(status=204)

    monkeypatch.setattr(TripViewSet, "update", update, raising=False)
    assert owner.patch(address, {"notes": "x"}, dry_run=True).status == 409


def test_a_custom_action_says_that_it_can(owner: Client, world: World, crates: dict[str, Client]) -> None:
    answer = crates["staff"].patch("/v1/crates/1/label?dry_run=true", {"name": "Fifth crate"})
    assert (answer.status, answer.json["errors"][0]["code"]) == (400, "not_offered")


def test_a_custom_action_that_can(owner: Client, world: World) -> None:
    before = rows()
    member = Member.objects.get(trip=world.trip, person=world.editor)
    answer = owner.post(f"/v1/trips/{world.trip.id}/transfer", {"member": str(member.pk)}, dry_run=True)
    assert (answer.status, answer.json["owner"]) == (200, str(world.editor.id)), answer.text
    assert rows() == before


def test_no_mail_is_sent_and_no_key_works(owner: Client, api: Client, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True) as callbacks, rehearsal():
        transaction.on_commit(lambda: mail.outbox.append("sent"))  # type: ignore[arg-type]
    assert callbacks == []
    shown = owner.post("/v1/keys", {"name": "phone", "scopes": ["*"]}, dry_run=True)
    secret = next(value for value in shown.json.values() if str(value).startswith("hw_"))
    assert not ApiKey.objects.filter(name="phone").exists()
    assert api.with_key(secret).get("/v1/trips").status == 401


def test_no_answer_is_kept(owner: Client) -> None:
    keyed = owner.with_headers(Idempotency_Key="once")
    assert keyed.post("/v1/trips", TRIP, dry_run=True).status == 201
    assert not StoredAnswer.objects.exists()
    assert keyed.post("/v1/trips", TRIP).status == 201
    assert keyed.post("/v1/trips", TRIP, dry_run=True).status == 201


def test_conditions_speak(owner: Client) -> None:
    address = owner.post("/v1/trips", TRIP).headers["Location"]
    answer = owner.patch(address, {"notes": "x"}, headers={"If-Match": '"9-0123456789abcdef"'}, dry_run=True)
    assert answer.status == 412


@pytest.mark.django_db(transaction=True)
def test_outside_of_a_test_s_own_transaction(owner: Client) -> None:
    assert owner.post("/v1/trips", TRIP, dry_run=True).status == 201
    assert not connection.in_atomic_block
    assert not Trip.objects.filter(name=TRIP["name"]).exists()
