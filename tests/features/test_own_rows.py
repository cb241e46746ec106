"""Lists of one's own rows, gathered or walked to: the same rows, and no more work than one's own number of them."""

import random
import uuid
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection, models, transaction
from django.db.models import Count, F, Model, Q, QuerySet
from django.test.utils import CaptureQueriesContext, isolate_apps
from hypothesis import given
from hypothesis import strategies as st

from api.core.read.strategies import PLANS
from api.trips import TripViewSet
from resources.accounts.models import Person
from resources.core.access import own_rows
from resources.core.access.decision import text_of
from resources.core.access.own_rows import OwnRows, OwnRowsAtEnds
from resources.core.actor import ANONYMOUS, Actor
from resources.core.database import remembered, table_size
from resources.core.policy import (
    ALL,
    NONE,
    MemberOf,
    Own,
    Policy,
    authenticated,
    both,
    member,
    owner,
    read,
    staff,
    write,
)
from resources.trips.models import Member, Role, Stop, Trip
from tests.client import Client
from tests.specimens.models import Clause, Club, Notice, Seat
from tests.world import World, make_places

DAY = date(2026, 5, 1)


class Named(Policy):
    """A rule of somebody's own that says where its rows are."""

    def rows(self, verb: Any, actor: Actor) -> Q:
        return Q(pk=actor.id)

    def own(self, verb: Any, actor: Actor) -> tuple[Own, ...]:
        return (Own("", Q(pk=actor.id)),)


class EditorOf(MemberOf):
    """One that narrows another, and says nothing of where its rows are."""

    def rows(self, verb: Any, actor: Actor) -> Q:
        return both(super().rows(verb, actor), Q(members__role=Role.EDITOR, members__person=actor.id))


@dataclass(frozen=True, slots=True)
class Renamed(EditorOf):
    """One that only has a name of its own."""


class Unnamed(Policy):
    """One that does not."""

    def rows(self, verb: Any, actor: Actor) -> Q:
        return Q(pk__lt=uuid.UUID(int=1 << 127))


OF_TRIPS = (owner("owner"), member("members"), member("members", roles=[Role.EDITOR]), member("members", roles=[]))
OF_TRIPS += (read(owner("owner")), write(owner("owner")), staff, authenticated, Named(), Unnamed())
BEHIND_TRIPS = (owner("trip__owner"), member("trip__members"), member("trip__members", roles=["viewer"]), staff)
RULES = {Trip: OF_TRIPS, Stop: BEHIND_TRIPS, Member: (*BEHIND_TRIPS, owner("person"), Unnamed())}


def composed(leaves: tuple[Policy, ...]) -> st.SearchStrategy[Policy]:
    return st.recursive(
        st.sampled_from(leaves),
        lambda inner: st.one_of(
            st.builds(lambda a, b: a & b, inner, inner),
            st.builds(lambda a, b: a | b, inner, inner),
            st.builds(lambda a: ~a, inner),
        ),
        max_leaves=5,
    )


def make_trips(seed: int) -> list[Person]:
    """Make trips, of people who are members of one another's."""
    draw = random.Random(seed)
    people = [Person.objects.create(email=f"{n}@example.org", is_staff=not n) for n in range(4)]
    for n in range(8):
        trip = Trip.objects.create(name=str(n), owner=draw.choice(people), begins_on=DAY, ends_on=DAY)
        Stop.objects.create(trip=trip, position=1, city_id=draw.choice([2988507, 2657896]))
        for person in draw.sample(people, draw.randint(0, 3)):
            if person != trip.owner:
                Member.objects.create(trip=trip, person=person, role=draw.choice(Role.values))
    return people


def acting(person: Person) -> Actor:
    return Actor(id=person.pk, is_staff=person.is_staff, scopes=frozenset("*"))


def every_way(policy: Policy, model: type[Model], actor: Actor) -> list[Q]:
    """Return the conditions of a policy's rows, as they are for whoever has few, many, or many at the ends only."""
    found = [OwnRows(policy, "read", model).every(actor, whole=True)]
    for few, apart, whole in ((True, True, True), (False, True, True), (False, False, True), (False, True, False)):
        with (
            patch.object(OwnRows, "are_few", lambda self, actor, few=few: few),
            patch.object(OwnRowsAtEnds, "are_few", lambda self, actor, apart=apart: apart),
        ):
            found.append(OwnRows(policy, "read", model).condition(actor, whole=whole))
            found.append(OwnRows(policy, "read", model).every(actor, whole=whole))
    return found


