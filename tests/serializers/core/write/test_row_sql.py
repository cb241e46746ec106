"""A row that is changed by one statement is what Django would have saved; what it does more at a save is left to it."""

from typing import Any

import pytest
from django.db import DatabaseError, models, transaction
from django.db.models.functions import Now
from django.db.models.signals import post_save, pre_save
from hypothesis import given
from hypothesis import strategies as st
from rest_framework import serializers

from resources.places.models import City, Country
from resources.trips.models import Trip
from serializers.core.write.bulk_insert import insertable
from serializers.core.write.bulk_sql import NotLoadable
from serializers.core.write.row_sql import _statement, change, changeable, insert
from serializers.places import CitySerializer
from tests.serializers.core.write.test_bulk_sql import Plain
from tests.specimens.made import VALUES
from tests.specimens.models import Clause, Club, Drawer
from tests.world import World

pytestmark = pytest.mark.django_db

PARIS = 2988507


@given(*[st.fixed_dictionaries({}, optional=VALUES) for _ in range(2)], st.booleans())
def test_every_type_is_kept_as_a_save_keeps_it(before: dict[str, Any], after: dict[str, Any], inside: bool) -> None:
    drawer = Drawer.objects.get_or_create(id=1)[0]
    after = after | {"drawer": drawer if inside else None, "notes": {"sent": [*after]}}
    with transaction.atomic():
        for number in (0, 1):
            Plain(id=number, **before).save(force_insert=True)
        change(Plain.objects.get(pk=0), after)
        row = Plain.objects.get(pk=1)
        for name, value in after.items():
            setattr(row, name, value)
        row.save(update_fields=[*after])
        one, other = Plain.objects.order_by("pk").values()
        transaction.set_rollback(True)
    assert one | {"id": 1} == other


@given(st.fixed_dictionaries({}, optional=VALUES), st.booleans())
def test_every_type_of_a_new_row_is_kept_as_a_save_keeps_it(row: dict[str, Any], inside: bool) -> None:
    drawer = Drawer.objects.get_or_create(id=1)[0]
    row = row | {"drawer": drawer if inside else None, "notes": {"sent": [*row]}}
    with transaction.atomic():
        assert insert(Plain, row | {"id": 0}) == (0, None)
        Plain(id=1, **row).save(force_insert=True)
        one, other = Plain.objects.order_by("pk").values()
        transaction.set_rollback(True)
    assert one | {"id": 1} == other


def test_a_new_row_has_its_defaults_and_stamps(world: World) -> None:
    sent = {"name": "x", "population": 5, "latitude": 1.5, "longitude": 2.5, "timezone": "Europe/Paris"}
    assert insert(City, sent | {"id": 900_000_001, "country": Country.objects.get(pk="FR")})[0] == 900_000_001
    row = City.objects.get(pk=900_000_001)
    assert (row.revision, row.is_capital, row.subdivision, row.country_id) == (1, False, None, "FR")
    assert row.created_at is not None
    trip = {"owner": world.owner, "name": "x", "begins_on": "2026-01-01", "ends_on": "2026-01-02"}
    assert Trip.objects.filter(pk=insert(Trip, trip)[0]).exists()


@pytest.mark.parametrize("odd", [{"name": Now()}, {"country": City(pk=1)}, {"country_id": "FR"}, {"nickname": "x"}])
def test_odd_values_of_a_new_row_are_left_to_django(world: World, odd: dict[str, Any]) -> None:
    with pytest.raises(NotLoadable):
        insert(City, {"id": 900_000_001, "name": "x"} | odd)


def test_it_counts_as_a_save(world: World) -> None:
    row = City.objects.get(pk=PARIS)
    change(row, {"population": 7, "country": Country.objects.get(pk="FR")})
    stored = City.objects.get(pk=PARIS)
    assert (stored.population, stored.country_id, stored.revision) == (7, "FR", row.revision + 1)
    assert stored.updated_at > row.updated_at
    assert stored.created_at == row.created_at
    assert row.population != 7  # the object is as it was read


