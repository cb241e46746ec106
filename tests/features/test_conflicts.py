"""409: nothing is wrong but what is stored, also when two requests race past the validators. 503: nothing was kept."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Barrier, Event, get_ident
from typing import Any

import pytest
from django.db import connection, transaction

from api.core.views import writing
from api.core.write import plan
from resources.places.models import City, Country
from resources.trips.models import Stop, Trip
from tests.client import Answer, Client
from tests.features.bodies import COUNTRY, TRIP
from tests.threads import together
from tests.world import World, key

pytestmark = pytest.mark.django_db(transaction=True)

PARIS, TOKYO = 2988507, 1850147


@pytest.fixture
def meeting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let two requests wait for one another when both have been found valid, and nothing is saved yet."""
    barrier, saving, delete, met = Barrier(2), plan.saving, writing.delete, set[int]()

    def meet() -> None:
        if get_ident() not in met:
            met.add(get_ident())
            barrier.wait(10)

    @contextmanager
    def after_both(*args: Any) -> Iterator[None]:
        meet()
        with saving(*args):
            yield

    def delete_after_both(*args: Any) -> None:
        meet()
        delete(*args)

    monkeypatch.setattr(plan, "saving", after_both)
    monkeypatch.setattr(writing, "delete", delete_after_both)


def statuses(answers: list[Answer]) -> list[int]:
    return sorted(answer.status for answer in answers)


def refused(answers: list[Answer]) -> Answer:
    return max(answers, key=lambda answer: answer.status)


def twice(call: Callable[[], Answer], again: Callable[[], Answer] | None = None) -> list[Answer]:
    return together(call, again or call)


@pytest.mark.usefixtures("meeting")
@pytest.mark.parametrize(
    ("path", "one", "other"),
    [
        ("trips", {"id": str(key(99)), **TRIP}, {"id": str(key(99)), **TRIP}),
        (
            "stops",
            {"trip": str(key(10)), "position": 9, "city": PARIS},
            {"trip": str(key(10)), "position": 9, "city": TOKYO},
        ),
        ("invitations", {"trip": str(key(10)), "email": "a@b.org"}, {"trip": str(key(10)), "email": "A@b.org"}),
        ("countries", COUNTRY, COUNTRY | {"id": "I2"}),
    ],
)
def test_of_two_that_take_the_same_one_is_refused_as_if_it_had_come_later(
    owner: Client, staff: Client, monkeypatch: pytest.MonkeyPatch, path: str, one: Any, other: Any
) -> None:
    client = staff if path == "countries" else owner
    answers = twice(lambda: client.post(f"/v1/{path}", one), lambda: client.post(f"/v1/{path}", other))
    assert statuses(answers) == [201, 409]
    monkeypatch.undo()
    later = client.post(f"/v1/{path}", other if answers[1].status == 409 else one)
    assert later.status == 409
    told = {name: value for name, value in later.json.items() if name != "instance"}
    assert {name: value for name, value in refused(answers).json.items() if name != "instance"} == told


@pytest.mark.usefixtures("meeting")
def test_of_two_rows_with_the_same_natural_key_one_is_refused(staff: Client) -> None:
    answers = twice(lambda: staff.post("/v1/countries", COUNTRY))
    assert statuses(answers) == [201, 409]
    assert refused(answers).json["errors"][0]["pointer"] in ("/id", "/alpha_3")
    assert Country.objects.filter(name="Italy").count() == 1


@pytest.mark.usefixtures("meeting")
def test_of_two_lists_one_is_refused_as_a_whole(owner: Client, world: World) -> None:
    def send(*positions: int) -> Answer:
        return owner.post("/v1/stops", [{"trip": str(world.trip.id), "position": n, "city": PARIS} for n in positions])

    answers = twice(lambda: send(7, 8), lambda: send(6, 8))
    assert statuses(answers) == [201, 409]
    assert [fault["pointer"] for fault in refused(answers).json["errors"]] == ["/1"]
    kept = Stop.objects.filter(trip=world.trip, position__gt=5).values_list("position", flat=True)
    assert sorted(kept) in ([7, 8], [6, 8])


@pytest.mark.usefixtures("meeting")
def test_a_row_that_is_deleted_while_another_begins_to_refer_to_it(owner: Client, staff: Client, world: World) -> None:
    stop = {"trip": str(world.trip.id), "position": 9, "city": TOKYO}
    created, deleted = together(lambda: owner.post("/v1/stops", stop), lambda: staff.delete(f"/v1/cities/{TOKYO}"))
    assert (created.status, deleted.status) in ((201, 409), (409, 204))
    assert Stop.objects.filter(city=TOKYO).exists() is City.objects.filter(id=TOKYO).exists() is (created.status == 201)