@pytest.mark.parametrize("model", RULES, ids=lambda model: model.__name__)
def test_every_way_leads_to_the_same_rows(db: None, model: type[Model]) -> None:
    make_places()

    @given(policy=composed(RULES[model]), seed=st.integers(0, 20))
    def hold(policy: Policy, seed: int) -> None:
        with transaction.atomic():
            for actor in (*map(acting, make_trips(seed)), ANONYMOUS):
                rows = sorted(row.pk for row in model._base_manager.filter(policy.rows("read", actor)))
                for condition in every_way(policy, model, actor):
                    assert sorted(row.pk for row in model._base_manager.filter(condition)) == rows
                keys = OwnRows(policy, "read", model).keys(actor)
                if keys is not None:
                    assert sorted(key for row in keys for key in row.values()) == rows
                for condition in every_way(policy, model, actor):
                    left = model._base_manager.exclude(condition).values_list("pk", flat=True)
                    assert set(left).isdisjoint(rows)
            transaction.set_rollback(True)

    hold()


def hold_for(policy: Policy, model: type[Model], actors: list[Actor]) -> None:
    """Hold every way to a policy's rows, and to their keys, to what it says."""
    for actor in actors:
        rows = sorted(row.pk for row in model._base_manager.filter(policy.rows("read", actor)))
        for condition in every_way(policy, model, actor):
            assert sorted(row.pk for row in model._base_manager.filter(condition)) == rows
        keys = OwnRows(policy, "read", model).keys(actor)
        assert keys is None or sorted(key for row in keys for key in row.values()) == rows


CLUBS = {
    Club: (member("seats"), owner("owner"), member("seats") | owner("owner"), member("seats") & ~owner("owner")),
    Notice: (member("club__seats"), owner("club__owner"), member("club__seats") | owner("club__owner")),
    Clause: (member("club__seats"), owner("club__owner"), member("club__seats") | owner("club__owner")),
    Seat: (member("club__seats"), owner("person"), member("club__seats") | owner("person") | owner("club__owner")),
}


@pytest.mark.parametrize("model", CLUBS, ids=lambda model: model.__name__)
def test_relations_that_refer_to_another_column_than_the_key(db: None, model: type[Model]) -> None:
    people = [Person.objects.create(email=f"{n}@example.org") for n in range(3)]
    for n in range(6):
        club = Club.objects.create(id=n, number=100 - n, code=f"c{n}", owner=people[n % 3] if n else None)
        Notice.objects.create(id=n, club=club if n != 3 else None)
        if n % 4:  # whose key is its club, and not every club has one
            Clause.objects.create(club=club)
        for place, person in enumerate(people):
            if (n + place) % 2:
                Seat.objects.create(id=10 * n + place, club=club, person=person)
    for policy in CLUBS[model]:
        hold_for(policy, model, [*map(acting, people), ANONYMOUS])
    assert any(model._base_manager.filter(policy.rows("read", acting(people[0]))).exists() for policy in CLUBS[model])


