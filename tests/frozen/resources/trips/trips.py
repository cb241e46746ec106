"""Trips: when they are, whose they are, and what they may cost."""

import uuid
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Max, Min, Q

from resources.core import fields
from resources.core.keys import UUIDv7Key
from resources.core.resource import Resource
from resources.core.triggers import TriggerConstraint
from resources.trips.keeping import cascade_unless_shared

ENDS_TOO_EARLY = "The trip ends before it begins: give a day that is not before `begins_on`."
NEEDS_CURRENCY = "A budget needs a currency: give one, or leave out the budget."
NEGATIVE_BUDGET = "Give a budget of zero or more."
OWNER_IS_MEMBER = "The owner of a trip is not one of its members as well."
LEAVES_OUT_STOPS = "A stop would lie outside the trip: move or delete the stop first."


class Trip(UUIDv7Key, Resource):
    """A journey of a person, shared with its members."""

    name = fields.CharField(max_length=200, help_text="What the trip is called.")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        cascade_unless_shared,
        db_index=False,
        related_name="trips",
        help_text="The person whose trip it is.",
    )
    begins_on = models.DateField(help_text="First day.")
    ends_on = models.DateField(help_text="Last day, not before the first.")
    budget = models.DecimalField(
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0, NEGATIVE_BUDGET)],
        help_text="What it may cost, in `currency`; null when nobody counts.",
    )
    currency = models.ForeignKey(
        "places.Currency",
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="trips",
        help_text="The currency of the budget.",
    )
    notes = fields.TextField(blank=True, help_text="Anything worth remembering.")
    details = models.JSONField(default=dict, blank=True, help_text="Whatever a client wants to keep with the trip.")

    owner_id: uuid.UUID

    class Meta:
        indexes = (
            models.Index(fields=("name", "id"), name="trip_name"),
            models.Index(fields=("owner", "begins_on", "id"), name="trip_owner"),
            models.Index(fields=("begins_on", "id"), name="trip_begins_on"),
            models.Index(fields=("ends_on", "id"), name="trip_ends_on"),
            models.Index(fields=("currency", "budget", "id"), name="trip_currency"),
            models.Index(fields=("budget", "id"), name="trip_budget"),
            models.Index(fields=("created_at", "id"), name="trip_created_at"),
            models.Index(fields=("updated_at", "id"), name="trip_updated_at"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("begins_on")),
                name="trip_ends_after_it_begins",
                violation_error_code="ends_too_early",
                violation_error_message=ENDS_TOO_EARLY,
            ),
            models.CheckConstraint(
                condition=Q(budget__isnull=True) | Q(currency__isnull=False),
                name="trip_budget_has_a_currency",
                violation_error_code="needs_currency",
                violation_error_message=NEEDS_CURRENCY,
            ),
            models.CheckConstraint(
                condition=Q(budget__isnull=True) | Q(budget__gte=0),
                name="trip_budget_is_not_negative",
                violation_error_code="negative_budget",
                violation_error_message=NEGATIVE_BUDGET,
            ),
            TriggerConstraint(
                name="trip_holds_its_stops",
                columns=("begins_on", "ends_on"),
                broken={
                    "sqlite": 'EXISTS (SELECT 1 FROM "trips_stop" WHERE "trip_id" = NEW."id" AND ('
                    'date("arrives_at") NOT BETWEEN NEW."begins_on" AND NEW."ends_on" '
                    'OR date("departs_at") NOT BETWEEN NEW."begins_on" AND NEW."ends_on"))',
                    "postgresql": 'EXISTS (SELECT 1 FROM "trips_stop" WHERE "trip_id" = NEW."id" AND ('
                    """("arrives_at" AT TIME ZONE 'UTC')::date NOT BETWEEN NEW."begins_on" AND NEW."ends_on" """
                    """OR ("departs_at" AT TIME ZONE 'UTC')::date NOT BETWEEN NEW."begins_on" AND NEW."ends_on"))""",
                },
                violation_error_code="leaves_out_stops",
                violation_error_message=LEAVES_OUT_STOPS,
            ),
            TriggerConstraint(
                name="trip_owner_is_no_member",
                columns=("owner_id",),
                broken=dict.fromkeys(
                    ("sqlite", "postgresql"),
                    'EXISTS (SELECT 1 FROM "trips_member" WHERE "trip_id" = NEW."id" AND "person_id" = NEW."owner_id")',
                ),
                violation_error_code="owner_is_member",
                violation_error_message=OWNER_IS_MEMBER,
            ),
        )

    def __str__(self) -> str:
        """Show the name."""
        return self.name

    def clean(self) -> None:
        """Check what spans fields and tables.

        Raises:
            ValidationError: keyed by the field to mend.
        """
        faults = self._faults_of_dates() or self._faults_of_stops()
        if self.budget is not None and self.currency_id is None:
            faults["currency"] = ValidationError(NEEDS_CURRENCY, code="needs_currency")
        if faults:
            raise ValidationError(faults)

    def _faults_of_dates(self) -> dict[str, ValidationError]:
        if self.begins_on is None or self.ends_on is None or self.begins_on <= self.ends_on:
            return {}
        return {"ends_on": ValidationError(ENDS_TOO_EARLY, code="ends_too_early")}

    def _faults_of_stops(self) -> dict[str, ValidationError]:
        """Name the end of the trip that would leave out a stop."""
        if self._state.adding:
            return {}
        first, last = _span(self.stops)
        fault = ValidationError(LEAVES_OUT_STOPS, code="leaves_out_stops")
        outside = {
            "begins_on": first is not None and self.begins_on is not None and first.date() < self.begins_on,
            "ends_on": last is not None and self.ends_on is not None and last.date() > self.ends_on,
        }
        return {field: fault for field, is_outside in outside.items() if is_outside}


def _span(stops: models.Manager[Any]) -> tuple[datetime | None, datetime | None]:
    """Return the first and the last time of some stops, in UTC."""
    times = stops.aggregate(a=Min("arrives_at"), b=Min("departs_at"), c=Max("arrives_at"), d=Max("departs_at"))
    known = [time.astimezone(UTC) for time in times.values() if time is not None]
    return (min(known), max(known)) if known else (None, None)