def test_what_is_refused_at_the_commit_is_a_conflict(
    owner: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = writing.write_one

    def lose_the_city(*args: Any) -> Any:
        row = write(*args)
        with connection.cursor() as cursor:  # raw, so that nothing notices until the commit
            cursor.execute("DELETE FROM places_city WHERE geonameid = %s", [TOKYO])
        return row

    monkeypatch.setattr(writing, "write_one", lose_the_city)
    answer = owner.post("/v1/stops?fields=id", {"trip": str(world.trip.id), "position": 9, "city": TOKYO})
    assert answer.status == 409
    assert answer.json["errors"] == [
        {
            "pointer": "",
            "code": "reference",
            "detail": "What this refers to, or what refers to this, has just changed.",
        }
    ]
    assert not Stop.objects.filter(position=9).exists()


@pytest.mark.usefixtures("meeting")
def test_a_stop_and_a_trip_that_no_longer_fit(owner: Client, world: World) -> None:
    stop = {"trip": str(world.trip.id), "position": 9, "city": PARIS, "arrives_at": "2027-05-09T10:00:00Z"}
    created, shortened = together(
        lambda: owner.post("/v1/stops", stop),
        lambda: owner.patch(f"/v1/trips/{world.trip.id}", {"ends_on": "2027-05-08"}),
    )
    assert sorted((created.status, shortened.status)) in ([200, 400], [201, 400])
    [fault] = refused([created, shortened]).json["errors"]
    if created.status == 400:
        assert fault["code"] == "outside_its_trip"
        assert fault["detail"].startswith("The stop lies outside its trip")
    else:
        assert fault["code"] == "leaves_out_stops"
        assert fault["detail"].startswith("A stop would lie outside the trip")
    Trip.objects.get(id=world.trip.id).clean()


def test_of_changes_at_the_same_time_none_is_lost(owner: Client, world: World) -> None:
    path = f"/v1/trips/{world.trip.id}"
    changes = [{"name": "Lakes"}, {"notes": "Swim."}, {"budget": "7.00"}, {"details": {"a": 1}}]
    answers = together(*(lambda change=change: owner.patch(path, change) for change in changes))
    assert statuses(answers) == [200] * 4
    assert sorted(answer.json["revision"] for answer in answers) == [2, 3, 4, 5]
    stored = owner.get(path).json
    for change in changes:
        assert stored | change == stored


def test_merge_patches_at_the_same_time_merge(owner: Client, world: World) -> None:
    path = f"/v1/trips/{world.trip.id}"
    patches = [{"details": {str(n): n}} for n in range(4)]
    merge = "application/merge-patch+json"
    answers = together(*(lambda patch=patch: owner.patch(path, patch, content_type=merge) for patch in patches))
    assert statuses(answers) == [200] * 4
    details = owner.get(path).json["details"]
    assert {name: details[name] for name in "0123"} == {"0": 0, "1": 1, "2": 2, "3": 3}


@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT", "DELETE"])
def test_a_database_that_is_busy(owner: Client, world: World, vendor: str, method: str) -> None:
    holding, enough = Event(), Event()

    def hold() -> None:
        with transaction.atomic():
            Trip.objects.filter(id=world.trip.id).update(notes="held")
            holding.set()
            enough.wait(20)

    def ask() -> Answer:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA busy_timeout = 50" if vendor == "sqlite" else "SET lock_timeout = '50ms'")
        holding.wait(20)
        path = f"/v1/trips/{world.trip.id}"
        try:
            if method == "POST":
                stop = {"trip": str(world.trip.id), "position": 9, "city": PARIS, "arrives_at": "2027-05-02T10:00:00Z"}
                return owner.post("/v1/stops", stop)
            return owner.send(method, path, *([] if method == "DELETE" else [TRIP | {"name": "Swim"}]))
        finally:
            enough.set()
            if vendor == "postgresql":  # the connection goes back to the pool, for other tests
                with connection.cursor() as cursor:
                    cursor.execute("RESET lock_timeout")

    _, answer = together(hold, ask)
    assert answer.status == 503
    assert answer.headers["Retry-After"] == "1"
    assert answer.json["type"].endswith("/problems/unavailable")
    assert "lock" not in answer.text
    assert (Trip.objects.get(id=world.trip.id).notes, Stop.objects.count()) == ("held", 4)
    assert owner.patch(f"/v1/trips/{world.trip.id}", {"notes": "free"}).status == 200


def test_two_that_wait_for_each_other(owner: Client, world: World, vendor: str) -> None:
    """Rows are locked in one order (`test_lock_order`), but by a program of somebody's own that has another."""
    if vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time, who waits for nobody")
    first, days = world.stops[0], {"begins_on": world.trip.begins_on, "ends_on": world.trip.ends_on}
    elsewhere = Trip.objects.create(owner=world.owner, name="Elsewhere", **days)
    waiting = Event()

    def lock_one_trip_and_want_the_other() -> None:
        with transaction.atomic():
            Trip.objects.select_for_update().get(id=elsewhere.id)
            waiting.set()
            Event().wait(0.3)  # the other has the stop and its trip by then, and waits for the one it goes to
            Stop.objects.filter(id=first.id).update(notes="mine")

    def move_the_stop() -> Answer:
        waiting.wait(20)
        return owner.patch(f"/v1/stops/{first.id}", {"trip": str(elsewhere.id), "position": 9, "notes": "theirs"})

    fault, answer = together(lock_one_trip_and_want_the_other, move_the_stop)
    assert fault is None
    assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
    assert Stop.objects.get(id=first.id).notes == "mine"
