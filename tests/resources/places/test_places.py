"""Places: what the database refuses, and that its indexes serve the orderings."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError

from resources.core.indexes import TextIndex
from resources.places.credits import CREDITS
from resources.places.models import Airport, City, Continent, Country, Currency, Language, Subdivision

MODELS = (Airport, City, Country, Currency, Language, Subdivision)


def refused(row, change):
    for field, value in change.items():
        setattr(row, field, value)
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        row.save()
    return str(caught.value)


def test_it_works(world):
    paris = City.objects.select_related("subdivision", "country__currency").get(pk=2988507)
    assert (paris.name, paris.subdivision.name, paris.country.name) == ("Paris", "Île-de-France", "France")
    assert paris.country.currency.countries.count() == 3
    assert [city.name for city in paris.country.cities.order_by("name")] == ["Paris", "Saint-Denis", "Saint-Étienne"]
    assert [country.id for country in Language.objects.get(pk="de").countries.order_by("id")] == ["CH", "DE"]


@pytest.mark.parametrize(
    ("model", "key", "change", "constraint"),
    [
        (City, 2988507, {"latitude": 90.1}, "city_latitude_is_on_the_globe"),
        (City, 2988507, {"latitude": -90.1}, "city_latitude_is_on_the_globe"),
        (City, 2988507, {"longitude": 180.1}, "city_longitude_is_on_the_globe"),
        (Airport, "LFPG", {"latitude": 91}, "airport_latitude_is_on_the_globe"),
        (Airport, "LFPG", {"longitude": -181}, "airport_longitude_is_on_the_globe"),
        (Country, "FR", {"continent": "XX"}, "country_continent_is_known"),
        (City, 2988507, {"population": -1}, "population"),
        (Country, "FR", {"population": -1}, "population"),
        (Country, "FR", {"alpha_3": "DEU"}, "alpha_3"),
        (Airport, "LFPG", {"iata": "BER"}, "iata"),
    ],
)
def test_the_database_refuses(world, model, key, change, constraint):
    assert constraint in refused(model.objects.get(pk=key), change)


@pytest.mark.parametrize("latitude", [-90, 90, 0])
def test_the_poles_are_on_the_globe(world, latitude):
    City.objects.filter(pk=2988507).update(latitude=latitude, longitude=-180)


def test_a_reference_that_leads_nowhere_is_refused(world):
    def commit():
        City.objects.filter(pk=2988507).update(country="ZZ")
        connection.check_constraints()

    with pytest.raises(IntegrityError), transaction.atomic():
        commit()


@pytest.mark.parametrize(
    ("model", "key"), [(Country, "FR"), (Currency, "EUR"), (Subdivision, "FR-IDF"), (City, 2660646), (Airport, "LFPG")]
)
def test_what_is_referred_to_cannot_be_deleted(world, model, key):
    with pytest.raises(ProtectedError):
        model.objects.get(pk=key).delete()


def test_a_violated_constraint_says_what_to_do(world):
    city = City.objects.get(pk=2988507)
    city.latitude = 91
    with pytest.raises(ValidationError) as caught:
        city.full_clean()
    assert caught.value.messages == ["Give a latitude from -90 to 90 degrees."]
    assert caught.value.error_dict["__all__"][0].code == "invalid_latitude"


def test_an_airport_may_have_no_iata_code(world):
    assert Airport.objects.filter(iata=None).count() == 3


@pytest.mark.parametrize("model", MODELS)
def test_every_field_says_what_it_is(model):
    for field in (*model._meta.concrete_fields, *model._meta.many_to_many):
        assert field.help_text.endswith("."), field


@pytest.mark.parametrize("model", MODELS)
def test_every_relation_is_served_by_an_index_that_ends_with_the_key(model):
    indexed = [index.fields for index in model._meta.indexes if not isinstance(index, TextIndex)]
    assert all(fields[-1] == "id" for fields in indexed)
    for field in model._meta.concrete_fields:
        if field.is_relation:
            assert field.name in [fields[0] for fields in indexed]


@pytest.mark.parametrize("model", MODELS)
def test_every_index_serves_its_ordering(world, model, vendor):
    explain = "EXPLAIN QUERY PLAN" if vendor == "sqlite" else "EXPLAIN"
    with connection.cursor() as cursor:
        if vendor == "postgresql":
            cursor.execute(
                "SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off; SET LOCAL enable_incremental_sort = off"
            )
        for index in model._meta.indexes:
            if isinstance(index, TextIndex) or index.condition:  # see tests/resources/core/test_indexes.py
                continue
            cursor.execute(f"{explain} {model.objects.order_by(*index.fields).values('pk').query}")
            plan = str(cursor.fetchall())
            assert index.name in plan, (index, plan)


def test_continents_have_names():
    assert Continent("EU").label == "Europe"
    assert Continent.__doc__.startswith("The continent")


def test_sources_are_credited():
    assert "GeoNames" in {credit.name for credit in CREDITS if credit.licence == "CC-BY-4.0"}
    assert all(credit.url.startswith("https://") for credit in CREDITS)
