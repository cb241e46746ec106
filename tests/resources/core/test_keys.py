"""Keys: UUIDv7 that sort by time, and natural keys that are declared."""

import time

import pytest
from django.db import models
from django.test.utils import isolate_apps

from resources.core import fields
from resources.core.keys import NaturalKey, UUIDv7Key
from resources.core.uuids import uuid7
from resources.places.models import City
from resources.trips.models import Trip


def test_a_key_is_a_uuid_of_version_7():
    key = uuid7()
    assert (key.version, key.variant) == (7, "specified in RFC 4122")
    assert key.int >> 80 == pytest.approx(time.time() * 1000, abs=2000)


def test_keys_sort_by_the_time_they_were_made():
    keys = []
    for _ in range(5):
        keys.append(uuid7())
        made = time.time_ns() // 10**6
        while time.time_ns() // 10**6 == made:
            pass
    assert keys == sorted(keys)
    assert len({uuid7() for _ in range(1000)}) == 1000


def test_a_new_row_has_its_key_before_it_is_saved(world):
    trip = Trip(name="Later")
    assert trip.pk.version == 7


def test_a_key_may_be_brought(world):
    key = uuid7()
    world.trip.pk = world.trip.id = key
    world.trip.save(force_insert=True)
    assert Trip.objects.get(pk=key).name == world.trip.name


def test_a_natural_key_is_called_id_whatever_its_column(world):
    assert City._meta.pk.column == "geonameid"
    assert City.objects.get(id=2988507).pk == 2988507


@isolate_apps("resources.places")
def test_a_natural_key_that_is_not_declared_is_refused():
    class Forgetful(NaturalKey):
        class Meta:
            app_label = "places"

    assert [fault.id for fault in Forgetful.check() if fault.id.startswith("headwater")] == ["headwater.E001"]


@isolate_apps("resources.places")
def test_a_natural_key_of_another_name_is_refused():
    class Wayward(NaturalKey):
        code = fields.CharField(primary_key=True, max_length=2)

        class Meta:
            app_label = "places"

    assert "headwater.E001" in [fault.id for fault in Wayward.check()]


@isolate_apps("resources.places")
def test_a_declared_key_passes():
    class Good(NaturalKey):
        id = fields.CharField(primary_key=True, max_length=2, db_column="code")

        class Meta:
            app_label = "places"

    class Made(UUIDv7Key):
        class Meta:
            app_label = "places"

    assert Good.check() == Made.check() == []
    assert isinstance(Made._meta.pk, models.UUIDField)
