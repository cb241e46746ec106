"""Whoever writes what is part of a trip locks the trip first: nobody waits in a circle, and is told to try again."""

from collections.abc import Callable
from threading import Event
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.db import connection, transaction

from resources.accounts.models import Person
from resources.trips.invitations import digest
from resources.trips.models import Invitation, Member, Stop, Trip
from tests.client import Client
from tests.threads import together
from tests.world import World, key

pytestmark = pytest.mark.django_db(transaction=True)

BLOCKED = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
CODE = "a code"
MEMBER, INVITATION = f"/v1/members/{key(31)}", f"/v1/invitations/{key(50)}"


@pytest.fixture
def shared(world: World, vendor: str) -> World:
    """The world, in which a member came by an invitation and a stranger has one, with a code."""
    if vendor != "postgresql":
        pytest.skip("SQLite locks no rows: it has one writer at a time")
    EmailAddress.objects.create(user=world.stranger, email="invited@example.org", verified=True)
    Invitation.objects.filter(pk=key(50)).update(digest=digest(CODE), member=None)
    Invitation.objects.create(
        trip=world.trip, email="v@example.org", invited_by=world.owner, digest=digest("used"), member_id=key(31)
    )
    return world


def somebody_waits(ended: Event) -> None:
    """Return when another connection waits for a lock, or has ended without."""
    while not ended.wait(0.01):
        with connection.cursor() as cursor:
            cursor.execute(BLOCKED)
            if cursor.fetchone() != (0,):
                return


def beside(write: Callable[[], Any], then: Callable[[], Any]) -> tuple[Any, Any]:
    """Lock the trip; when somebody who writes meanwhile waits for it, go on. Return what came of both."""
    locked, ended = Event(), Event()

    def first() -> None:
        with transaction.atomic():
            Trip.objects.select_for_update().get(pk=key(10))
            locked.set()
            somebody_waits(ended)
            then()

    def second() -> Any:
        locked.wait(10)
        try:
            return write()
        finally:
            ended.set()

    fault, answer = together(first, second)
    return fault, answer


def accept(api: Client, world: World) -> int:
    return api.acting_for(world.stranger).post(f"{INVITATION}/accept").status


def redeem(api: Client, world: World) -> int:
    return api.acting_for(world.staff).post("/v1/invitations/redeem", {"code": CODE}).status


def withdraw(api: Client, world: World) -> int:
    return api.acting_for(world.owner).delete(INVITATION).status


def leave(api: Client, world: World) -> int:
    return api.acting_for(world.viewer).delete(MEMBER).status


def promote(api: Client, world: World) -> int:
    return api.acting_for(world.owner).patch(MEMBER, {"role": "editor"}).status


def move(api: Client, world: World) -> int:
    return api.acting_for(world.owner).patch(f"/v1/stops/{world.stops[0].id}", {"notes": "moved", "position": 9}).status


def pass_over(api: Client, world: World) -> int:
    return api.acting_for(world.editor).delete(f"/v1/stops/{world.stops[0].id}").status


WRITES = [accept, redeem, withdraw, leave, promote, move, pass_over]


@pytest.mark.parametrize("write", WRITES)
def test_it_works_while_the_trip_is_deleted(api: Client, shared: World, write: Any) -> None:
    fault, status = beside(lambda: write(api, shared), lambda: Trip.objects.get(pk=key(10)).delete())
    assert fault is None
    assert status in {400, 404}, "a circle would be a 503"
    assert not Trip.objects.filter(pk=key(10)).exists()


@pytest.mark.parametrize("write", WRITES)
def test_it_works_while_all_of_the_trip_is_written(api: Client, shared: World, write: Any) -> None:
    def write_all() -> None:
        for part in (Invitation, Member, Stop):
            part.objects.filter(trip=key(10)).update(created_at="2026-01-01T00:00:00Z")

    fault, status = beside(lambda: write(api, shared), write_all)
    assert fault is None
    assert status in {200, 201, 204}


def test_a_person_goes_while_the_trip_loses_a_member(shared: World) -> None:
    """As who leaves a trip, and deletes the account at the same time."""
    fault, ended = beside(
        lambda: Person.objects.get(pk=shared.viewer.pk).delete()[0],
        lambda: Member.objects.select_for_update().get(pk=key(31)).delete(),
    )
    assert fault is None
    assert ended >= 1
    assert not Person.objects.filter(pk=shared.viewer.pk).exists()


def test_nobody_waits_for_a_trip_that_they_may_not_know(api: Client, shared: World) -> None:
    stranger = api.acting_for(shared.staff)
    answers: list[int] = []
    fault, _ = beside(
        lambda: answers.extend(stranger.patch(path, {}).status for path in (MEMBER, f"/v1/stops/{shared.stops[0].id}")),
        lambda: answers.append(0),
    )
    assert (fault, answers) == (None, [404, 404, 0])


def test_two_lists_that_name_the_same_trips_in_opposite_orders(api: Client, shared: World) -> None:
    """The second list waits for its first trip while it holds none, so that the other gets at both."""
    later = Trip.objects.create(
        owner=shared.owner, name="Later", begins_on=shared.trip.begins_on, ends_on=shared.trip.ends_on
    )
    stops = [{"trip": str(trip), "position": 9, "city": 2950159} for trip in (later.id, key(10))]
    fault, status = beside(
        lambda: api.acting_for(shared.owner).post("/v1/stops", stops).status,
        lambda: list(Trip.objects.select_for_update(no_key=True).filter(pk=later.pk)),
    )
    assert (fault, status) == (None, 201)