@isolate_apps("resources.places")
@pytest.mark.django_db(transaction=True)
def test_tables_that_inherit_have_an_order_and_refer_to_what_may_be_gone() -> None:
    class Place(models.Model):
        name = models.TextField()
        owner = models.ForeignKey(Person, models.CASCADE, related_name="+")

        class Meta:
            app_label = "places"
            ordering = ("-name",)

    class Cafe(Place):
        class Meta:
            app_label = "places"

    class Guest(models.Model):
        place = models.ForeignKey(Place, models.CASCADE, related_name="guests")
        person = models.ForeignKey(Person, models.CASCADE, related_name="+")

        class Meta:
            app_label = "places"
            ordering = ("place__name",)

    class Regular(models.Model):
        place = models.ForeignKey(Cafe, models.CASCADE, related_name="regulars", db_constraint=False)
        person = models.ForeignKey(Person, models.CASCADE, related_name="+")

        class Meta:
            app_label = "places"

    tables: tuple[type[Model], ...] = (Place, Cafe, Guest, Regular)
    with connection.schema_editor() as editor:
        for table in tables:
            editor.create_model(table)
    try:
        people = [Person.objects.create(email=f"{n}@example.org") for n in range(2)]
        for n in range(6):
            place = (Cafe if n % 2 else Place).objects.create(name=str(n), owner=people[n % 3 % 2])
            Guest.objects.create(place_id=place.pk, person=people[0])
            Regular.objects.create(place_id=place.pk if n % 2 else 900 + n, person=people[1])
        mine, guests, regulars = owner("owner"), member("guests"), member("regulars")
        actors = [*map(acting, people), ANONYMOUS]
        for policy in (guests, mine | guests, mine & ~guests, (mine & ~guests) | guests):
            hold_for(policy, Place, actors)
            hold_for(policy, Cafe, actors)
        for policy in (regulars, mine | regulars, guests & regulars, (mine & ~guests) | regulars):
            hold_for(policy, Cafe, actors)
    finally:
        Regular.objects.all().delete()
        with connection.schema_editor() as editor:
            for table in reversed(tables):
                editor.delete_model(table)


@pytest.mark.parametrize(
    ("policy", "gathers"),
    [
        (member("members"), True),
        (owner("owner") | member("members"), True),
        (member("members") & authenticated, True),
        (member("members") & ~owner("owner"), True),
        (member("members") | staff, True),
        (owner("owner"), False),  # an index answers it as it is
        (~member("members"), False),
        (member("members") | authenticated, False),
        (member("members") | Unnamed(), False),
        (member("members") & Unnamed(), True),
        (EditorOf("members", "person", None), False),
        (Renamed("members", "person", None), False),
        (member("members") | EditorOf("members", "person", None), False),
        (member("members") | Named(), True),
    ],
    ids=lambda each: text_of(each) if isinstance(each, Policy) else None,
)
def test_what_is_gathered(world: World, policy: Policy, gathers: bool) -> None:
    condition = OwnRows(policy, "read", Trip).condition(acting(world.editor))
    assert ("gathered" in str(condition)) is gathered(condition) is gathers


def gathered(condition: Q) -> bool:
    sql = str(Trip.objects.filter(condition).query)
    return "ANY(ARRAY" in sql or "IN (SELECT" in sql.replace("((", "(")


@pytest.mark.parametrize(
    ("rows", "known"),
    [
        (Trip.objects.all(), True),
        (Trip.objects.annotate(how_many=Count("members")), True),
        (Trip.objects.filter(name="x"), False),
        (Trip.objects.all()[:5], False),
        (Trip.objects.order_by("owner").distinct("owner"), False),
        (Trip.objects.annotate(role=F("members__role")), False),
    ],
    ids=range(6),
)
def test_keys_are_counted_where_each_is_a_row_of_the_list(world: World, rows: QuerySet[Trip], known: bool) -> None:
    keys = replace(TripViewSet.resource_type(), queryset=rows).own_keys(acting(world.owner))
    assert (keys is not None) is known


class Shared(Policy):
    """One that asks what only annotated rows know."""

    def rows(self, verb: Any, actor: Actor) -> Q:
        return Q(how_many__gte=1)


def test_a_rule_may_name_what_a_viewset_annotates(world: World) -> None:
    rows = OwnRows((owner("owner") | member("members")) & Shared(), "read", Trip)
    annotated, actor = Trip.objects.annotate(how_many=Count("members")), acting(world.owner)
    for condition in (rows.condition(actor), rows.condition(actor, whole=True), rows.every(actor)):
        assert list(annotated.filter(condition)) == [world.trip]
    assert rows.keys(actor) is rows.few(actor) is None


def test_ones_own_are_counted_without_a_look_at_the_rows(world: World, api: Client) -> None:
    owner = api.acting_for(world.owner)
    for n in range(3):
        trip = Trip.objects.create(name=str(n), owner=world.stranger, begins_on=DAY, ends_on=DAY)
        Member.objects.create(trip=trip, person=world.owner, role=Role.VIEWER)
    for _ in range(3):
        with CaptureQueriesContext(connection) as queries:
            assert owner.get("/v1/trips", count="exact", limit=1).json["count"] == 4
    counts = [query["sql"] for query in queries if "COUNT(*)" in query["sql"]]
    assert len(counts) == 1
    assert "UNION" in counts[0]
    assert "UNION ALL" not in counts[0]
    assert owner.get("/v1/trips", count="exact", limit=1, name__not="0").json["count"] == 3


