"""Requests with one key at once: one does the work, the others wait for its answer, or are told to come again."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.test import Client as DjangoClient

from api.trips.trips import TripViewSet
from resources.core.api_keys.models import ApiKey
from resources.core.idempotency import answers, in_flight
from resources.core.idempotency.key import IdempotencyKey
from resources.trips.models import Trip
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)
BODY = {"name": "Lakes", "begins_on": "2027-06-01", "ends_on": "2027-06-05"}
KEY = "the same"


@pytest.fixture
def owner(world: World) -> Any:
    Trip.objects.all().delete()
    return world.owner


@pytest.fixture
def client(owner: Any) -> DjangoClient:
    secret = ApiKey.objects.issue(owner, scopes=("*",))
    headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": KEY}
    return DjangoClient(headers=headers, raise_request_exception=False)


def post(client: DjangoClient, body: Any = BODY) -> Any:
    return client.post("/v1/trips", body, "application/json")


@contextmanager
def under_way(owner: Any) -> Iterator[None]:
    """Hold the key as another process would, in the midst of its work."""
    key = IdempotencyKey(KEY, owner.pk)
    begun, ended = threading.Event(), threading.Event()

    def work() -> None:
        with answers.waiting(key), transaction.atomic():
            assert answers.claim(key, wait=True) is None
            begun.set()
            ended.wait(30)
        connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    assert begun.wait(30)
    try:
        yield
    finally:
        ended.set()
        thread.join(30)


def test_one_of_many_does_the_work(client: DjangoClient) -> None:
    told: list[Any] = []

    def repeat() -> None:
        told.append(post(client))
        connections.close_all()

    threads = [threading.Thread(target=repeat) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert {each.status_code for each in told} == {201}
    assert len({each.content for each in told}) == 1
    assert sorted("Idempotency-Replayed" in each for each in told) == [False, True, True, True]
    assert Trip.objects.count() == 1


def test_who_has_waited_long_enough_is_told_to_come_again(
    client: DjangoClient, owner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "SECONDS_WAITED", 0.2)
    with under_way(owner):
        answer = post(client)
        assert (answer.status_code, answer["Retry-After"]) == (409, "1")
        assert answer.json()["type"].endswith("/problems/idempotency-key-in-use")
    assert post(client).status_code == 201


def test_another_process_is_seen(owner: Any, tmp_path: Any) -> None:
    """SQLite's: as a process of its own does, another descriptor of the file holds the byte."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL's locks are the server's")
    path, digest = str(tmp_path / "database"), uuid.uuid4().bytes
    (tmp_path / "database").touch()
    assert in_flight._take(path, digest)
    in_flight._busy.clear()
    in_flight._file_beside.cache_clear()
    with pytest.raises(in_flight.InFlightError), in_flight.in_flight(path, digest, 0):
        pass
    with in_flight.in_flight(path, uuid.uuid4().bytes, 0):
        pass


def test_what_the_commit_refuses_is_a_conflict_that_is_kept(
    client: DjangoClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reference that leads nowhere is seen when the transaction ends: on PostgreSQL it is asked for before."""
    address = f"/v1/trips/{post(client).json()['id']}"

    def update(self: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        Trip.objects.update(currency_id="XXX")
        return super(TripViewSet, self).update(request, *args, **kwargs)

    monkeypatch.setattr(TripViewSet, "update", update, raising=False)
    words = {"content_type": "application/json", "headers": {"Idempotency-Key": "another"}}
    first, again = (client.patch(address, {"notes": "x"}, **words) for _ in range(2))
    assert (first.status_code, again.status_code) == (409, 409), first.content
    assert again["Idempotency-Replayed"] == "true"
    assert first.content == again.content
    assert (Trip.objects.get().notes, Trip.objects.get().currency_id) == ("", None)
