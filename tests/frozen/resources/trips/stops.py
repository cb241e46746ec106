"""Stops: where a trip goes, in which order, and when."""

import uuid
from datetime import UTC, datetime

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q

from resources.core import fields
from resources.core.keys import UUIDv7Key
from resources.core.resource import Resource
from resources.core.triggers import TriggerConstraint
from resources.trips.trips import Trip

LEAVES_TOO_EARLY = "The stop ends before it begins: give a time that is not before `arrives_at`."
NEEDS_ONE_PLACE = "A stop is at one place: give either a city or an airport."
OUTSIDE_ITS_TRIP = "The stop lies outside its trip: give a time within the trip's days (UTC), or change those first."
POSITION_FROM_ONE = "Positions count from 1."


class Stop(UUIDv7Key, Resource):
    """A city or an airport on the way of a trip."""

    trip = models.ForeignKey(
        Trip, models.CASCADE, db_index=False, related_name="stops", help_text="The trip it is part of."
    )
    position = models.PositiveIntegerField(
        validators=[MinValueValidator(1, POSITION_FROM_ONE)],
        help_text="Place in the order of the trip's stops, from 1; each is taken once.",
    )
    city = models.ForeignKey(
        "places.City",
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="stops",
        help_text="The city, unless the stop is at an airport.",
    )
    airport = models.ForeignKey(
        "places.Airport",
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="stops",
        help_text="The airport, unless the stop is at a city.",
    )
    arrives_at = models.DateTimeField(
        null=True, blank=True, help_text="Time of arrival, on a day of the trip in UTC; null when not known."
    )
    departs_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="Time of departure, on a day of the trip in UTC and not before the arrival; null when not known.",
    )
    notes = fields.TextField(blank=True, help_text="Anything worth remembering.")

    trip_id: uuid.UUID | None

    class Meta:
        indexes = (
            models.Index(fields=("trip", "id"), name="stop_trip"),
            models.Index(fields=("city", "id"), name="stop_city"),
            models.Index(fields=("airport", "id"), name="stop_airport"),
            models.Index(fields=("position", "id"), name="stop_position"),
            models.Index(fields=("arrives_at", "id"), name="stop_arrives_at"),
            models.Index(fields=("departs_at", "id"), name="stop_departs_at"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("trip", "position"),
                name="stop_has_its_own_position",
                violation_error_code="unique",
                violation_error_message="Another stop of the trip has this position: choose a free one.",
            ),
            models.CheckConstraint(
                condition=Q(position__gte=1),
                name="stop_position_counts_from_one",
                violation_error_code="min_value",
                violation_error_message=POSITION_FROM_ONE,
            ),
            models.CheckConstraint(
                condition=Q(city__isnull=False, airport__isnull=True) | Q(city__isnull=True, airport__isnull=False),
                name="stop_is_at_one_place",
                violation_error_code="needs_one_place",
                violation_error_message=NEEDS_ONE_PLACE,
            ),
            models.CheckConstraint(
                condition=Q(arrives_at__isnull=True) | Q(departs_at__isnull=True) | Q(departs_at__gte=F("arrives_at")),
                name="stop_ends_after_it_begins",
                violation_error_code="leaves_too_early",
                violation_error_message=LEAVES_TOO_EARLY,
            ),
            TriggerConstraint(
                name="stop_lies_within_its_trip",
                columns=("trip_id", "arrives_at", "departs_at"),
                broken={
                    "sqlite": 'EXISTS (SELECT 1 FROM "trips_trip" WHERE "id" = NEW."trip_id" AND ('
                    'date(NEW."arrives_at") NOT BETWEEN "begins_on" AND "ends_on" '
                    'OR date(NEW."departs_at") NOT BETWEEN "begins_on" AND "ends_on"))',
                    "postgresql": 'EXISTS (SELECT 1 FROM "trips_trip" WHERE "id" = NEW."trip_id" AND ('
                    """(NEW."arrives_at" AT TIME ZONE 'UTC')::date NOT BETWEEN "begins_on" AND "ends_on" """
                    """OR (NEW."departs_at" AT TIME ZONE 'UTC')::date NOT BETWEEN "begins_on" AND "ends_on"))""",
                },
                # As strong as what a change of the trip's dates takes, so that the two wait for one another; FOR
                # SHARE would do too, but two writers who then change the trip would wait for each other for ever.
                lock='PERFORM 1 FROM "trips_trip" WHERE "id" = NEW."trip_id" FOR NO KEY UPDATE;',
                violation_error_code="outside_its_trip",
                violation_error_message=OUTSIDE_ITS_TRIP,
            ),
        )

    def __str__(self) -> str:
        """Show the position."""
        return f"Stop {self.position}"

    def clean(self) -> None:
        """Check what spans fields and tables.

        Raises:
            ValidationError: keyed by the field to mend.
        """
        faults = self._faults_of_place() | self._faults_of_times()
        if faults:
            raise ValidationError(faults)

    def _faults_of_place(self) -> dict[str, ValidationError]:
        if (self.city_id is None) != (self.airport_id is None):
            return {}
        field = "city" if self.city_id is None else "airport"
        return {field: ValidationError(NEEDS_ONE_PLACE, code="needs_one_place")}

    def _faults_of_times(self) -> dict[str, ValidationError]:
        if self.arrives_at and self.departs_at and self.departs_at < self.arrives_at:
            return {"departs_at": ValidationError(LEAVES_TOO_EARLY, code="leaves_too_early")}
        times = {"arrives_at": self.arrives_at, "departs_at": self.departs_at}
        fault = ValidationError(OUTSIDE_ITS_TRIP, code="outside_its_trip")
        return {field: fault for field, time in times.items() if time is not None and not self._covers(time)}

    def _covers(self, time: datetime) -> bool:
        """Whether a time lies within the trip; a trip that is missing is somebody else's fault to tell."""
        if self.trip_id is None:
            return True
        return self.trip.begins_on <= time.astimezone(UTC).date() <= self.trip.ends_on
