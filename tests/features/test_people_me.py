"""`/v1/me` says who asks and what they may do, by whatever way they showed it."""

import pytest

from resources.accounts.models import Person
from resources.core.api_keys.models import ApiKey
from tests.client import Client
from tests.people import App, device, logged_in, signed_up
from tests.world import World

ADA = "ada@example.org"


def test_a_person_by_every_way(api: Client) -> None:
    app = App(api)
    signed_up(app, ADA)
    browser = device(api, "browser")
    logged_in(browser, ADA)
    person = {"id": str(Person.objects.get().id), "email": ADA, "is_staff": False}
    for client in (app.client(), api.with_key(app.access), browser.client()):
        answer = client.get("/v1/me")
        assert (answer.status, answer.json) == (200, {"person": person, "key": None, "scopes": ["*"]})
        assert answer.headers["Cache-Control"] == "private, no-cache"


def test_a_key_and_its_scopes(api: Client, world: World) -> None:
    me = api.acting_for(world.staff, "trips:write", "cities:read").get("/v1/me").json
    assert me["person"] == {"id": str(world.staff.id), "email": world.staff.email, "is_staff": True}
    assert (me["key"], me["scopes"]) == (
        str(ApiKey.objects.get(scopes__0="cities:read").id),
        ["cities:read", "trips:write"],
    )


def test_nobody(api: Client) -> None:
    answer = api.get("/v1/me")
    assert (answer.status, "Bearer" in answer.headers["WWW-Authenticate"]) == (401, True)


def test_as_everywhere(api: Client, world: World) -> None:
    client = api.acting_for(world.owner)
    answer = client.get("/v1/me")
    assert client.get("/v1/me", headers={"If-None-Match": answer.headers["ETag"]}).status == 304
    assert (
        client.unchecked().get("/v1/me/").json == answer.json
    )  # with a closing slash, which the contract does not name
    assert client.head("/v1/me").status == 200
    assert client.options("/v1/me").headers["Allow"] == "GET, HEAD, OPTIONS"
    assert client.post("/v1/me", {}).status == 405


@pytest.mark.parametrize("parameter", ["fields", "x"])
def test_parameters_are_refused(api: Client, world: World, parameter: str) -> None:
    answer = api.acting_for(world.owner).get("/v1/me", **{parameter: "a"})
    assert (answer.status, answer.json["errors"][0]["parameter"]) == (400, parameter)
