"""Trips, members and stops: the rules, told by the model and kept by the database."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from resources.trips.models import Member, Role, Stop, Trip

MAY_5 = datetime(2027, 5, 5, 12, tzinfo=UTC)
PARIS = 2988507


def refusal(save):
    """Return what the database says when it refuses."""
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        save()
    return str(caught.value)


def change(row, **values):
    for field, value in values.items():
        setattr(row, field, value)
    return row


def faults(row):
    """Return what `clean` finds: by field, the codes."""
    try:
        row.clean()
    except ValidationError as fault:
        return {field: [error.code for error in errors] for field, errors in fault.error_dict.items()}
    return {}


TRIPS = {
    # a change of the trip: what `clean` finds, what the database names
    "ends before it begins": (
        {"ends_on": date(2027, 4, 30)}, {"ends_on": ["ends_too_early"]}, "trip_ends_after_it_begins",
    ),
    "a budget without a currency": (
        {"currency_id": None}, {"currency": ["needs_currency"]}, "trip_budget_has_a_currency",
    ),
    "ends before its last stop": (
        {"ends_on": date(2027, 5, 3)}, {"ends_on": ["leaves_out_stops"]}, "trip_holds_its_stops",
    ),
    "begins after its first stop": (
        {"begins_on": date(2027, 5, 2)}, {"begins_on": ["leaves_out_stops"]}, "trip_holds_its_stops",
    ),
    "moved away from its stops": (
        {"begins_on": date(2028, 5, 1), "ends_on": date(2028, 5, 9)},
        {"begins_on": ["leaves_out_stops"]}, "trip_holds_its_stops",
    ),
    "a narrow miss on both sides": (
        {"begins_on": date(2027, 5, 2), "ends_on": date(2027, 5, 3)},
        {"begins_on": ["leaves_out_stops"], "ends_on": ["leaves_out_stops"]}, "trip_holds_its_stops",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", TRIPS)
def test_a_trip_is_refused(world, case):
    values, found, constraint = TRIPS[case]
    trip = change(world.trip, **values)
    assert faults(trip) == found
    assert constraint in refusal(trip.save)
    assert constraint in refusal(lambda: Trip.objects.filter(pk=trip.pk).update(**values))


STOPS = {
    "no place": ({"city_id": None}, {"city": ["needs_one_place"]}, "stop_is_at_one_place"),
    "two places": ({"airport_id": "LFPG"}, {"airport": ["needs_one_place"]}, "stop_is_at_one_place"),
    "leaves before it arrives": (
        {"departs_at": datetime(2027, 5, 1, 12, tzinfo=UTC)},
        {"departs_at": ["leaves_too_early"]}, "stop_ends_after_it_begins",
    ),
    "arrives before the trip": (
        {"arrives_at": datetime(2027, 4, 30, 23, 59, 59, 999999, tzinfo=UTC)},
        {"arrives_at": ["outside_its_trip"]}, "stop_lies_within_its_trip",
    ),
    "departs after the trip": (
        {"departs_at": datetime(2027, 5, 10, tzinfo=UTC)},
        {"departs_at": ["outside_its_trip"]}, "stop_lies_within_its_trip",
    ),
    "within the trip by its own clock, outside in UTC": (
        {"arrives_at": datetime(2027, 5, 1, 1, tzinfo=timezone(timedelta(hours=2)))},
        {"arrives_at": ["outside_its_trip"]}, "stop_lies_within_its_trip",
    ),
    "wholly outside": (
        {"arrives_at": MAY_5 + timedelta(days=30), "departs_at": MAY_5 + timedelta(days=31)},
        {"arrives_at": ["outside_its_trip"], "departs_at": ["outside_its_trip"]}, "stop_lies_within_its_trip",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", STOPS)
def test_a_stop_is_refused(world, case):
    values, found, constraint = STOPS[case]
    stop = change(world.stops[1], **values)
    assert faults(stop) == found
    assert constraint in refusal(stop.save)
    assert constraint in refusal(lambda: Stop.objects.filter(pk=stop.pk).update(**values))
    new = Stop(trip=world.trip, position=9, city_id=PARIS, arrives_at=MAY_5)
    change(new, **values)
    assert constraint in refusal(new.save)
    assert constraint in refusal(lambda: Stop.objects.bulk_create([new]))


@pytest.mark.parametrize(
    "values",
    [
        {"arrives_at": datetime(2027, 5, 1, tzinfo=UTC)},
        {"departs_at": datetime(2027, 5, 9, 23, 59, 59, 999999, tzinfo=UTC)},
        {"arrives_at": datetime(2027, 5, 10, 1, tzinfo=timezone(timedelta(hours=2))), "departs_at": None},
        {"arrives_at": MAY_5, "departs_at": MAY_5},
        {"arrives_at": None},
        {"arrives_at": None, "departs_at": None},
        {"city_id": None, "airport_id": "LSGG"},
    ],
)
def test_a_stop_is_accepted(world, values):
    stop = change(world.stops[1], **values)
    assert faults(stop) == {}
    stop.save()


@pytest.mark.parametrize(
    "values",
    [
        {"begins_on": date(2027, 5, 1), "ends_on": date(2027, 5, 4)},
        {"begins_on": date(1, 1, 1), "ends_on": date(9999, 12, 31)},
        {"budget": Decimal(0)},
        {"budget": None, "currency_id": None},
    ],
)
def test_a_trip_is_accepted(world, values):
    trip = change(world.trip, **values)
    assert faults(trip) == {}
    trip.save()


def test_a_trip_of_one_day_is_accepted(world):
    trip = Trip(name="Day", owner=world.owner, begins_on=date(2027, 1, 1), ends_on=date(2027, 1, 1))
    assert faults(trip) == {}
    trip.save()


def test_a_negative_budget_is_refused(world):
    trip = change(world.trip, budget=Decimal("-0.01"))
    with pytest.raises(ValidationError) as caught:
        trip.full_clean()
    assert "Give a budget of zero or more." in caught.value.messages
    assert "trip_budget_is_not_negative" in refusal(trip.save)


def test_a_position_counts_from_one_and_is_taken_once(world):
    assert "stop_position_counts_from_one" in refusal(change(world.stops[0], position=0).save)
    assert "position" in refusal(Stop(trip=world.trip, position=2, city_id=PARIS).save)
    Stop.objects.create(trip=world.other_trip, position=2, city_id=PARIS)


def test_a_person_is_a_member_once_with_a_known_role(world):
    assert "person" in refusal(Member(trip=world.trip, person=world.editor).save)
    assert "member_role_is_known" in refusal(Member(trip=world.trip, person=world.stranger, role="king").save)
    assert Member.objects.create(trip=world.trip, person=world.stranger).role == Role.VIEWER


def test_a_stop_moved_to_another_trip_must_lie_within_that_one(world):
    stop = change(world.stops[1], trip=world.other_trip, position=5)
    assert faults(stop) == {"arrives_at": ["outside_its_trip"], "departs_at": ["outside_its_trip"]}
    assert "stop_lies_within_its_trip" in refusal(stop.save)


def test_a_trip_and_its_stops_move_together(world):
    year = timedelta(days=365)
    with transaction.atomic():
        Trip.objects.filter(pk=world.trip.pk).update(ends_on=world.trip.ends_on + year)
        for stop in world.trip.stops.all():
            stop.arrives_at, stop.departs_at = stop.arrives_at and stop.arrives_at + year, None
            stop.save()
        Trip.objects.filter(pk=world.trip.pk).update(begins_on=world.trip.begins_on + year)
    world.trip.refresh_from_db()
    assert faults(world.trip) == {}


def test_a_row_that_is_not_whole_is_left_to_others_to_blame(world):
    assert faults(Trip()) == {}
    assert faults(Stop(position=1, city_id=PARIS, arrives_at=MAY_5)) == {}
    assert faults(change(world.trip, begins_on=None)) == {}


def test_messages_say_what_to_do(world):
    with pytest.raises(ValidationError) as caught:
        change(world.stops[1], departs_at=MAY_5 + timedelta(days=30)).clean()
    assert caught.value.messages == [
        "The stop lies outside its trip: give a time within the trip's days (UTC), or change those first."
    ]


def test_checking_a_stop_or_a_trip_costs_one_query(world, django_assert_num_queries):
    with django_assert_num_queries(1):
        Stop.objects.get(pk=world.stops[1].pk)
    stop = Stop.objects.get(pk=world.stops[1].pk)
    with django_assert_num_queries(1):
        stop.clean()
    with django_assert_num_queries(1):
        world.trip.clean()


def test_deleting_a_trip_takes_its_stops_and_members_and_leaves_the_places(world):
    world.trip.delete()
    assert not Stop.objects.filter(trip=world.trip.pk).exists()
    assert not Member.objects.exists()


def test_details_hold_any_json(world):
    trip = change(world.trip, details=[1, {"ü": None}, "x"])
    trip.save()
    assert Trip.objects.get(pk=trip.pk).details == [1, {"ü": None}, "x"]


@pytest.mark.parametrize("model", [Trip, Member, Stop])
def test_every_field_says_what_it_is_and_every_constraint_what_to_do(model):
    assert all(field.help_text.endswith(".") for field in model._meta.concrete_fields)
    for constraint in model._meta.constraints:
        assert constraint.violation_error_code
        assert constraint.violation_error_message != constraint.default_violation_error_message
