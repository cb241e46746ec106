"""The revision counts every save, in the database, also when several processes save at once."""

from datetime import UTC, datetime

import pytest
from django.apps import apps
from django.db.models import F

from resources.accounts.models import Person
from resources.core.resource import Resource, ResourceQuerySet
from resources.places.models import City, Currency
from resources.trips.models import Stop
from tests.threads import together


@pytest.fixture
def euro(db):
    return Currency.objects.create(id="EUR", name="Euro", symbol="€", decimals=2)


def test_a_new_row_has_the_first_revision(euro):
    assert euro.revision == 1
    assert Currency.objects.get().revision == 1


def test_a_save_counts_and_reads_back(euro):
    euro.save()
    assert euro.revision == 2
    euro.save()
    assert euro.revision == Currency.objects.get().revision == 3


def test_a_stale_copy_does_not_set_the_count_back(euro):
    stale = Currency.objects.get()
    euro.save()
    euro.save()
    stale.save()
    assert stale.revision == Currency.objects.get().revision == 4


def test_a_save_of_some_fields_counts_too(euro):
    before = Currency.objects.get()
    euro.name = "Euros"
    euro.save(update_fields=["name"])
    after = Currency.objects.get()
    assert (after.revision, after.name) == (2, "Euros")
    assert after.updated_at > before.updated_at
    assert after.created_at == before.created_at


def test_a_save_of_no_fields_is_none(euro):
    euro.save(update_fields=[])
    assert euro.revision == Currency.objects.get().revision == 1


@pytest.mark.parametrize("part", [("name",), ("name", "revision"), ("id",)])
def test_a_row_that_was_loaded_in_part_counts_too(euro, part):
    loaded = Currency.objects.only(*part).get()
    loaded.name = "Euros"
    loaded.save()
    after = Currency.objects.get()
    assert loaded.revision == after.revision == 2
    assert (after.name, after.symbol) == ("Euros", "€")
    assert after.updated_at > after.created_at


def test_a_copy_of_a_row_that_was_loaded_in_part_can_be_inserted(euro):
    copy = Currency.objects.only("name", "symbol", "decimals").get()
    copy.id = "XEU"
    copy.numeric = None
    copy.save(force_insert=True)
    assert Currency.objects.get(pk="XEU").revision == 1


def test_rows_made_in_bulk_have_the_first_revision(db):
    Currency.objects.bulk_create(Currency(id=code, name=code, symbol=code, decimals=2) for code in ("CHF", "SEK"))
    assert set(Currency.objects.values_list("revision", flat=True)) == {1}


def test_a_revision_that_a_program_brings_is_not_taken(db):
    Currency.objects.create(id="EUR", name="Euro", symbol="€", decimals=2, revision=7)
    assert Currency.objects.get().revision == 1


def test_other_expressions_are_saved_beside_it(world):
    city = City.objects.get(pk=2988507)
    city.population = F("population") + 1
    city.save()
    assert (city.population, city.revision) == (2138552, 2)


def test_rows_changed_by_a_query_count_too(euro, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert Currency.objects.filter(pk="EUR").update(name="Euros") == 1
    after = Currency.objects.get()
    assert (after.revision, after.name) == (2, "Euros")
    assert after.updated_at > euro.updated_at


def test_rows_changed_in_bulk_count_too(euro, django_assert_num_queries):
    franc = Currency.objects.create(id="CHF", name="Franc", symbol="Fr", decimals=2)
    franc.save()
    euro.name, franc.name = "Euros", "Francs"
    with django_assert_num_queries(1):
        Currency.objects.bulk_update([euro, franc], ["name"])
    assert list(Currency.objects.order_by("id").values_list("name", "revision")) == [("Francs", 3), ("Euros", 2)]
    assert Currency.objects.get(pk="EUR").updated_at > euro.updated_at


def test_rows_changed_through_a_relation_count_too(world):
    world.trip.stops.update(notes="Pack light.")
    assert set(world.trip.stops.values_list("notes", "revision")) == {("Pack light.", 2)}


def test_people_count_too(world):
    Person.objects.filter(pk=world.owner.pk).update(name="Another")
    assert Person.objects.get(pk=world.owner.pk).revision == 2


def test_a_caller_may_set_the_count(euro):
    at = datetime(2026, 1, 1, tzinfo=UTC)
    Currency.objects.update(revision=9, updated_at=at)
    after = Currency.objects.get()
    assert (after.revision, after.updated_at) == (9, at)


def test_a_change_of_nothing_is_none(euro):
    Currency.objects.update()
    Currency.objects.filter(pk="XXX").update(name="Euros")
    assert Currency.objects.get().revision == 1


@pytest.mark.parametrize("model", [model for model in apps.get_models() if issubclass(model, Resource)])
def test_every_resource_has_a_manager_that_counts(model):
    assert isinstance(model._default_manager.all(), ResourceQuerySet)


@pytest.mark.django_db(transaction=True)
def test_saves_at_once_never_share_a_revision():
    Currency.objects.create(id="EUR", name="Euro", symbol="€", decimals=2)

    def save_often():
        mine = Currency.objects.get()
        revisions = []
        for _ in range(15):
            mine.save()
            revisions.append(mine.revision)
        return revisions

    one, other = together(save_often, save_often)
    assert sorted(one + other) == list(range(2, 32))
    assert Currency.objects.get().revision == 31


@pytest.mark.parametrize(("part_of", "told"), [(("trip",), []), (("trop",), ["trop"]), (("notes", "trip"), ["notes"])])
def test_a_row_is_part_of_something_there_is(
    monkeypatch: pytest.MonkeyPatch, part_of: tuple[str, ...], told: list[str]
):
    monkeypatch.setattr(Stop, "part_of", part_of)
    found = [error.msg for error in Stop.check() if "part_of" in error.msg]

    assert [message.partition("foreign key of it: ")[2].partition(".")[0] for message in found] == told
    assert all("It has: airport, city, trip." in message for message in found)
