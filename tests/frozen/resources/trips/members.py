"""Members: the people a trip is shared with."""

import uuid

from django.conf import settings
from django.db import models

from resources.core import fields
from resources.core.keys import UUIDv7Key
from resources.core.resource import Resource
from resources.core.triggers import TriggerConstraint
from resources.trips.trips import OWNER_IS_MEMBER, Trip


class Role(models.TextChoices):
    """What a member may do with a trip."""

    VIEWER = "viewer", "May read the trip and its stops"
    EDITOR = "editor", "May change the trip and its stops"


class Member(UUIDv7Key, Resource):
    """A person who takes part in somebody's trip."""

    trip = models.ForeignKey(
        Trip, models.CASCADE, db_index=False, related_name="members", help_text="The trip that is shared."
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        db_index=False,
        related_name="memberships",
        help_text="The person it is shared with.",
    )
    role = fields.CharField(
        max_length=10, choices=Role, default=Role.VIEWER, help_text="What the member may do with the trip."
    )

    person_id: uuid.UUID

    class Meta:
        indexes = (
            models.Index(fields=("trip", "id"), name="member_trip"),
            models.Index(fields=("person", "id"), name="member_person"),
            models.Index(fields=("role", "id"), name="member_role"),
            models.Index(fields=("created_at", "id"), name="member_created_at"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("trip", "person"),
                name="member_is_in_a_trip_once",
                violation_error_code="unique",
                violation_error_message="This person is a member of the trip already: change the role instead.",
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values),
                name="member_role_is_known",
                violation_error_code="invalid_choice",
                violation_error_message="Choose one of the roles: viewer, editor.",
            ),
            TriggerConstraint(
                name="member_is_not_the_owner",
                columns=("trip_id", "person_id"),
                broken=dict.fromkeys(
                    ("sqlite", "postgresql"),
                    'EXISTS (SELECT 1 FROM "trips_trip" WHERE "id" = NEW."trip_id" AND "owner_id" = NEW."person_id")',
                ),
                # So that a trip that is just being transferred is waited for.
                lock='PERFORM 1 FROM "trips_trip" WHERE "id" = NEW."trip_id" FOR NO KEY UPDATE;',
                violation_error_code="owner_is_member",
                violation_error_message=OWNER_IS_MEMBER,
            ),
        )

    def __str__(self) -> str:
        """Show the person's key and the role."""
        return f"{self.person_id} ({self.role})"
