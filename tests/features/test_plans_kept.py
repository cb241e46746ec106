"""Plans do not rot: a filter of skewed values is as quick the hundredth time as the first."""

from typing import Any

import pytest
from django.db import connection

from resources.places.models import City
from tests.client import Client
from tests.world import World


def estimates() -> list[tuple[int, int]]:
    """Return how often each prepared list of cities was planned for any value, and for its own."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT generic_plans, custom_plans FROM pg_prepared_statements"
            ' WHERE statement LIKE \'%%"places_city"."country_id" = $%%\' ORDER BY custom_plans DESC'
        )
        return cursor.fetchall()


def test_a_list_is_planned_for_its_values(api: Client, world: World, vendor: str) -> None:
    if vendor != "postgresql":
        pytest.skip("SQLite plans a statement when it is prepared, for any values")
    values: Any = {"latitude": 0, "longitude": 0, "timezone": "UTC", "population": 1}
    City.objects.bulk_create(City(id=n, name=str(n), country_id="AQ", **values) for n in range(1, 500))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE places_city")
    for n in range(20):
        api.get("/v1/cities", country=("AQ", "FR")[n % 2], ordering="name", limit=50)
    [(generic, custom), *_] = estimates()
    assert generic == 0
    assert custom > 10
