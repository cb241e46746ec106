"""401, 403 and 404: who may do what, decided once, and told alike for what is not there and what is not to be known."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from resources.core.models import ApiKey
from resources.places.models import Country
from resources.trips.models import Member, Role, Stop, Trip
from tests.client import Answer, Client
from tests.features.bodies import COUNTRY
from tests.world import World, key

TRIP = {"name": "Lakes", "begins_on": "2027-05-01", "ends_on": "2027-05-09"}  # around the stops that there are
STOP = {"trip": str(key(10)), "position": 9, "city": 2988507}
INVITATION = {"trip": str(key(10)), "email": "new@example.org"}

OPERATIONS: dict[str, Callable[[Client], Answer]] = {
    "list trips": lambda client: client.get("/v1/trips"),
    "read a trip": lambda client: client.get(f"/v1/trips/{key(10)}"),
    "ask for a trip's head": lambda client: client.head(f"/v1/trips/{key(10)}"),
    "create a trip": lambda client: client.post("/v1/trips", TRIP),
    "replace a trip": lambda client: client.put(f"/v1/trips/{key(10)}", TRIP),
    "change a trip": lambda client: client.patch(f"/v1/trips/{key(10)}", {"notes": "Changed."}),
    "delete a trip": lambda client: client.delete(f"/v1/trips/{key(10)}"),
    "list stops": lambda client: client.get("/v1/stops"),
    "read a stop": lambda client: client.get(f"/v1/stops/{key(20)}"),
    "create a stop": lambda client: client.post("/v1/stops", STOP),
    "create stops": lambda client: client.post("/v1/stops", [STOP]),
    "change a stop": lambda client: client.patch(f"/v1/stops/{key(20)}", {"notes": "Changed."}),
    "delete a stop": lambda client: client.delete(f"/v1/stops/{key(20)}"),
    "list members": lambda client: client.get("/v1/members"),
    "read a member": lambda client: client.get(f"/v1/members/{key(31)}"),
    "create a member": lambda client: client.post("/v1/members", {"trip": str(key(10)), "person": str(key(4))}),
    "promote a member": lambda client: client.patch(f"/v1/members/{key(31)}", {"role": "editor"}),
    "delete a member": lambda client: client.delete(f"/v1/members/{key(31)}"),
    "list invitations": lambda client: client.get("/v1/invitations"),
    "read an invitation": lambda client: client.get(f"/v1/invitations/{key(50)}"),
    "invite": lambda client: client.post("/v1/invitations", INVITATION),
    "change an invitation": lambda client: client.patch(f"/v1/invitations/{key(50)}", {"role": "editor"}),
    "withdraw an invitation": lambda client: client.delete(f"/v1/invitations/{key(50)}"),
    "accept an invitation": lambda client: client.post(f"/v1/invitations/{key(50)}/accept"),
    "redeem a code": lambda client: client.post("/v1/invitations/redeem", {"code": "a guess"}),
    "transfer a trip": lambda client: client.post(f"/v1/trips/{key(10)}/transfer", {"member": str(key(31))}),
    "list countries": lambda client: client.get("/v1/countries"),
    "read a country": lambda client: client.get("/v1/countries/CH"),
    "create a country": lambda client: client.post("/v1/countries", COUNTRY),
    "replace a country": lambda client: client.put("/v1/countries/XK", {**COUNTRY, "id": "XK"}),
    "change a country": lambda client: client.patch("/v1/countries/CH", {"capital": "Changed."}),
    "delete a country": lambda client: client.delete("/v1/countries/XK"),
    "change what is not there": lambda client: client.patch(f"/v1/trips/{key(99)}", {"notes": "Changed."}),
    "create nonsense": lambda client: client.post("/v1/trips", {"nonsense": True}),
    "change with nonsense": lambda client: client.patch(f"/v1/trips/{key(10)}", {"nonsense": True}),
}
# `narrow` is a key of the owner's that is good for something else; `expired` was a key of the owner's.
TABLE = """
                          guest stranger viewer editor owner staff narrow expired
