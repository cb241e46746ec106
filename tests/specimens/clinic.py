"""Rows that others may not know of, in the way of new ones: notes of a doctor's, and guests of somebody's."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from resources.core import fields


def person() -> models.ForeignKey:
    """Refer to a person without a constraint: tables without migrations are made before those that have some."""
    return models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_constraint=False)


class Appointment(models.Model):
    id = models.BigIntegerField(primary_key=True)
    doctor = person()
    patient = person()


class PrivateNote(models.Model):
    """The doctor's own; the patient may not know of it."""

    appointment = models.OneToOneField(Appointment, models.CASCADE)
    text = fields.CharField(max_length=100, default="")


class Guest(models.Model):
    """Somebody's guest, with a constraint of every form that makes unique."""

    owner = person()
    email = models.EmailField(unique=True)
    desk = fields.CharField(max_length=10, null=True, blank=True)
    seat = models.IntegerField(null=True, blank=True)
    badge = models.IntegerField(null=True, blank=True)
    active = models.BooleanField(default=True)
    alias = fields.CharField(max_length=20, null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["desk", "seat"],
                name="guest_seat",
                violation_error_code="seat_taken",
                violation_error_message="Somebody sits there.",
            ),
            models.UniqueConstraint(fields=["badge"], condition=Q(active=True), name="guest_badge"),
            models.UniqueConstraint(Lower("alias"), name="guest_alias", violation_error_code="alias_taken"),
        ]


class KnownGuest(Guest):
    """The same rows as another resource, which everybody may read."""

    class Meta:
        proxy = True


class Talk(models.Model):
    """Somebody's talk, which only code keeps from being given twice."""

    owner = person()
    day = models.DateField()
    topic = fields.CharField(max_length=20, unique_for_date="day")
    nick = fields.CharField(max_length=20)


class KnownTalk(Talk):
    """The same rows as another resource, which everybody may read."""

    class Meta:
        proxy = True
