"""`explain=access` says who may do what, and which rules decide, to staff and to keys with the scope `explain`."""

from typing import Any

import pytest

from resources.trips.models import Trip
from tests.client import Answer, Client
from tests.features.conftest import specimens  # noqa: F401 - a fixture
from tests.world import World, key

TRIP = f"/v1/trips/{key(10)}"
OWNER, EDITOR, VIEWER = 'owner("owner")', 'member("members", roles=["editor"])', 'member("members")'
POLICY = f"read({VIEWER}) | write({EDITOR}) | {OWNER}"


@pytest.fixture
def staff(api: Client, world: World) -> Client:
    return api.acting_for(world.staff)


def allowed(answer: Answer) -> dict[str, bool]:
    assert answer.status == 200, answer.text
    assert answer.headers["Content-Type"] == "application/vnd.headwater.access+json"
    return {verb: said["allowed"] for verb, said in answer.json["verbs"].items()}


def because(answer: Answer, verb: str) -> list[str]:
    return list(answer.json["verbs"][verb]["because"])


def test_it_works(staff: Client) -> None:
    answer = staff.get(TRIP, explain="access", actor="editor@example.org")
    assert allowed(answer) == {"read": True, "create": True, "update": True, "delete": True}
    assert answer.json["resource"] == "trips"
    assert answer.json["row"] == str(key(10))
    assert answer.json["verbs"]["read"]["policy"]["rule"] == POLICY
    assert (because(answer, "read"), because(answer, "update")) == ([VIEWER], [EDITOR])


@pytest.mark.parametrize(
    ("name", "reads", "writes"),
    [
        ("owner", ([OWNER], True), ([OWNER], True)),
        ("editor", ([VIEWER], True), ([EDITOR], True)),
        ("viewer", ([VIEWER], True), ([f"read({VIEWER})", EDITOR, OWNER], False)),
        ("stranger", ([VIEWER, f"write({EDITOR})", OWNER], False), ([f"read({VIEWER})", EDITOR, OWNER], False)),
        ("staff", ([VIEWER, f"write({EDITOR})", OWNER], False), ([f"read({VIEWER})", EDITOR, OWNER], False)),
    ],
)
def test_one_row_for_everybody(staff: Client, name: str, reads: Any, writes: Any) -> None:
    answer = staff.get(TRIP, explain="access", actor=f"{name}@example.org")
    assert (because(answer, "read"), allowed(answer)["read"]) == reads
    assert (because(answer, "update"), allowed(answer)["update"]) == writes
    assert (because(answer, "delete"), allowed(answer)["delete"]) == writes


def test_it_says_what_the_api_does(api: Client, staff: Client, world: World) -> None:
    """Whoever is told that they get in does, and nobody else."""
    for person in (world.owner, world.editor, world.viewer, world.stranger):
        for scopes in ((), ("trips:read",), ("trips:write",), ("stops:write",)):
            client = api.acting_for(person, *scopes)
            explained = allowed(api.acting_for(person, *(scopes or ["*"]), "explain").get("/v1/trips?explain=access"))
            assert (client.get("/v1/trips").status == 200) is explained["read"]
            assert (client.post("/v1/trips", {"nonsense": 1}).status == 400) is explained["create"]
        told = allowed(staff.get(TRIP, explain="access", actor=person.email))
        client = api.acting_for(person)
        assert (client.get(TRIP).status == 200) is told["read"]
        assert (client.patch(TRIP, {"notes": "x"}).status == 200) is told["update"]


def test_a_whole_resource(staff: Client) -> None:
    answer = staff.get("/v1/cities", explain="access", actor="stranger@example.org", country="FR", limit=5)
    assert allowed(answer) == {"read": True, "create": False, "update": False, "delete": False}
    assert answer.json["row"] is None
    assert (because(answer, "read"), because(answer, "update")) == (["anyone"], ["read(anyone)", "staff"])
    rows = {verb: said["policy"]["rows"] for verb, said in answer.json["verbs"].items()}
    assert rows == {"read": "all", "create": "none", "update": "none", "delete": "none"}
    assert allowed(staff.get("/v1/cities?explain=access"))["update"]


