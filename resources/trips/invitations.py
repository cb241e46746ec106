"""Invitations: who may become a member of a trip, known by an e-mail address or by the code that was sent to it."""

import hashlib
import secrets
import uuid
from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.core.validators import EmailValidator
from django.db import models
from django.utils import timezone

from resources.core import fields
from resources.core.keys import UUIDv7Key
from resources.core.resource import Resource, Resources
from resources.trips.members import Member, Role
from resources.trips.trips import Trip

LASTS = timedelta(days=7)


def new_code() -> str:
    """Make a code of 256 random bits."""
    return secrets.token_urlsafe(32)


def digest(code: str) -> str:
    """Hash a code for storage. 256 random bits need no salt and no slow hash."""
    return hashlib.sha256(code.encode()).hexdigest()


def in_a_week() -> datetime:
    """Return when an invitation made now runs out."""
    return timezone.now() + LASTS


class Invitations(Resources["Invitation"]):
    """Finds invitations."""

    def behind(self, code: str) -> "Invitation | None":
        """Return the invitation that a code opens, or None for a used or old one.

        It is locked for the rest of the transaction, and before it its trip, as everywhere (`part_of`).
        """
        usable = self.filter(digest=digest(code), member=None, expires_at__gt=timezone.now())
        list(Trip.objects.select_for_update(no_key=True).filter(pk__in=usable.values("trip")))
        return usable.select_for_update(no_key=True).first()


class Invitation(UUIDv7Key, Resource):
    """An offer to take part in a trip."""

    trip = models.ForeignKey(
        Trip, models.CASCADE, db_index=False, related_name="invitations", help_text="The trip that is shared."
    )
    email = fields.CharField(
        max_length=254,
        validators=[EmailValidator()],
        help_text="The address that is invited, in small letters.",
    )
    role = fields.CharField(
        max_length=10, choices=Role, default=Role.VIEWER, help_text="What the member may do with the trip."
    )
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="sent_invitations",
        help_text="The person who invites.",
    )
    member = models.OneToOneField(
        Member,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="invitation",
        help_text="The member whom it became when it was accepted; null until then. It goes with the member.",
    )
    expires_at = models.DateTimeField(default=in_a_week, help_text="Until when it can be accepted.")
    digest = fields.CharField(max_length=64, unique=True, editable=False, help_text="SHA-256 of the code.")

    objects: ClassVar[Invitations] = Invitations()

    member_id: uuid.UUID | None
    part_of = ("trip",)
    unjournaled = ("digest",)

    class Meta:
        indexes = (
            models.Index(fields=("email", "id"), name="invitation_email"),
            models.Index(fields=("expires_at", "id"), name="invitation_expires_at"),
            models.Index(fields=("created_at", "id"), name="invitation_created_at"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("trip", "email"),
                name="invitation_of_an_address_to_a_trip_once",
                violation_error_code="unique",
                violation_error_message="This address is invited already: withdraw that invitation to send another.",
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values),
                name="invitation_role_is_known",
                violation_error_code="invalid_choice",
                violation_error_message="Choose one of the roles: viewer, editor.",
            ),
        )

    def __str__(self) -> str:
        """Show the address and the role."""
        return f"{self.email} ({self.role})"

    @property
    def has_expired(self) -> bool:
        """Whether it came to its end before it was accepted."""
        return self.expires_at <= timezone.now()
