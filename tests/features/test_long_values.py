"""A value that the database cannot keep is refused in words, and nothing of it is stored."""

import random
import string

import pytest
from django.db import connection

from resources.trips.models import Trip
from tests.client import Client
from tests.world import World


def test_a_text_that_an_index_cannot_take_is_refused(api: Client, world: World, vendor: str) -> None:
    if vendor != "postgresql":
        pytest.skip("SQLite's indexes take texts of any length")
    connection.check_constraints()  # nothing may wait for the end of the transaction
    with connection.cursor() as cursor:
        cursor.execute("CREATE INDEX trip_notes ON trips_trip (notes)")
    owner, before = api.acting_for(world.owner), Trip.objects.count()
    notes = "".join(random.Random(7).choices(string.ascii_letters, k=9_000))
    body = {"name": "x", "begins_on": "2027-01-01", "ends_on": "2027-01-02", "notes": notes}

    refused = owner.post("/v1/trips", body)
    assert (refused.status, refused.json["detail"]) == (
        400,
        "A value is longer than the database can keep in an index.",
    )
    refused = owner.patch(f"/v1/trips/{world.trip.id}", {"notes": notes})
    assert refused.status == 400
    assert Trip.objects.count() == before
    assert not Trip.objects.filter(notes=notes).exists()