list trips                401   200      200    200    200   200   403    401
read a trip               401   404      200    200    200   404   403    401
ask for a trip's head     401   404      200    200    200   404   403    401
create a trip             401   201      201    201    201   201   403    401
replace a trip            401   404      403    200    200   404   403    401
change a trip             401   404      403    200    200   404   403    401
delete a trip             401   404      403    204    204   404   403    401
list stops                401   200      200    200    200   200   403    401
read a stop               401   404      200    200    200   404   403    401
create a stop             401   400      403    201    201   400   403    401
create stops              401   400      403    201    201   400   403    401
change a stop             401   404      403    200    200   404   403    401
delete a stop             401   404      403    204    204   404   403    401
list members              401   200      200    200    200   200   403    401
read a member             401   404      200    200    200   404   403    401
create a member           405   405      405    405    405   405   405    401
promote a member          401   404      403    403    200   404   403    401
delete a member           401   404      204    403    204   404   403    401
list invitations          401   200      200    200    200   200   403    401
read an invitation        401   404      404    404    200   404   403    401
invite                    401   400      403    403    201   400   403    401
change an invitation      405   405      405    405    405   405   405    401
withdraw an invitation    401   404      404    404    204   404   403    401
accept an invitation      401   404      404    404    403   404   403    401
redeem a code             401   400      400    400    400   400   403    401
transfer a trip           401   404      403    403    200   404   403    401
list countries            200   200      200    200    200   200   200    401
read a country            200   200      200    200    200   200   200    401
create a country          401   403      403    403    403   201   403    401
replace a country         401   403      403    403    403   200   403    401
change a country          401   403      403    403    403   200   403    401
delete a country          401   403      403    403    403   204   403    401
change what is not there  401   404      404    404    404   404   403    401
create nonsense           401   400      400    400    400   400   403    401
change with nonsense      401   404      403    400    400   404   403    401
"""
ACTORS = TABLE.split("\n")[1].split()
EXPECTED = {line[:26].strip(): list(map(int, line[26:].split())) for line in TABLE.split("\n")[2:-1]}
SECRETS = ("Alps by train", "Window seats", "By the lake", "1250.50", str(key(1)), str(key(2)), str(key(3)))


@pytest.fixture
def actors(api: Client, world: World) -> dict[str, Client]:
    yesterday = timezone.now() - timedelta(days=1)
    people = {name: api.acting_for(getattr(world, name)) for name in ("stranger", "viewer", "editor", "owner", "staff")}
    return people | {
        "guest": api,
        "narrow": api.acting_for(world.owner, "languages:read", "languages:write"),
        "expired": api.with_key(ApiKey.objects.issue(world.owner, expires_at=yesterday)),
    }


@contextmanager
def undone() -> Iterator[None]:
    """Undo what a request has changed."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def kept() -> list[Any]:
    return [list(model.objects.order_by("id").values()) for model in (Trip, Stop, Member, Country)]


def test_the_table_is_whole() -> None:
    assert EXPECTED.keys() == OPERATIONS.keys()
    assert all(len(row) == len(ACTORS) == 8 for row in EXPECTED.values())


@pytest.mark.parametrize("operation", OPERATIONS)
def test_who_may(actors: dict[str, Client], operation: str) -> None:
    before = kept()
    found = {}
    for name in ACTORS:
        with undone():
            answer = OPERATIONS[operation](actors[name])
            found[name] = answer.status
            if answer.status >= 400:
                assert kept() == before, name
                assert not [secret for secret in SECRETS if secret in answer.text], name
            if answer.status == 401:
                assert answer.headers["WWW-Authenticate"] == 'Bearer realm="Headwater"'
    assert found == dict(zip(ACTORS, EXPECTED[operation], strict=True))


SEEN = {
    "guest": None,
    "stranger": ({11}, {23}, set()),
    "viewer": ({10}, {20, 21, 22}, {30, 31}),
    "editor": ({10}, {20, 21, 22}, {30, 31}),
    "owner": ({10}, {20, 21, 22}, {30, 31}),
    "staff": (set(), set(), set()),
    "narrow": None,
    "expired": None,
}


@pytest.mark.parametrize(("place", "resource"), list(enumerate(("trips", "stops", "members"))))
def test_who_sees_which_rows(actors: dict[str, Client], place: int, resource: str) -> None:
    for name, seen in SEEN.items():
        if seen is not None:
            rows = actors[name].get(f"/v1/{resource}", count="exact").json
            assert {row["id"] for row in rows["results"]} == {str(key(number)) for number in seen[place]}, name
            assert rows["count"] == len(seen[place])


