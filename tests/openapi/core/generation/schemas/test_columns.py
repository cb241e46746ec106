"""Bounds of columns: the narrowest that any database keeps, and those of validators and check constraints."""

import pytest
from django.db import models
from django.db.models import Q
from django.test.utils import isolate_apps

from openapi.core.generation.schemas.columns import bounds, integer_range, key_schema, plain_key_schema
from resources.places.models import Airport, City, Country
from resources.trips.models import Stop, Trip


def column(model, name):
    return model._meta.get_field(name)


@pytest.mark.parametrize(
    ("model", "name", "expected"),
    [
        (Airport, "elevation", {"format": "int32", "minimum": -(2**31), "maximum": 2**31 - 1}),
        (City, "population", {"format": "int64", "minimum": 0, "maximum": 2**63 - 1}),
        (Stop, "position", {"format": "int32", "minimum": 1, "maximum": 2**31 - 1}),
    ],
)
def test_integers_have_the_range_of_the_narrowest_database(model, name, expected):
    assert integer_range(column(model, name)) == expected


def test_an_integer_without_a_column_has_64_bits():
    assert integer_range(None) == {"format": "int64", "minimum": -(2**63), "maximum": 2**63 - 1}


def test_check_constraints_bound_a_column():
    assert bounds(column(City, "latitude")) == {"minimum": -90, "maximum": 90}
    assert bounds(column(Trip, "budget")) == {"minimum": 0}
    assert bounds(column(City, "name")) == {}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (Q(size__gte=1), {"minimum": 1}),
        (Q(size__gt=1, size__lt=9), {"exclusiveMinimum": 1, "exclusiveMaximum": 9}),
        (Q(size__range=(1, 9)) & Q(size__lte=5), {"minimum": 1, "maximum": 5}),
        (Q(size__isnull=True) | Q(size__lte=5), {"maximum": 5}),
        (Q(size__lte=5) | Q(other__gte=3), {}),
        (Q(size__lte=5) | Q(size__gte=9), {}),
        (~Q(size__lte=5), {}),
        (Q(size__lte=models.F("other")), {}),
        (Q(other__lte=5), {}),
    ],
)
@isolate_apps("resources.places")
def test_only_what_must_hold_for_the_column_alone_counts(condition, expected):
    class Box(models.Model):
        size = models.FloatField()
        other = models.FloatField()

        class Meta:
            app_label = "places"
            constraints = (models.CheckConstraint(condition=condition, name="box"),)

    assert bounds(Box._meta.get_field("size")) == expected


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (Country, {"type": "string", "minLength": 1, "maxLength": 2}),
        (City, {"type": "integer", "format": "int64", "minimum": 0, "maximum": 2**63 - 1}),
        (Trip, {"type": "string", "format": "uuid"}),
    ],
)
def test_keys(model, expected):
    assert key_schema(model._meta.pk) == expected
    assert plain_key_schema(model._meta.pk) == {
        name: value for name, value in expected.items() if name in ("type", "format")
    }
