"""Many people follow changes while others write at random: each copy is right at the end, and has nothing of others."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
from django.db import transaction

from resources.accounts.models import Person
from resources.core.journal import log
from resources.trips.models import Member, Role, Stop, Trip
from resources.trips.sharing import transfer
from tests.client import Answer, Client
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)

FOLLOWED = ("trips", "stops", "members")
STEPS, PEOPLE = 100, 5


@dataclass
class Follower:
    """Keeps a copy of what a person may read, and holds every event against that."""

    person: Person
    api: Client
    since: str = ""
    copy: dict[str, dict[str, Any]] = field(default_factory=lambda: {name: {} for name in FOLLOWED})
    resets: int = 0
    events: int = 0

    def get(self, url: str, **parameters: Any) -> Answer:
        answer = self.api.get(url, **parameters)
        assert answer.status == 200, answer.text
        return answer

    def read_lists(self, names: Any) -> None:
        """Read lists anew."""
        for name in names:
            self.copy[name] = {row["id"]: row for row in self.get(f"/v1/{name}", limit=500).json["results"]}

    def begin(self) -> None:
        log.catch_up()
        self.since = self.get("/v1/changes").json["next"]
        self.read_lists(FOLLOWED)

    def read_on(self, limit: int) -> None:
        """Read all that was changed."""
        log.catch_up()
        more = True
        while more:
            page = self.get("/v1/changes", since=self.since, resource=",".join(FOLLOWED), limit=limit).json
            for event in page["results"]:
                self.apply(event)
            if "reset" in page:
                self.resets += 1
                self.read_lists(page["reset"])
            self.since, more = page["next"], page["more"]

    def apply(self, event: Any) -> None:
        """Apply an event to the copy, if it is one that they may know of."""
        self.events += 1
        name, _, kind = event["type"].partition(".")
        if kind == "deleted":
            self.copy[name].pop(event["subject"], None)
            return
        self.copy[name][event["subject"]] = event["data"]
        trip = Trip.objects.filter(pk=event["data"]["trip" if name != "trips" else "id"]).first()
        if trip is not None:
            assert may_read(self.person, trip), f"{self.person} is told of {event}"
            if name == "trips" and event["data"]["owner"] != str(
                self.person.pk
            ):  # nor what it was before it was theirs
                assert Member.objects.filter(trip=trip, person=self.person).exists(), (
                    f"{self.person} is told of {event}"
                )


def may_read(person: Person, trip: Trip) -> bool:
    return trip.owner_id == person.pk or Member.objects.filter(trip=trip, person=person).exists()


class Writers:
    """What happens at random, each in a transaction of its own."""

    def __init__(self, chance: random.Random, people: list[Person]) -> None:
        self.chance, self.people = chance, people
        self.steps: list[Callable[[], Any]] = [
            *[self.new_trip] * 2, *[self.change_trip] * 4, *[self.new_stop] * 3, *[self.change_stop] * 2,
            *[self.join] * 2, self.leave, self.role, self.hand_over, self.give_away, self.drop_trip, self.move_stop,
            self.drop_stop,
        ]  # fmt: skip

    def step(self) -> None:
        with transaction.atomic():
            self.chance.choice(self.steps)()

    def trip(self) -> Trip:
        return self.chance.choice(Trip.objects.order_by("pk")) if Trip.objects.exists() else self.new_trip()

    def stop(self) -> Stop | None:
        stops = list(Stop.objects.order_by("pk"))
        return self.chance.choice(stops) if stops else None

    def new_trip(self) -> Trip:
        owner = self.chance.choice(self.people)
        days = {"begins_on": date(2027, 1, 1), "ends_on": date(2027, 12, 1)}
        trip = Trip.objects.create(owner=owner, name="New", **days)
        if self.chance.random() < 0.3:
            self.join_to(trip)
        return trip

    def change_trip(self) -> None:
        Trip.objects.filter(pk=self.trip().pk).update(name=f"{self.chance.random()}")

    def join_to(self, trip: Trip) -> None:
        here = {trip.owner_id, *Member.objects.filter(trip=trip).values_list("person", flat=True)}
        others = [person for person in self.people if person.pk not in here]
        if others:
            Member.objects.create(trip=trip, person=self.chance.choice(others), role=Role.EDITOR)

    def join(self) -> None:
        self.join_to(self.trip())

    def leave(self) -> None:
        members = list(Member.objects.order_by("pk"))
        if members:
            self.chance.choice(members).delete()

    def role(self) -> None:
        Member.objects.filter(pk__in=Member.objects.order_by("pk").values("pk")[:2]).update(role=Role.VIEWER)

    def hand_over(self) -> None:
        members = list(Member.objects.order_by("pk"))
        if members:
            member = self.chance.choice(members)
            transfer(member.trip, member)

    def give_away(self) -> None:
        """Give a trip to somebody who has nothing to do with it; its owner knows nothing of it any more."""
        trip = self.trip()
        here = {trip.owner_id, *Member.objects.filter(trip=trip).values_list("person", flat=True)}
        others = [person for person in self.people if person.pk not in here]
        if others:
            Trip.objects.filter(pk=trip.pk).update(owner=self.chance.choice(others))

    def drop_trip(self) -> None:
        self.trip().delete()

    def new_stop(self) -> None:
        trip = self.trip()
        place = max(Stop.objects.filter(trip=trip).values_list("position", flat=True), default=0) + 1
        Stop.objects.create(trip=trip, position=place, city_id=2988507)

    def change_stop(self) -> None:
        stop = self.stop()
        if stop:
            Stop.objects.filter(pk=stop.pk).update(notes=f"{self.chance.random()}")

    def move_stop(self) -> None:
        stop, trip = self.stop(), self.trip()
        if stop:
            place = max(Stop.objects.filter(trip=trip).values_list("position", flat=True), default=0) + 1
            Stop.objects.filter(pk=stop.pk).update(trip=trip, position=place)

    def drop_stop(self) -> None:
        stop = self.stop()
        if stop:
            stop.delete()


@pytest.mark.parametrize("seed", range(2))
def test_every_copy_is_what_its_reader_may_read(world: World, api: Client, seed: int) -> None:
    chance = random.Random(seed)
    Trip.objects.all().delete()
    people = Person.objects.bulk_create(Person(email=f"{place}@example.org", password="!") for place in range(PEOPLE))
    writers = Writers(chance, people)
    for _ in range(20):
        writers.step()
    followers = [Follower(person, api.acting_for(person)) for person in people]
    for follower in followers:
        follower.begin()
    for _ in range(STEPS):
        writers.step()
        if chance.random() < 0.3:
            chance.choice(followers).read_on(limit=chance.choice((1, 3, 50, 500)))
    for follower in followers:
        follower.read_on(limit=7)
        copy = follower.copy
        follower.read_lists(FOLLOWED)
        assert follower.copy == copy
    assert sum(follower.events for follower in followers) > STEPS