@pytest.mark.parametrize(
    "ask",
    [
        lambda client, number: client.get(f"/v1/trips/{key(number)}"),
        lambda client, number: client.put(f"/v1/trips/{key(number)}", TRIP),
        lambda client, number: client.patch(f"/v1/trips/{key(number)}", {"name": 5}),
        lambda client, number: client.delete(f"/v1/trips/{key(number)}"),
        lambda client, number: client.post("/v1/stops", STOP | {"trip": str(key(number))}),
        lambda client, number: client.post("/v1/invitations", INVITATION | {"trip": str(key(number))}),
        lambda client, number: client.post(f"/v1/trips/{key(number)}/transfer", {"member": str(key(31))}),
        lambda client, number: client.patch(f"/v1/stops/{key(23)}", {"trip": str(key(number))}),
    ],
)
def test_what_is_not_to_be_known_is_as_if_it_were_not_there(actors: dict[str, Client], ask: Any) -> None:
    hidden, missing = (ask(actors["stranger"], number) for number in (10, 99))
    assert hidden.status == missing.status
    told = hidden.text.replace(hidden.json["instance"], "").replace(str(key(10)), "")
    assert told == missing.text.replace(missing.json["instance"], "").replace(str(key(99)), "")
    assert hidden.headers.keys() == missing.headers.keys()


def test_a_stop_cannot_be_moved_where_its_editor_may_not_write(actors: dict[str, Client], world: World) -> None:
    path, into = f"/v1/stops/{key(22)}", {"trip": str(key(11)), "arrives_at": None, "position": 7}
    unknown = actors["editor"].patch(path, into)
    assert [(f["pointer"], f["code"]) for f in unknown.json["errors"]] == [("/trip", "does_not_exist")]
    membership = Member.objects.create(trip=world.other_trip, person=world.editor, role=Role.VIEWER)
    assert actors["editor"].patch(path, into).status == 403
    assert Stop.objects.get(id=key(22)).trip_id == key(10)
    membership.role = Role.EDITOR
    membership.save()
    assert actors["editor"].patch(path, into).json["trip"] == str(key(11))


def test_a_member_cannot_be_moved_into_anothers_trip(actors: dict[str, Client]) -> None:
    answer = actors["owner"].patch(f"/v1/members/{key(31)}", {"trip": str(key(11))})
    assert [(f["pointer"], f["code"]) for f in answer.json["errors"]] == [("/trip", "read_only")]


@pytest.mark.parametrize(("name", "number"), [("viewer", 31), ("editor", 30)])
@pytest.mark.parametrize("change", [{"role": "editor"}, {"role": "viewer"}, {"person": str(key(4))}, {}])
def test_nobody_changes_their_own_membership(
    actors: dict[str, Client], name: str, number: int, change: dict[str, str]
) -> None:
    before = Member.objects.filter(id=key(number)).values().get()
    assert actors[name].patch(f"/v1/members/{key(number)}", change).status == 403
    assert Member.objects.filter(id=key(number)).values().get() == before


@pytest.mark.parametrize("name", ["owner", "editor"])
def test_a_trip_cannot_be_given_away(actors: dict[str, Client], name: str) -> None:
    for body in ({"owner": str(key(4))}, {"owner": None}, {"owner_id": str(key(4))}):
        answer = actors[name].patch(f"/v1/trips/{key(10)}", body)
        assert answer.status == 400
    assert actors["stranger"].post("/v1/trips", TRIP | {"owner": str(key(1))}).status == 400
    assert Trip.objects.get(id=key(10)).owner_id == key(1)


def test_what_one_may_no_longer_read_may_stay_where_it_stands(api: Client, world: World) -> None:
    """A key for stops alone cannot refer to a trip, but it can send a stop back as it was read."""
    client = api.acting_for(world.owner, "stops:write")
    stop = client.get(f"/v1/stops/{key(20)}").json
    assert client.put(f"/v1/stops/{key(20)}", stop | {"notes": "Changed."}).json["notes"] == "Changed."
    other = client.post("/v1/stops", STOP)
    assert [(f["pointer"], f["code"]) for f in other.json["errors"]] == [("/trip", "does_not_exist")]


def test_rights_end_with_the_membership(actors: dict[str, Client], world: World) -> None:
    path = f"/v1/trips/{key(10)}"
    assert actors["editor"].patch(path, {"notes": "Changed."}).status == 200
    assert actors["owner"].patch(f"/v1/members/{key(30)}", {"role": "viewer"}).status == 200
    assert actors["editor"].patch(path, {"notes": "Again."}).status == 403
    assert actors["owner"].delete(f"/v1/members/{key(30)}").status == 204
    assert actors["editor"].patch(path, {"notes": "Again."}).status == 404