def test_a_row_that_is_gone_is_an_error(world: World) -> None:
    with pytest.raises(DatabaseError, match="gone"):
        change(City(pk=1), {"population": 7})


@pytest.mark.parametrize("odd", [{}, {"name": Now()}, {"country": City(pk=1)}, {"country_id": "FR"}, {"nickname": "x"}])
def test_odd_values_are_left_to_django(world: World, odd: dict[str, Any]) -> None:
    with pytest.raises(NotLoadable):
        change(City.objects.get(pk=PARIS), odd)


@pytest.mark.parametrize("stamp", ["revision", "updated_at"])
def test_a_stamp_is_not_given(world: World, stamp: str) -> None:
    with pytest.raises(NotLoadable):
        change(City.objects.get(pk=PARIS), {stamp: getattr(City.objects.get(pk=PARIS), stamp)})


class OwnUpdate(CitySerializer):
    def update(self, instance: Any, validated_data: Any) -> Any:
        return super().update(instance, validated_data)


class OwnSave(CitySerializer):
    def save(self, **kwargs: Any) -> Any:
        return super().save(**kwargs)


class Inside(serializers.ModelSerializer[Trip]):
    owner = CitySerializer()

    class Meta:
        model = Trip
        fields = ("owner",)


def test_what_saves_more_than_columns_is_left_to_django() -> None:
    assert changeable(CitySerializer())
    assert not any(changeable(kind()) for kind in (OwnUpdate, OwnSave, Inside, serializers.Serializer))


@pytest.mark.parametrize("name", ["save", "save_base", "_do_update", "__setattr__"])
def test_a_model_that_saves_its_own_way_is_left_to_django(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before: Any = getattr(City, name)
    monkeypatch.setattr(City, name, lambda *args, **kwargs: before(*args, **kwargs))
    assert not changeable(CitySerializer())


def test_a_manager_that_updates_its_own_way_is_left_to_django(monkeypatch: pytest.MonkeyPatch) -> None:
    class Rows(models.QuerySet[City]):
        def _update(self, values: Any, returning_fields: Any = None) -> Any:
            return super()._update(values, returning_fields)  # type: ignore[misc]

    monkeypatch.setattr(type(City._base_manager), "get_queryset", lambda self: Rows(City))
    assert not changeable(CitySerializer())


def test_a_row_that_the_base_manager_does_not_see_is_left_to_django(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(City._base_manager), "get_queryset", lambda self: models.QuerySet(City).filter(pk__gt=0))
    assert not changeable(CitySerializer())


@pytest.mark.parametrize("signal", [pre_save, post_save])
def test_who_hears_of_saves_hears_of_each(signal: Any) -> None:
    def listen(**_: Any) -> None: ...

    signal.connect(listen, sender=City)
    try:
        assert not changeable(CitySerializer())
    finally:
        signal.disconnect(listen, sender=City)
    assert changeable(CitySerializer())


def test_a_key_that_is_a_reference_is_left_to_django(world: World) -> None:
    club = Club.objects.create(id=1, number=2, code="three")
    with pytest.raises(NotLoadable):
        insert(Clause, {"club": club})


def test_values_that_the_model_changes_are_left_to_django(monkeypatch: pytest.MonkeyPatch) -> None:
    assert insertable(CitySerializer())
    monkeypatch.setattr(City, "__setattr__", lambda row, name, value: object.__setattr__(row, name, value))
    assert not insertable(CitySerializer())


def test_a_descriptor_of_the_models_own_is_left_to_django(world: World) -> None:
    name = City.__dict__["name"]
    try:
        City.name = property(lambda row: vars(row)["name"], lambda row, text: vars(row).update(name=text))
        _statement.cache_clear()
        with pytest.raises(NotLoadable):
            change(City.objects.get(pk=PARIS), {"name": "x"})
    finally:
        City.name = name
        _statement.cache_clear()
