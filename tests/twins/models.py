"""The tables: a column of most types, nullable and not, relations, and one that the database computes."""

import uuid
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import F


class Guest(models.Model):
    name = models.CharField(max_length=50)
    email = models.EmailField(null=True, unique=True)

    def __str__(self) -> str:
        return self.name


class Board(models.TextChoices):
    HALF = "half", "Half board"
    FULL = "full", "Full board"


class Booking(models.Model):
    reference = models.CharField(max_length=20, unique=True)
    note = models.TextField(blank=True, default="")
    nights = models.IntegerField(default=1)
    price = models.DecimalField(max_digits=8, decimal_places=2, default=Decimal("10.00"))
    total = models.GeneratedField(
        expression=F("price") + F("price"),
        output_field=models.DecimalField(max_digits=9, decimal_places=2),
        db_persist=True,
    )
    begins_on = models.DateField(null=True)
    arrives_at = models.TimeField(null=True)
    booked_at = models.DateTimeField(null=True)
    stay = models.DurationField(null=True)
    board = models.CharField(max_length=10, choices=Board, blank=True, default="")
    stars = models.IntegerField(choices=[(1, "one"), (2, "two")], null=True)
    paid = models.BooleanField(null=True)
    details = models.JSONField(default=dict)
    website = models.URLField(blank=True, default="")
    email = models.EmailField(blank=True, default="")
    address = models.GenericIPAddressField(null=True)
    slug = models.SlugField(blank=True, default="")
    score = models.FloatField(null=True)
    token = models.UUIDField(default=uuid.uuid4)
    paper = models.FileField(null=True, blank=True)
    guest = models.ForeignKey(Guest, models.CASCADE, null=True, related_name="bookings")
    companions = models.ManyToManyField(Guest, related_name="joined", blank=True)

    @property
    def untold(self) -> Any:
        return {"nights": self.nights}

    @property
    def twice(self) -> int:
        return 2 * self.nights
