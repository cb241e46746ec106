"""The revision counts every save, in the database, also when several processes save at once."""

import pytest
from django.db.models import F

from resources.places.models import City, Currency
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
