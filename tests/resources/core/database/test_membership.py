"""Among many values is what `in` is, in one parameter."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from resources.core.database.membership import one_of
from resources.places.models import City, Country
from resources.trips.models import Stop, Trip
from tests.world import World, key

pytestmark = pytest.mark.django_db
COUNTRIES = ["FR", "DE", "fr", "", "'", "[", "\\", '"é', "\ufffd"]


@pytest.mark.parametrize(
    ("model", "name", "values"),
    [
        (Country, "id", COUNTRIES),
        (City, "country", COUNTRIES),
        (City, "id", [2988507, 5, -(2**63), 2**63 - 1]),
        (City, "latitude", [48.85341, 1.5]),
        (Trip, "id", [key(10), key(11), key(99)]),
        (Stop, "trip", [key(10)]),
        (Country, "id", []),
        (Country, "numeric", ["250"]),
    ],
)
def test_it_finds_what_in_finds(world: World, model: Any, name: str, values: list[Any]) -> None:
    column = model._meta.get_field(name)
    expected = set(model.objects.filter(**{f"{name}__in": values}))
    assert set(model.objects.filter(one_of(column, values))) == expected


def test_one_parameter(world: World) -> None:
    with CaptureQueriesContext(connection) as queries:
        list(City.objects.filter(one_of(City._meta.pk, range(500))))
        list(City.objects.filter(one_of(City._meta.pk, range(1))))
    assert len({query["sql"].count(" IN ") for query in queries}) == 1
    sql, params = City.objects.filter(one_of(City._meta.pk, range(500))).query.sql_with_params()
    assert len(params) == 1, sql
