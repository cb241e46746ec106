"""The rows that twins show: a booking with a value in every column, and one with as few as may be."""

from datetime import timedelta

from tests.twins.models import Booking, Guest

FULL, EMPTY = 501, 502
"""The keys of the two bookings, which no sequence comes to."""


def store() -> None:
    """Store them; they bring their keys, so that a new row has another on either database."""
    guests = [Guest.objects.create(id=901, name="Ann", email="a@example.org"), Guest.objects.create(id=902, name="Bob")]
    full = Booking.objects.create(
        id=FULL,
        reference="R1",
        note="hello",
        begins_on="2026-11-22",
        arrives_at="10:30",
        booked_at="2026-11-22T10:30:00Z",
        stay=timedelta(days=1),
        board="half",
        stars=1,
        paid=True,
        details={"a": 1},
        website="https://example.org",
        email="x@example.org",
        address="10.0.0.1",
        slug="a-b",
        score=1.5,
        guest=guests[0],
        token="12345678-1234-4234-9234-123456789012",
    )
    full.companions.set(guests)
    Booking.objects.create(id=EMPTY, reference="R2", token="12345678-1234-4234-9234-123456789013")
