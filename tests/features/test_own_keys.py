"""`/v1/keys`: people look after their own keys, and a key gives away no more than it has."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from api.core.builtin import keys
from resources.core.api_keys.last_use import LAST_USES
from resources.core.api_keys.models import ApiKey, is_well_formed
from tests.client import Client
from tests.world import World, key

NEW = {"name": "Script", "scopes": ["trips:read"]}
PATH = f"/v1/keys/{key(40)}"


def codes(answer: Any) -> list[tuple[str, str]]:
    return [(fault["pointer"], fault["code"]) for fault in answer.json["errors"]]


def test_it_works(api: Client, owner: Client, world: World) -> None:
    made = owner.post("/v1/keys", NEW)
    assert made.status == 201
    assert made.json["owner"] == str(world.owner.pk)
    assert is_well_formed(made.json["secret"])
    script = api.with_key(made.json["secret"])
    assert script.get("/v1/trips").status == 200
    assert script.post("/v1/trips", {"name": "x"}).status == 403


def test_the_secret_is_shown_once(owner: Client) -> None:
    made = owner.post("/v1/keys", NEW)
    path = f"/v1/keys/{made.json['id']}"
    later = [owner.get(path), owner.get("/v1/keys"), owner.patch(path, {"name": "Other"}), owner.put(path, NEW)]
    later += [owner.get("/v1/keys", accept=form) for form in ("text/csv", "application/x-ndjson")]
    for answer in later:
        assert answer.status == 200
        assert made.json["secret"][:20] not in answer.text
        assert "secret" not in answer.text
        assert "digest" not in answer.text
    assert owner.get("/v1/keys", fields="secret").status == 400
    assert owner.get("/v1/keys", digest="x").status == 400


@pytest.mark.parametrize("preference", ["return=minimal", "return=representation"])
def test_the_secret_is_shown_whatever_the_client_prefers(owner: Client, preference: str) -> None:
    made = owner.with_headers(Prefer=preference).post("/v1/keys", NEW)
    assert "Preference-Applied" not in made.headers
    assert made.json["secret"]


def test_several_at_once_have_a_secret_each(owner: Client) -> None:
    made = owner.post("/v1/keys", [NEW, NEW]).json
    assert len({row["secret"] for row in made}) == 2


def test_a_key_can_be_renamed_and_revoked(api: Client, owner: Client) -> None:
    made = owner.post("/v1/keys", NEW).json
    path = f"/v1/keys/{made['id']}"
    assert owner.patch(path, {"name": "Laptop"}).json["name"] == "Laptop"
    assert owner.patch(path, {"scopes": ["stops:read"]}).json["scopes"] == ["stops:read"]
    assert api.with_key(made["secret"]).get("/v1/trips").status == 403
    assert owner.delete(path).status == 204
    assert api.with_key(made["secret"]).get("/v1/trips").status == 401


def test_when_it_was_last_used(api: Client, owner: Client) -> None:
    made = owner.post("/v1/keys", NEW).json
    assert made["last_used_at"] is None
    api.with_key(made["secret"]).get("/v1/trips")
    LAST_USES.write()
    assert owner.get(f"/v1/keys/{made['id']}").json["last_used_at"] > made["created_at"]


@pytest.mark.parametrize("name", ["stranger", "editor", "staff"])
def test_the_keys_of_others_are_not_there(api: Client, world: World, name: str) -> None:
    other = api.acting_for(getattr(world, name))
    assert str(key(40)) not in other.get("/v1/keys").text
    assert other.get("/v1/keys", id=str(key(40))).json["results"] == []
    assert [other.get(PATH).status, other.patch(PATH, {"name": "x"}).status, other.delete(PATH).status] == [404] * 3
    assert ApiKey.objects.get(pk=key(40)).name == "Laptop"


def test_guests_have_none(api: Client, world: World) -> None:
    assert [api.get("/v1/keys").status, api.post("/v1/keys", NEW).status, api.get(PATH).status] == [401] * 3


def test_a_key_is_made_for_nobody_else(owner: Client, world: World) -> None:
    for body in (NEW | {"owner": str(world.staff.pk)}, NEW | {"owner_id": str(world.staff.pk)}):
        assert owner.post("/v1/keys", body).status == 400
    assert owner.patch(PATH, {"owner": str(world.staff.pk)}).status == 400


@pytest.mark.parametrize(
    ("has", "asks", "status"),
    [
        (["keys:write", "trips:write"], ["trips:read"], 201),
        (["keys:write", "trips:write"], ["trips:write", "keys:read"], 201),
        (["keys:write", "trips:read"], ["trips:write"], 403),
        (["keys:write", "trips:read"], ["trips:read", "stops:read"], 403),
        (["keys:write", "trips:read"], ["*"], 403),
        (["keys:read", "trips:read"], ["trips:read"], 403),
        (["trips:write"], ["trips:read"], 403),
        (["*"], ["*"], 201),
    ],
)
def test_a_key_gives_no_more_than_it_has(
    api: Client, world: World, has: list[str], asks: list[str], status: int
) -> None:
    client = api.acting_for(world.owner, *has)
    before = ApiKey.objects.count()
    assert client.post("/v1/keys", {"scopes": asks}).status == status
    assert ApiKey.objects.count() == before + (status == 201)


@pytest.mark.parametrize(
    "change", [{"scopes": ["*"]}, {"scopes": ["trips:write"]}, {"name": "x"}, {"expires_at": None}]
)
def test_a_key_cannot_change_one_that_does_more_nor_widen_itself(api: Client, world: World, change: Any) -> None:
    wide = ApiKey.objects.create(owner=world.owner, scopes=["*"], digest="wide")
    secret = ApiKey.objects.issue(world.owner, scopes=["keys:write", "trips:read"])
    own = ApiKey.objects.exclude(digest="wide").latest("created_at")
    client = api.with_key(secret)
    assert client.patch(f"/v1/keys/{wide.pk}", change).status == 403
    assert client.patch(f"/v1/keys/{own.pk}", change).status == (403 if "scopes" in change else 200)
    assert ApiKey.objects.get(pk=own.pk).scopes == ["keys:write", "trips:read"]
    assert ApiKey.objects.get(pk=wide.pk).name == ""


def test_what_a_key_makes_lives_no_longer_than_the_key(api: Client, world: World) -> None:
    until = timezone.now() + timedelta(hours=1)
    client = api.with_key(ApiKey.objects.issue(world.owner, expires_at=until))
    own = ApiKey.objects.latest("created_at")
    for later in (None, until + timedelta(seconds=1)):
        assert client.post("/v1/keys", NEW | {"expires_at": later}).status == 403
        assert client.patch(f"/v1/keys/{own.pk}", {"expires_at": later}).status == 403
    assert client.post("/v1/keys", NEW).status == 403
    assert client.post("/v1/keys", NEW | {"expires_at": until - timedelta(seconds=1)}).status == 201


@pytest.mark.parametrize(
    ("scopes", "place", "code"),
    [
        ([], "/scopes", "empty"),
        (["trips"], "/scopes/0", "invalid"),
        (["trips:read", "trip:read"], "/scopes/1", "unknown"),
        (["trips:delete"], "/scopes/0", "unknown"),
        (["trips:Delete"], "/scopes/0", "invalid"),
        (["trips:read\n"], "/scopes/0", "unknown"),
        ([None], "/scopes/0", "invalid"),
        ("trips:read", "/scopes", "invalid"),
        (None, "/scopes", "null"),
        (["trips:read"] * 101, "/scopes", "max_length"),
    ],
)
def test_scopes_that_are_none(owner: Client, scopes: Any, place: str, code: str) -> None:
    answer = owner.post("/v1/keys", {"scopes": scopes})
    assert answer.status == 400
    assert codes(answer)[0] == (place, code)


def test_a_scope_that_a_rule_asks_for(owner: Client) -> None:
    from tests.specimens import urls  # noqa: F401 - whose field rules ask for it

    assert owner.post("/v1/keys", {"scopes": ["crates:costs", "explain"]}).json["scopes"] == ["crates:costs", "explain"]
    assert codes(owner.post("/v1/keys", {"scopes": ["crates:cost"]})) == [("/scopes/0", "unknown")]


def test_a_scope_is_suggested(owner: Client) -> None:
    assert "'trips:read'" in owner.post("/v1/keys", {"scopes": ["trip:read"]}).json["errors"][0]["detail"]


def test_scopes_are_required_and_put_in_order(owner: Client) -> None:
    assert codes(owner.post("/v1/keys", {"name": "x"})) == [("/scopes", "required")]
    made = owner.post("/v1/keys", {"scopes": ["trips:write", "stops:read", "trips:write"]})
    assert made.json["scopes"] == ["stops:read", "trips:write"]


def test_a_time_that_has_gone_by(owner: Client) -> None:
    past = timezone.now() - timedelta(seconds=1)
    assert codes(owner.post("/v1/keys", NEW | {"expires_at": past})) == [("/expires_at", "past")]
    ApiKey.objects.filter(pk=key(40)).update(expires_at=past)
    stored = owner.get(PATH).json
    assert owner.put(PATH, stored | {"name": "Expired"}).json["name"] == "Expired"


def test_a_person_has_a_hundred_keys_at_most(owner: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "MOST_KEYS", 3)  # the owner has two
    assert owner.post("/v1/keys", [NEW, NEW]).status == 409
    assert owner.post("/v1/keys", NEW).status == 201
    assert owner.post("/v1/keys", NEW).status == 409
    assert ApiKey.objects.count() == 3