def test_all_and_none_stay_recognisable() -> None:
    assert OwnRows(member("members") | authenticated, "read", Trip).condition(Actor(id=uuid.uuid4())) is ALL
    assert OwnRows(member("members") & staff, "read", Trip).condition(Actor(id=uuid.uuid4())) is NONE
    assert OwnRows(member("members"), "read", Trip).every(ANONYMOUS) is NONE


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take a table of a few rows for a large one."""
    monkeypatch.setattr(own_rows, "SMALL", 0)
    monkeypatch.setattr(own_rows, "PAGE", 2)
    monkeypatch.setattr(table_size, "PAGE", 2)
    monkeypatch.setattr(table_size, "LEAST_FEW", 2)
    monkeypatch.setattr(own_rows, "table_size", lambda model, using: 10)
    own_rows.forget()


def trips(owners: list[Person], whose: Person) -> list[bool]:
    """Make trips in the order of their keys; whether somebody has few of them, and few at the ends."""
    for n, each in enumerate(owners):
        key = uuid.UUID(int=(n + 1) << 64)
        Trip.objects.create(id=key, name=str(n), owner=each, begins_on=DAY, ends_on=DAY)
    rows = OwnRows(owner("owner") | member("members"), "read", Trip)
    return [acting(whose).has_few(rows), acting(whose).has_few(rows.at_ends)]


@pytest.mark.parametrize(
    ("owners", "found"),
    [
        ("........mm", [True, True]),
        ("mmmm....mmmm", [False, False]),
        ("........mmmmm", [False, True]),
        ("mmmmm........", [False, True]),
        ("....mmmmm....", [False, True]),
    ],
)
def test_who_has_few(db: None, large: None, owners: str, found: list[bool]) -> None:
    me, other = Person.objects.create(email="me@example.org"), Person.objects.create(email="other@example.org")
    assert trips([me if each == "m" else other for each in owners], me) == found


def test_it_is_counted_once_a_minute(world: World, large: None) -> None:
    rows, actor = OwnRows(owner("owner") | member("members"), "read", Trip), acting(world.editor)
    with CaptureQueriesContext(connection) as queries:
        assert [actor.has_few(rows) for _ in range(3)] == [True] * 3
    assert len(queries) == 1
    assert "LIMIT" in queries[0]["sql"]
    with (
        patch("resources.core.database.remembered.time.monotonic", lambda: 1e9),
        CaptureQueriesContext(connection) as later,
    ):
        actor.has_few(rows)
    assert len(later) == 1


def test_what_is_remembered_is_bounded(world: World, large: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "REMEMBERED", 10)
    rows = OwnRows(member("members"), "read", Trip)
    for n in range(100):
        Actor(id=uuid.UUID(int=n)).has_few(rows)
    assert len(own_rows._answers.answers) <= 10


def test_lists_of_few_and_of_many_are_traced_apart(world: World, api: Client, large: None) -> None:
    """The answer is one of the questions that a trace is kept with."""
    PLANS.clear()
    for n in range(8):
        Trip.objects.create(name=str(n), owner=world.owner, begins_on=DAY, ends_on=DAY)
    seen = {}
    for who in (world.owner, world.editor, world.owner, world.editor, world.owner, world.editor):
        answer = api.acting_for(who).get("/v1/trips")
        seen.setdefault(who, []).append([row["id"] for row in answer.json["results"]])
        assert "traced" in answer.headers["Server-Timing"] or len(seen[who]) < 3
    assert [len(pages[0]) for pages in seen.values()] == [9, 1]
    assert all(page == pages[0] for pages in seen.values() for page in pages)


def test_the_size_of_a_table(world: World) -> None:
    table_size.forget()
    with CaptureQueriesContext(connection) as queries:
        sizes = [table_size.table_size(Trip, "default") for _ in range(3)]
    assert len(queries) == 1
    assert len(set(sizes)) == 1
    assert sizes[0] >= 0
