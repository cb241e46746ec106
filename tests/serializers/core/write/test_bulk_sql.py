"""Rows that are loaded are those that Django would have saved; what it does more than that at a save is left to it."""

from typing import Any

import pytest
from django.db import IntegrityError, models, transaction
from django.db.models.functions import Now
from django.db.models.signals import post_init
from hypothesis import given
from hypothesis import strategies as st

from resources.places.models import City, Country
from resources.trips.models import Trip
from serializers.core.write.bulk_sql import NotLoadable, load
from tests.specimens.made import VALUES
from tests.specimens.models import Drawer, Specimen
from tests.world import World

pytestmark = pytest.mark.django_db

NUMBERS = (900_000_001, 900_000_002, 900_000_003)
PLACE = {"population": 5, "latitude": 1.5, "longitude": 2.5, "timezone": "Europe/Paris"}


def table(name: str, **columns: Any) -> Any:
    """Make another model of the table of specimens, whose columns are plain."""
    meta = type("Meta", (), {"managed": False, "db_table": Specimen._meta.db_table, "app_label": "specimens"})
    return type(name, (models.Model,), {"Meta": meta, "__module__": __name__} | columns)


Plain = table(
    "Plain",
    drawer=models.ForeignKey(Drawer, models.CASCADE, null=True, related_name="+"),
    **{
        field.name: field.clone() for field in Specimen._meta.concrete_fields if field.name not in ("picture", "drawer")
    },
)


def cities(**others: Any) -> list[dict[str, Any]]:
    france = Country.objects.get(pk="FR")
    return [{"id": number, "name": f"City {number}", "country": france, **PLACE, **others} for number in NUMBERS]


@given(st.lists(st.fixed_dictionaries({}, optional=VALUES), min_size=1, max_size=4), st.booleans())
def test_every_type_is_kept_as_a_save_keeps_it(rows: list[dict[str, Any]], inside: bool) -> None:
    drawer = Drawer.objects.get_or_create(id=1)[0]
    rows = [row | {"drawer": drawer if inside else None, "notes": {"sent": [*row]}} for row in rows]
    with transaction.atomic():
        keys = load(Plain, [row | {"id": number} for number, row in enumerate(rows)])
        for number, row in enumerate(rows):
            Plain(id=-1 - number, **row).save(force_insert=True)
        found = {row.pop("id"): row for row in Plain.objects.values()}
        transaction.set_rollback(True)
    assert keys == [*range(len(rows))]
    assert [found[number] for number in keys] == [found[-1 - number] for number in keys]


def test_what_is_not_sent_takes_its_default(world: World) -> None:
    assert load(City, cities()) == [*NUMBERS]
    one, *others = City.objects.filter(pk__in=NUMBERS)
    assert (one.revision, one.is_capital, one.subdivision) == (1, False, None)
    assert one.created_at is not None
    assert {other.created_at for other in others} == {one.created_at}


def test_a_key_of_its_own_is_made_for_each_row(world: World) -> None:
    trip = {"owner": world.owner, "name": "x", "begins_on": "2026-01-01", "ends_on": "2026-01-02"}
    keys = load(Trip, [trip, trip])
    assert len({*keys}) == Trip.objects.filter(pk__in=keys).count() == 2


def test_what_the_database_would_not_have_is_not_kept(world: World) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        load(City, [*cities(), *cities()])
    assert not City.objects.filter(pk__in=NUMBERS).exists()


@pytest.mark.parametrize(
    "odd",
    [
        {"name": Now()},
        {"country": City(pk=1)},
        {"country_id": "FR"},
        {"nickname": "x"},
    ],
)
def test_odd_values_are_left_to_django(world: World, odd: dict[str, Any]) -> None:
    with pytest.raises(NotLoadable):
        load(City, cities(**odd))


class Shouting(models.TextField):
    def pre_save(self, model_instance: Any, add: bool) -> Any:
        return str(super().pre_save(model_instance, add)).upper()


COLUMNS = (
    {"id": models.BigAutoField(primary_key=True)},
    {"prose": Shouting()},
    {"picture": models.FileField()},
    {"text": models.TextField(db_default="x")},
    {"__init__": lambda self, *args, **kwargs: models.Model.__init__(self, *args, **kwargs)},
)


@pytest.mark.parametrize("columns", COLUMNS)
def test_odd_models_are_left_to_django(columns: dict[str, Any]) -> None:
    key = {"id": models.BigIntegerField(primary_key=True)}
    model = table(f"Odd{COLUMNS.index(columns)}", **(key | columns))
    with pytest.raises(NotLoadable):
        load(model, [{"text": "y"} if "text" in columns else {}, {}])


def test_who_watches_objects_being_made_sees_each(world: World) -> None:
    def watch(**_: Any) -> None: ...

    post_init.connect(watch, sender=City)
    try:
        with pytest.raises(NotLoadable):
            load(City, cities())
    finally:
        post_init.disconnect(watch, sender=City)
