"""The law of tracing: what is kept gives what building anew would give, and what may not is refused with its reason."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.db.models import Q
from django.utils import timezone

from api.core.tracing.actors import SymbolicActor, ask
from api.core.tracing.slots import Untraceable, typed
from api.core.tracing.statements import Trace, trace
from resources.core.actor import ANONYMOUS, Actor
from resources.core.database.drivers import driver_sql
from resources.trips.models import Trip
from tests.world import World

pytestmark = pytest.mark.django_db


def traced(condition: Callable[[Any], Q], actor: Actor, **values: Any) -> Trace:
    """Trace the ids of the trips that meet a condition on the actor."""
    name = Trip._meta.get_field("name")

    def build(asking: Any, given: Any) -> list[Any]:
        named = Q(name=typed(given["name"], name)) if "name" in given else Q()
        return [Trip.objects.filter(condition(asking), named).values_list("id", flat=True)]

    return trace(build, actor, values)


def found(kept: Trace, actor: Actor, **values: Any) -> int:
    return len(kept.statements[0].fetch({**values, "actor.id": actor.id}, 10, 0))


def test_one_statement_serves_every_person(world: World) -> None:
    owner, stranger = Actor(id=world.owner.id), Actor(id=world.stranger.id)
    kept = traced(lambda actor: Q(owner=actor.id), owner)
    assert kept.answers == {("anonymous",): False}
    assert found(kept, owner) == Trip.objects.filter(owner=world.owner).count() > 0
    assert found(kept, stranger) == Trip.objects.filter(owner=world.stranger).count() > 0


def test_postgresql_reads_a_statement_once_and_plans_it_each_time(world: World, vendor: str) -> None:
    if vendor != "postgresql":
        pytest.skip("SQLite keeps what it has compiled with the connection")
    owner = Actor(id=world.owner.id)
    sql = "SELECT custom_plans, generic_plans FROM pg_prepared_statements WHERE statement = %s"
    kept = traced(lambda actor: Q(owner=actor.id, currency_id="EUR"), owner)
    for _ in range(9):
        found(kept, owner)
    with connection.cursor() as cursor:
        cursor.execute(sql, [driver_sql(vendor, kept.statements[0].sql, 10)])
        assert cursor.fetchall() == [(9, 0)]


@pytest.mark.parametrize("most", [1, 2, 3])
def test_a_limit_that_is_usual_and_one_that_is_not_are_held(world: World, most: int) -> None:
    owner = Actor(id=world.owner.id)
    for number in range(4):
        Trip.objects.create(owner=world.owner, name=f"Another {number}", begins_on="2027-01-01", ends_on="2027-01-02")
    kept = traced(lambda actor: Q(owner=actor.id), owner)
    assert len(kept.statements[0].fetch({"actor.id": owner.id}, most, 0)) == most
    assert len(kept.statements[0].fetch({"actor.id": owner.id}, most, 1)) == most


def test_values_are_brought_to_the_database_each_time(world: World) -> None:
    owner = Actor(id=world.owner.id)
    kept = traced(lambda actor: Q(owner=actor.id), owner, name="nothing")
    assert found(kept, owner, name="nothing") == 0
    assert found(kept, owner, name=world.trip.name) == 1
    assert found(kept, owner, name="' OR '1'='1") == 0


def test_what_is_asked_of_the_actor_is_remembered() -> None:
    staff = Actor(id=Trip().id, is_staff=True, scopes=frozenset({"trips:read"}))
    kept = traced(lambda actor: Q() if actor.is_staff and actor.has_scope("trips:read") else Q(pk=None), staff)
    assert kept.answers == {("is_staff",): True, ("has_scope", "trips:read"): True}
    assert all(ask(staff, question) == answer for question, answer in kept.answers.items())


SPECIAL = Trip().id


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        (lambda actor: Q() if actor.id == SPECIAL else Q(owner=actor.id), "compares actor.id"),
        (lambda actor: Q() if actor.id in {SPECIAL} else Q(owner=actor.id), "hashes actor.id"),
        (lambda actor: Q(name=str(actor.id)), "makes a text of actor.id"),
        (lambda actor: Q(name=f"{actor.id}"), "makes a text of actor.id"),
        (lambda actor: Q() if actor.scopes else Q(pk=None), "reads actor.scopes"),
        (lambda actor: Q() if actor.key else Q(pk=None), "reads actor.key"),
        (lambda actor: Q() if actor == ANONYMOUS else Q(pk=None), "compares the actor"),
        (lambda actor: Q(created_at__lt=timezone.now()), "depends on its values|differ"),
        (lambda actor: Q(begins_on__gt=datetime.date.today()), "that of the clock"),
        (lambda actor: Q(pk__in=list(Trip.objects.values_list("pk", flat=True))), "the database is asked"),
    ],
)
def test_what_could_tell_actors_or_moments_apart_is_not_kept(
    world: World, condition: Callable[[Any], Q], reason: str
) -> None:
    with pytest.raises(Untraceable, match=reason):
        traced(condition, Actor(id=world.owner.id))


def test_a_value_that_does_not_come_out_is_not_kept(world: World) -> None:
    with pytest.raises(Untraceable, match="did not come out"):
        traced(lambda actor: Q(owner=actor.id), Actor(id=world.owner.id), unused=1)


def test_the_anonymous_have_no_key() -> None:
    symbolic = SymbolicActor(ANONYMOUS)
    assert symbolic.id is None
    assert symbolic.answers == {("anonymous",): True}
