"""A policy says of a row that is not stored what it would say of it, were it stored."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, Q

from resources.core.access.unsaved import row_of, would_be_among
from resources.core.actor import Actor
from resources.core.policy import ALL, NONE, Policy, member, owner
from resources.places.models import City
from resources.trips.models import Stop, Trip
from tests.world import World, key

pytestmark = pytest.mark.django_db

CONDITIONS: dict[str, Callable[[World], Q]] = {
    "all": lambda world: ALL,
    "none": lambda world: NONE,
    "a column": lambda world: Q(name="Lakes"),
    "a column and its negation": lambda world: Q(name="Lakes") | ~Q(notes="x"),
    "a relation": lambda world: Q(owner=world.owner),
    "behind a relation": lambda world: Q(owner__email="owner@example.org"),
    "another behind it": lambda world: Q(owner__email="stranger@example.org"),
    "two columns": lambda world: Q(ends_on__gt=F("begins_on")),
    "a number": lambda world: Q(budget__lt=10),
    "NULL": lambda world: Q(currency__isnull=True),
    "rows of its own": lambda world: Q(members__person=world.owner),
    "rows of its own, asked otherwise": lambda world: Q(Exists(Stop.objects.filter(trip=OuterRef("pk")))),
}


def stored(row: Any, condition: Q) -> bool:
    """Ask the database of the row once it is stored."""
    with transaction.atomic():
        row.save(force_insert=True)
        found = type(row).objects.filter(condition, pk=row.pk).exists()
        transaction.set_rollback(True)
    return found


@pytest.mark.parametrize("condition", CONDITIONS)
@pytest.mark.parametrize("values", [{}, {"budget": "9.50", "currency_id": "EUR", "notes": "x"}, {"budget": "100"}])
def test_it_works(world: World, condition: str, values: dict[str, Any]) -> None:
    row = Trip(id=key(70), name="Lakes", owner=world.owner, begins_on="2027-06-01", ends_on="2027-06-05", **values)
    asked = CONDITIONS[condition](world)
    expected = stored(row, asked) if "budget" not in values or "currency_id" in values else None
    found = would_be_among(Trip, [row], asked)
    assert expected is None or found is expected


@pytest.mark.parametrize(("policy", "person"), [(owner("trip__owner"), "owner"), (member("trip__members"), "editor")])
def test_a_policy_along_relations(world: World, policy: Policy, person: str) -> None:
    rows = [Stop(trip=trip, position=99, city_id=2988507) for trip in (world.trip, world.other_trip)]
    asked = policy.rows("create", Actor(id=getattr(world, person).pk))
    assert [would_be_among(Stop, [row], asked) for row in rows] == [True, False]
    assert not would_be_among(Stop, rows, asked)


def test_a_column_that_is_only_known_when_it_is_saved(world: World) -> None:
    stop = Stop.objects.get(pk=key(20))
    stop.revision = F("revision") + 1
    assert would_be_among(Stop, [stop], Q(trip=world.trip))


def test_more_rows_than_one_statement_takes(world: World) -> None:
    rows = [
        City(id=n, name=f"{n}", country_id="FR", population=n, latitude=1, longitude=1, timezone="Europe/Paris")
        for n in range(10_000)
    ]
    assert would_be_among(City, rows, Q(country__continent="EU"))
    assert not would_be_among(City, rows, Q(population__lt=9_999))


def test_the_row_whose_save_failed_is_known(world: World) -> None:
    row = Stop(trip=world.trip, position=1, city_id=2988507)
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        row.save()
    assert row_of(caught.value, Stop) is row
    assert row_of(caught.value, Trip) is None
