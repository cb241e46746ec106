"""A stop lies within its trip, also when the stop and the trip are changed at the same time."""

from datetime import UTC, date, datetime
from threading import Event

import pytest
from django.db import IntegrityError, transaction

from resources.trips.models import Stop, Trip
from tests.threads import together

pytestmark = pytest.mark.django_db(transaction=True)

LAST_DAY = datetime(2027, 5, 9, 12, tzinfo=UTC)
PARIS = 2988507


def shorten(trip):
    Trip.objects.filter(pk=trip.pk).update(ends_on=date(2027, 5, 8))


def add_stop(trip):
    Stop.objects.create(trip_id=trip.pk, position=9, city_id=PARIS, arrives_at=LAST_DAY)


def move_stop(trip):
    Stop.objects.filter(trip=trip.pk, position=3).update(arrives_at=LAST_DAY)


def first_then_meanwhile(first, meanwhile, world):
    """Let `first` happen in a transaction that stays open while `meanwhile` is tried."""
    done = Event()

    def early():
        with transaction.atomic():
            first(world.trip)
            done.set()
            # The other one cannot be heard of while it waits; give it the time to begin to.
            Event().wait(0.3)

    def late():
        done.wait(10)
        meanwhile(world.trip)

    return together(early, late)


@pytest.mark.parametrize(
    ("first", "meanwhile", "constraint"),
    [
        (add_stop, shorten, "trip_holds_its_stops"),
        (move_stop, shorten, "trip_holds_its_stops"),
        (shorten, add_stop, "stop_lies_within_its_trip"),
        (shorten, move_stop, "stop_lies_within_its_trip"),
    ],
)
def test_the_second_waits_and_is_refused(world, first, meanwhile, constraint):
    early, late = first_then_meanwhile(first, meanwhile, world)
    assert early is None
    assert isinstance(late, IntegrityError)
    assert constraint in str(late)
    whole = Trip.objects.get(pk=world.trip.pk)
    whole.clean()


@pytest.mark.parametrize("attempt", range(5))
def test_of_two_at_the_same_moment_one_is_refused(world, attempt):
    answers = together(lambda: shorten(world.trip), lambda: add_stop(world.trip))
    assert sum(isinstance(answer, IntegrityError) for answer in answers) == 1
    Trip.objects.get(pk=world.trip.pk).clean()


def test_stops_of_other_trips_do_not_wait(world):
    def quickly(trip):
        with transaction.atomic():
            Stop.objects.create(trip_id=world.other_trip.pk, position=9, city_id=PARIS)

    early, late = first_then_meanwhile(add_stop, quickly, world)
    assert (early, late) == (None, None)


def test_two_who_add_a_stop_and_then_move_the_trip_do_not_wait_for_ever(world):
    def both(position):
        with transaction.atomic():
            Stop.objects.create(trip_id=world.trip.pk, position=position, city_id=PARIS, arrives_at=LAST_DAY)
            Event().wait(0.1)
            Trip.objects.filter(pk=world.trip.pk).update(begins_on=date(2027, 4, position))

    answers = together(lambda: both(8), lambda: both(9))
    assert answers == [None, None]


def test_a_position_goes_to_one_of_two(world):
    answers = together(lambda: add_stop(world.trip), lambda: add_stop(world.trip))
    assert sum(isinstance(answer, IntegrityError) for answer in answers) == 1
