"""`Idempotency-Key`: a request that is sent again is answered as the first time, to the byte, and done once."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest

from api.core.write import idempotency
from resources.core.idempotency import answers
from resources.core.idempotency.key import IdempotencyKey
from resources.core.idempotency.models import StoredAnswer
from resources.core.journal.models import Change
from resources.trips.models import Trip
from tests.client import Answer, Client
from tests.features.bodies import TRIP
from tests.world import World

KEY = "5e3a6d0c-0d59-4d3c-8a4c-2f1f0a8d6e11"
OWN = frozenset(("idempotency-replayed", "x-request-id", "ratelimit", "server-timing"))
"""The headers that every answer has its own of."""


def keyed(client: Client, key: str = KEY) -> Client:
    return client.with_headers(Idempotency_Key=key)


def told(answer: Answer) -> tuple[int, dict[str, str], bytes]:
    """Return what a replay has in common with the first answer."""
    headers = {name.lower(): text for name, text in answer.response.items()}
    return answer.status, {name: headers[name] for name in headers if name not in OWN}, answer.content


def hold_replayed(first: Answer, again: Answer) -> None:
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true", again.text
    assert told(again) == told(first)


def test_it_works(owner: Client, world: World) -> None:
    first, again, third = (keyed(owner).post("/v1/trips", TRIP) for _ in range(3))
    assert first.status == 201
    hold_replayed(first, again)
    hold_replayed(first, third)
    assert Trip.objects.filter(name=TRIP["name"]).count() == 1
    assert again.headers["X-Request-ID"] != first.headers["X-Request-ID"]


def test_every_method_and_form_of_answer(owner: Client) -> None:
    row = owner.post("/v1/trips", TRIP).json
    address = f"/v1/trips/{row['id']}"
    minimal = {"Prefer": "return=minimal"}
    sent: list[tuple[Any, ...]] = [
        ("PATCH", address, {"notes": "x" * 3000}, {"Accept-Encoding": "gzip"}),
        ("PATCH", address, {"notes": ""}, minimal),
        ("PUT", address, TRIP | {"name": "Other"}, {}),
        ("POST", "/v1/trips?fields=id,name", [TRIP, TRIP], {}),
        ("POST", "/v1/trips", [TRIP], minimal),
        ("DELETE", address),
    ]
    for place, (method, url, *rest) in enumerate(sent):
        body, headers = rest or (None, {})
        words = (body,) if rest else ()
        client = keyed(owner, f"key {place}").with_headers(**headers)
        first, again = client.send(method, url, *words), client.send(method, url, *words)
        assert first.status < 300, first.text
        hold_replayed(first, again)
        assert first.response.getvalue() == again.response.getvalue()
    assert Trip.objects.filter(name=TRIP["name"]).count() == 3


def test_another_request_with_the_key_is_refused(owner: Client, world: World) -> None:
    first = keyed(owner).post("/v1/trips", TRIP)
    address = first.headers["Location"]
    for answer in (
        keyed(owner).post("/v1/trips", TRIP | {"name": "Other"}),
        keyed(owner).post("/v1/trips?fields=id", TRIP),
        keyed(owner).patch(address, TRIP),
        keyed(owner).delete(address),
        keyed(owner).post("/v1/stops", TRIP),
        keyed(owner).post("/v1/trips", TRIP, content_type="application/json; charset=utf-8"),
        keyed(owner.acting_for(world.owner)).post("/v1/trips", TRIP),  # another API key of the same person
    ):
        assert (answer.status, answer.json["type"]) == (422, "http://testserver/problems/idempotency-key-reused")
        assert answer.json["errors"][0]["header"] == "Idempotency-Key"
    assert Trip.objects.filter(name=TRIP["name"]).count() == 1
    hold_replayed(first, keyed(owner).post("/v1/trips", TRIP))


def test_the_same_text_of_somebody_else_is_another_key(owner: Client, staff: Client) -> None:
    first, other = keyed(owner).post("/v1/trips", TRIP), keyed(staff).post("/v1/trips", TRIP)
    assert (first.status, other.status) == (201, 201)
    assert "Idempotency-Replayed" not in other.headers
    assert first.json["id"] != other.json["id"]


def test_the_header_may_be_a_string_of_structured_fields(owner: Client) -> None:
    first = keyed(owner, f'"{KEY}"').post("/v1/trips", TRIP)
    hold_replayed(first, keyed(owner).post("/v1/trips", TRIP))


@pytest.mark.parametrize("text", ["x" * 256, "\xe9", "a\tb", '""', " "])
def test_what_is_no_key(owner: Client, text: str) -> None:
    answer = owner.post("/v1/trips", TRIP, headers={"Idempotency-Key": text})
    assert (answer.status, answer.json["errors"][0]["header"]) == (400, "Idempotency-Key")
    assert not Trip.objects.filter(name=TRIP["name"]).exists()


def test_the_longest_key(owner: Client) -> None:
    text = "x" * 255
    hold_replayed(keyed(owner, text).post("/v1/trips", TRIP), keyed(owner, text).post("/v1/trips", TRIP))


def test_a_key_belongs_to_somebody(api: Client) -> None:
    answer = keyed(api).post("/v1/trips", TRIP)
    assert answer.status == 401
    assert not StoredAnswer.objects.exists()


def test_reads_take_no_notice(owner: Client) -> None:
    assert keyed(owner).get("/v1/trips").status == 200
    assert not StoredAnswer.objects.exists()


def test_a_mended_body_may_use_its_key(owner: Client) -> None:
    assert keyed(owner).post("/v1/trips", TRIP | {"begins_on": "never"}).status == 400
    assert keyed(owner).post("/v1/trips", b"{").status == 400
    assert keyed(owner).post("/v1/trips", TRIP).status == 201


def test_what_was_not_tried_is_not_kept(owner: Client, api: Client, world: World) -> None:
    assert keyed(api.with_key("hw_nothing")).post("/v1/trips", TRIP).status == 401
    assert keyed(owner).post("/v1/countries", {}).status == 403
    assert keyed(owner).patch(f"/v1/trips/{uuid.uuid4()}", {"name": "x"}).status == 404
    assert not StoredAnswer.objects.exists()


def test_a_conflict_is_kept(owner: Client) -> None:
    mine = owner.post("/v1/trips", TRIP).json["id"]
    changes = Change.objects.count()
    first = keyed(owner).post("/v1/trips", [TRIP, TRIP | {"id": mine}])
    assert first.status == 409
    assert owner.delete(f"/v1/trips/{mine}").status == 204
    again = keyed(owner).post("/v1/trips", [TRIP, TRIP | {"id": mine}])
    hold_replayed(first, again)
    assert again.json["instance"] == first.headers["X-Request-ID"]
    assert not Trip.objects.filter(name=TRIP["name"]).exists()
    assert Change.objects.count() == changes + 1


def test_what_cannot_be_deleted_is_a_conflict_that_is_kept(staff: Client) -> None:
    first, again = (keyed(staff).delete("/v1/currencies/EUR") for _ in range(2))
    assert first.status == 409
    hold_replayed(first, again)


def test_a_new_key_is_shown_again(owner: Client) -> None:
    first, again = (keyed(owner).post("/v1/keys", {"name": "phone", "scopes": ["*"]}) for _ in range(2))
    assert first.status == 201
    hold_replayed(first, again)
    secret = next(value for value in first.json.values() if str(value).startswith("hw_"))
    assert secret.encode() not in StoredAnswer.objects.get().answer
    assert KEY.encode() not in StoredAnswer.objects.get().request


def test_a_long_answer_is_kept_without_its_body(owner: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idempotency, "MOST_BYTES", 1000)
    long = TRIP | {"notes": "x" * 1000}
    first, again = (keyed(owner).post("/v1/trips", long) for _ in range(2))
    assert (first.status, again.status, again.content) == (201, 201, b"")
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.headers["Preference-Applied"] == "return=minimal"
    assert again.headers["Location"] == first.headers["Location"]
    rows, ids = (keyed(owner, "several").unchecked().post("/v1/trips", [long, long]) for _ in range(2))
    assert ids.json == [{"id": row["id"]} for row in rows.json]


def test_after_a_day_a_key_is_free(owner: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    first = keyed(owner).post("/v1/trips", TRIP)
    StoredAnswer.objects.update(expires=int(datetime.now(UTC).timestamp()))
    answer = keyed(owner).post("/v1/trips", TRIP)
    assert (answer.status, answer.json["id"] != first.json["id"]) == (201, True)
    hold_replayed(answer, keyed(owner).post("/v1/trips", TRIP))
    monkeypatch.setattr(answers, "AT_ONCE", 1)
    keyed(owner, "another").post("/v1/trips", TRIP)
    StoredAnswer.objects.update(expires=1)
    keyed(owner, "a third").post("/v1/trips", TRIP)
    answers.forget()
    assert StoredAnswer.objects.count() == 1


def test_a_sealed_answer_is_opened_by_its_key_alone() -> None:
    from cryptography.exceptions import InvalidTag

    person = uuid.uuid4()
    key = IdempotencyKey("a", person)
    sealed = key.seal(b"secret")
    assert key.unseal(sealed) == b"secret"
    assert b"secret" not in sealed
    for other in (IdempotencyKey("b", person), IdempotencyKey("a", uuid.uuid4())):
        with pytest.raises(InvalidTag):
            other.unseal(sealed)
