"""The tables of trips, with the rules that the database keeps.

Two of the rules are triggers (`TriggerConstraint`): a stop lies within its trip, and a trip holds its stops.
They belong to their models' constraints: a later migration that makes Django rebuild a table on SQLite brings them
back with it, and one that changes a rule is written by `makemigrations`. A migration that rebuilds a table by hand,
with `RunSQL`, must drop the triggers of both tables first and create them again after it: SQLite drops a table's own
triggers with the table, and refuses to rename a table while another's trigger mentions one that is missing.
"""

import django.core.validators
import django.db.models.deletion
import resources.core.fields
import resources.core.keys
import resources.core.resource
import resources.core.triggers
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("places", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Trip",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=resources.core.keys.uuid7,
                        editable=False,
                        help_text="A UUIDv7.",
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, help_text="When it was created.")),
                ("updated_at", models.DateTimeField(auto_now=True, help_text="When it was last saved.")),
                (
                    "revision",
                    resources.core.resource.RevisionField(
                        default=1, editable=False, help_text="How often it was saved; the version in its ETag."
                    ),
                ),
                ("name", resources.core.fields.CharField(help_text="What the trip is called.", max_length=200)),
                ("begins_on", models.DateField(help_text="First day.")),
                ("ends_on", models.DateField(help_text="Last day, not before the first.")),
                (
                    "budget",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        help_text="What it may cost, in `currency`; null when nobody counts.",
                        max_digits=12,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0, "Give a budget of zero or more.")],
                    ),
                ),
                ("notes", resources.core.fields.TextField(blank=True, help_text="Anything worth remembering.")),
                (
                    "details",
                    models.JSONField(
                        blank=True, default=dict, help_text="Whatever a client wants to keep with the trip."
                    ),
                ),
                (
                    "currency",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        help_text="The currency of the budget.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="trips",
                        to="places.currency",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        db_index=False,
                        help_text="The person whose trip it is.",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="trips",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["name", "id"], name="trip_name"),
                    models.Index(fields=["owner", "begins_on", "id"], name="trip_owner"),
                    models.Index(fields=["begins_on", "id"], name="trip_begins_on"),
                    models.Index(fields=["ends_on", "id"], name="trip_ends_on"),
                    models.Index(fields=["currency", "budget", "id"], name="trip_currency"),
                    models.Index(fields=["budget", "id"], name="trip_budget"),
                    models.Index(fields=["created_at", "id"], name="trip_created_at"),
                    models.Index(fields=["updated_at", "id"], name="trip_updated_at"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_on__gte", models.F("begins_on"))),
                        name="trip_ends_after_it_begins",
                        violation_error_code="ends_too_early",
                        violation_error_message="The trip ends before it begins: give a day that is not before `begins_on`.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("budget__isnull", True), ("currency__isnull", False), _connector="OR"),
                        name="trip_budget_has_a_currency",
                        violation_error_code="needs_currency",
                        violation_error_message="A budget needs a currency: give one, or leave out the budget.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("budget__isnull", True), ("budget__gte", 0), _connector="OR"),
                        name="trip_budget_is_not_negative",
                        violation_error_code="negative_budget",
                        violation_error_message="Give a budget of zero or more.",
                    ),
                    resources.core.triggers.TriggerConstraint(
                        broken={
                            "postgresql": 'EXISTS (SELECT 1 FROM "trips_stop" WHERE "trip_id" = NEW."id" AND (("arrives_at" AT TIME ZONE \'UTC\')::date NOT BETWEEN NEW."begins_on" AND NEW."ends_on" OR ("departs_at" AT TIME ZONE \'UTC\')::date NOT BETWEEN NEW."begins_on" AND NEW."ends_on"))',
                            "sqlite": 'EXISTS (SELECT 1 FROM "trips_stop" WHERE "trip_id" = NEW."id" AND (date("arrives_at") NOT BETWEEN NEW."begins_on" AND NEW."ends_on" OR date("departs_at") NOT BETWEEN NEW."begins_on" AND NEW."ends_on"))',
                        },
                        columns=("begins_on", "ends_on"),
                        name="trip_holds_its_stops",
                        violation_error_code="leaves_out_stops",
                        violation_error_message="A stop would lie outside the trip: move or delete the stop first.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Stop",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=resources.core.keys.uuid7,
                        editable=False,
                        help_text="A UUIDv7.",
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, help_text="When it was created.")),
                ("updated_at", models.DateTimeField(auto_now=True, help_text="When it was last saved.")),
                (
                    "revision",
                    resources.core.resource.RevisionField(
                        default=1, editable=False, help_text="How often it was saved; the version in its ETag."
                    ),
                ),
                (
                    "position",
                    models.PositiveIntegerField(
                        help_text="Place in the order of the trip's stops, from 1; each is taken once.",
                        validators=[django.core.validators.MinValueValidator(1, "Positions count from 1.")],
                    ),
                ),
                (
                    "arrives_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="Time of arrival, on a day of the trip in UTC; null when not known.",
                        null=True,
                    ),
                ),
                (
                    "departs_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="Time of departure, on a day of the trip in UTC and not before the arrival; null when not known.",
                        null=True,
                    ),
                ),
                ("notes", resources.core.fields.TextField(blank=True, help_text="Anything worth remembering.")),
                (
                    "airport",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        help_text="The airport, unless the stop is at a city.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stops",
                        to="places.airport",
                    ),
                ),
                (
                    "city",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        help_text="The city, unless the stop is at an airport.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stops",
                        to="places.city",
                    ),
                ),
                (
                    "trip",
                    models.ForeignKey(
                        db_index=False,
                        help_text="The trip it is part of.",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="stops",
                        to="trips.trip",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["trip", "id"], name="stop_trip"),
                    models.Index(fields=["city", "id"], name="stop_city"),
                    models.Index(fields=["airport", "id"], name="stop_airport"),
                    models.Index(fields=["position", "id"], name="stop_position"),
                    models.Index(fields=["arrives_at", "id"], name="stop_arrives_at"),
                    models.Index(fields=["departs_at", "id"], name="stop_departs_at"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("trip", "position"),
                        name="stop_has_its_own_position",
                        violation_error_code="unique",
                        violation_error_message="Another stop of the trip has this position: choose a free one.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("position__gte", 1)),
                        name="stop_position_counts_from_one",
                        violation_error_code="min_value",
                        violation_error_message="Positions count from 1.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("airport__isnull", True), ("city__isnull", False)),
                            models.Q(("airport__isnull", False), ("city__isnull", True)),
                            _connector="OR",
                        ),
                        name="stop_is_at_one_place",
                        violation_error_code="needs_one_place",
                        violation_error_message="A stop is at one place: give either a city or an airport.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("arrives_at__isnull", True),
                            ("departs_at__isnull", True),
                            ("departs_at__gte", models.F("arrives_at")),
                            _connector="OR",
                        ),
                        name="stop_ends_after_it_begins",
                        violation_error_code="leaves_too_early",
                        violation_error_message="The stop ends before it begins: give a time that is not before `arrives_at`.",
                    ),
                    resources.core.triggers.TriggerConstraint(
                        broken={
                            "postgresql": 'EXISTS (SELECT 1 FROM "trips_trip" WHERE "id" = NEW."trip_id" AND ((NEW."arrives_at" AT TIME ZONE \'UTC\')::date NOT BETWEEN "begins_on" AND "ends_on" OR (NEW."departs_at" AT TIME ZONE \'UTC\')::date NOT BETWEEN "begins_on" AND "ends_on"))',
                            "sqlite": 'EXISTS (SELECT 1 FROM "trips_trip" WHERE "id" = NEW."trip_id" AND (date(NEW."arrives_at") NOT BETWEEN "begins_on" AND "ends_on" OR date(NEW."departs_at") NOT BETWEEN "begins_on" AND "ends_on"))',
                        },
                        columns=("trip_id", "arrives_at", "departs_at"),
                        lock='PERFORM 1 FROM "trips_trip" WHERE "id" = NEW."trip_id" FOR NO KEY UPDATE;',
                        name="stop_lies_within_its_trip",
                        violation_error_code="outside_its_trip",
                        violation_error_message="The stop lies outside its trip: give a time within the trip's days (UTC), or change those first.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Member",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=resources.core.keys.uuid7,
                        editable=False,
                        help_text="A UUIDv7.",
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, help_text="When it was created.")),
                ("updated_at", models.DateTimeField(auto_now=True, help_text="When it was last saved.")),
                (
                    "revision",
                    resources.core.resource.RevisionField(
                        default=1, editable=False, help_text="How often it was saved; the version in its ETag."
                    ),
                ),
                (
                    "role",
                    resources.core.fields.CharField(
                        choices=[
                            ("viewer", "May read the trip and its stops"),
                            ("editor", "May change the trip and its stops"),
                        ],
                        default="viewer",
                        help_text="What the member may do with the trip.",
                        max_length=10,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        help_text="The person it is shared with.",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "trip",
                    models.ForeignKey(
                        db_index=False,
                        help_text="The trip that is shared.",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="members",
                        to="trips.trip",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["trip", "id"], name="member_trip"),
                    models.Index(fields=["person", "id"], name="member_person"),
                    models.Index(fields=["role", "id"], name="member_role"),
                    models.Index(fields=["created_at", "id"], name="member_created_at"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("trip", "person"),
                        name="member_is_in_a_trip_once",
                        violation_error_code="unique",
                        violation_error_message="This person is a member of the trip already: change the role instead.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("role__in", ["viewer", "editor"])),
                        name="member_role_is_known",
                        violation_error_code="invalid_choice",
                        violation_error_message="Choose one of the roles: viewer, editor.",
                    ),
                ],
            },
        ),
    ]
