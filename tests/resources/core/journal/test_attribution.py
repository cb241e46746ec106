"""Who writes is told with the transaction, and is gone with it: nobody else's writes are taken for theirs."""

import sqlite3
from contextlib import suppress

import pytest
from django.db import connection, connections, transaction

from api.core.short_cut.writes import WRITE_SHORT_CUT
from resources.core.database.attribution import Attribution, attributed_to
from resources.trips.models import Trip
from tests.client import Client
from tests.resources.core.journal.log import changes_after, latest
from tests.world import World

SOMEBODY, OTHER = Attribution("somebody", "a key", "a request"), Attribution("other's \\ 'name", None, None)


def attributions(start: int) -> list[Attribution]:
    return [Attribution(*row[-3:]) for row in changes_after(start)]


@pytest.mark.django_db(transaction=True)
def test_a_transaction_says_who_writes(world: World) -> None:
    start = latest()
    with attributed_to(SOMEBODY), transaction.atomic():
        Trip.objects.filter(pk=world.trip.pk).update(name="one")
        Trip.objects.filter(pk=world.trip.pk).update(name="two")
    with transaction.atomic():
        Trip.objects.filter(pk=world.trip.pk).update(name="three")
    Trip.objects.filter(pk=world.trip.pk).update(name="four")
    with attributed_to(OTHER), transaction.atomic():
        Trip.objects.filter(pk=world.trip.pk).update(name="five")
    assert attributions(start) == [SOMEBODY, SOMEBODY, Attribution(), Attribution(), OTHER]
    numbers = [change.transaction for change in changes_after(start)]
    assert numbers[0] == numbers[1]
    assert len({*numbers}) == 4


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_takes_nobody_along(world: World) -> None:
    start = latest()
    with suppress(ZeroDivisionError), attributed_to(SOMEBODY), transaction.atomic():
        Trip.objects.update(name="one")
        raise ZeroDivisionError
    Trip.objects.filter(pk=world.trip.pk).update(name="two")
    with attributed_to(SOMEBODY), transaction.atomic():
        with suppress(ZeroDivisionError), transaction.atomic():
            Trip.objects.update(name="three")
            raise ZeroDivisionError
        Trip.objects.filter(pk=world.trip.pk).update(name="four")
    assert attributions(start) == [Attribution(), SOMEBODY]


@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_ends_with_a_rollback_to_a_savepoint_takes_its_name_along(world: World) -> None:
    start = latest()
    with attributed_to(SOMEBODY), transaction.atomic():
        Trip.objects.filter(pk=world.trip.pk).update(name="one")
        with suppress(ZeroDivisionError), transaction.atomic():
            Trip.objects.filter(pk=world.trip.pk).update(name="two")
            raise ZeroDivisionError
    Trip.objects.filter(pk=world.trip.pk).update(name="three")
    assert attributions(start) == [SOMEBODY, Attribution()]
    assert len({change.transaction for change in changes_after(start)}) == 2


def test_within_a_transaction_that_is_open(world: World) -> None:
    start = latest()
    Trip.objects.filter(pk=world.trip.pk).update(name="one")
    with attributed_to(SOMEBODY):
        with suppress(ZeroDivisionError), transaction.atomic():
            Trip.objects.update(name="two")
            raise ZeroDivisionError
        Trip.objects.filter(pk=world.trip.pk).update(name="three")
    Trip.objects.filter(pk=world.trip.pk).update(name="four")
    assert attributions(start) == [Attribution(), SOMEBODY, Attribution()]


@pytest.mark.django_db(transaction=True)
def test_another_program_has_no_name(world: World, vendor: str) -> None:
    start = latest()
    other = connections.create_connection("default")
    try:
        with attributed_to(SOMEBODY), transaction.atomic():
            Trip.objects.filter(pk=world.trip.pk).update(name="one")
        if vendor == "sqlite":
            other = sqlite3.connect(connection.settings_dict["NAME"])
            other.execute(
                "SELECT 1 FROM trips_trip"
            )  # reads the schema, whose CHECKs of Django's ask functions of JSON
            other.execute("PRAGMA trusted_schema = 0")
            other.execute("UPDATE trips_trip SET name = 'two' WHERE name = 'one'")
            other.commit()
        else:
            with other.cursor() as cursor:
                cursor.execute("UPDATE trips_trip SET name = 'two' WHERE name = 'one'")
    finally:
        other.close()
    assert attributions(start) == [SOMEBODY, Attribution()]


@pytest.mark.django_db(transaction=True)
def test_it_takes_no_round_trip(world: World, vendor: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if vendor != "postgresql":
        pytest.skip("SQLite is no trip away")
    start = latest()
    monkeypatch.delattr(type(connections["default"]), "tell")  # then it raises NotImplementedError
    with attributed_to(SOMEBODY), transaction.atomic():
        Trip.objects.filter(pk=world.trip.pk).update(name="one")
    with attributed_to(OTHER), transaction.atomic():
        pass  # without a statement there is no BEGIN to take it along, and it is not for the next
    Trip.objects.filter(pk=world.trip.pk).update(name="two")
    with transaction.atomic():
        Trip.objects.filter(pk=world.trip.pk).update(name="three")
    assert attributions(start) == [SOMEBODY, Attribution(), Attribution()]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("short", [False, True])
def test_requests_say_who_writes(api: Client, world: World, short: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    client = api.acting_for(world.owner)
    if not short:
        monkeypatch.setattr(type(WRITE_SHORT_CUT), "answer", lambda *_: None)
    body = {"name": "New", "begins_on": "2027-01-01", "ends_on": "2027-01-02"}
    for _ in range(2):  # the short cut takes over what Django has shown it
        start = latest()
        made = client.post("/v1/trips", body)
        changed = client.patch(made.headers["Location"], {"name": "Newer"})
        gone = client.delete(made.headers["Location"])
        asked = [answer.headers["X-Request-ID"] for answer in (made, changed, gone)]
        changes = changes_after(start, "trips_trip")
        assert [change.request_id for change in changes] == asked
        assert {change.actor for change in changes} == {str(world.owner.pk)}