def test_a_key_explains_itself(api: Client, world: World) -> None:
    narrow = api.acting_for(world.owner, "explain", "trips:read")
    answer = narrow.get("/v1/trips", explain="access")
    assert allowed(answer) == {"read": True, "create": False, "update": False, "delete": False}
    assert answer.json["actor"]["scopes"] == ["explain", "trips:read"]
    assert answer.json["actor"]["key"]
    assert [said["in_scope"] for said in answer.json["verbs"].values()] == [True, False, False, False]
    assert answer.json["verbs"]["update"]["scope"] == "trips:write"
    stops = api.acting_for(world.owner, "explain").get("/v1/stops", explain="access")
    assert not any(allowed(stops).values())


def test_a_key_explains_its_owner_and_nobody_else(api: Client, world: World) -> None:
    key_ = api.acting_for(world.owner, "explain", "trips:read")
    assert allowed(key_.get(TRIP, explain="access", actor="Owner@example.org"))["delete"]
    refused = [key_.get(TRIP, explain="access", actor=name) for name in ("viewer@example.org", "no@example.org")]
    assert [answer.status for answer in refused] == [400, 400]
    assert refused[0].json["errors"] == refused[1].json["errors"]
    assert refused[0].json["errors"][0]["parameter"] == "actor"


def test_a_row_that_a_key_may_not_read_is_not_there(api: Client, world: World) -> None:
    hidden = Trip.objects.get(owner=world.stranger)
    key_ = api.acting_for(world.owner, "explain", "trips:read")
    assert key_.get(f"/v1/trips/{hidden.pk}", explain="access").status == 404
    assert key_.get(f"/v1/trips/{key(99)}", explain="access").status == 404
    assert api.acting_for(world.owner, "explain").get(TRIP, explain="access").status == 404


@pytest.mark.parametrize("url", ["/v1/cities", "/v1/cities/2988507", "/v1/trips", TRIP])
def test_for_others_the_parameter_does_not_exist(api: Client, world: World, url: str) -> None:
    others = [api.acting_for(world.owner), api.acting_for(world.owner, "trips:read", "cities:read")]
    others.append(api.acting_for(world.staff, "trips:read", "cities:read"))
    for client in others:
        explain, missing = client.get(f"{url}?explain=access"), client.get(f"{url}?explaim=access")
        assert explain.status == missing.status == 400
        assert explain.json["errors"][0]["code"] == "unknown"
        assert explain.text.replace("explain", "explaim").partition("errors")[2] == missing.text.partition("errors")[2]
    assert api.get(f"{url}?explain=access").status == (400 if "cities" in url else 401)


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("explain=everything", "explain"),
        ("explain=access&explain=access", "explain"),
        ("explain=access&actor=", "actor"),
        ("explain=access&nonsense=1", "nonsense"),
        ("actor=owner@example.org", "actor"),
    ],
)
@pytest.mark.parametrize("url", ["/v1/trips", "/v1/cities/2988507"])
def test_what_is_wrong_is_refused(staff: Client, url: str, query: str, parameter: str) -> None:
    answer = staff.get(f"{url}?{query}")
    assert answer.status == 400
    assert {fault["parameter"] for fault in answer.json["errors"]} == {parameter}


def test_a_row_that_is_not_there(staff: Client) -> None:
    assert staff.get("/v1/cities/1", explain="access").status == 404
    assert staff.get("/v1/cities/x", explain="access").status == 404
    assert staff.get("/v1/cities", explain="access", accept="text/csv").status == 406


def test_field_rules_are_told(specimens: Client, world: World) -> None:  # noqa: F811
    told = specimens.acting_for(world.staff).get("/v1/crates", explain="access", actor="owner@example.org").json
    fields = {each["name"]: [each["read"], each["create"], each["update"]] for each in told["fields"]}
    assert fields == {
        "shelf": [False] * 3,
        "cost": [False] * 3,
        "remark": [False] * 3,
        "verified": [True, False, False],
        "colour": [True, False, False],
    }
    rules = {each["name"]: each["rule"] for each in told["fields"]}
    assert rules["cost"] == 'read(staff & scope("crates:costs")) | write(staff)'
    assert "shelf" not in specimens.acting_for(world.owner).get("/v1/crates?explain=access").text


def test_code_of_ones_own_is_told() -> None:
    from api.core.diagnostics.access import access
    from resources.core.actor import ANONYMOUS
    from tests.features.test_moved_in import CountryViewSet

    found = access(CountryViewSet.resource_type(), ANONYMOUS)
    assert (found.permissions, found.custom_code) == (("BigCountries",), "filter_backends")
