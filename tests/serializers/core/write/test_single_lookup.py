"""Look-ups that are built once find what the queryset would find, and stand for no other than a whole table."""

from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import connection
from django.test.utils import CaptureQueriesContext

from resources.places.models import City, Country
from resources.trips.models import Stop, Trip
from serializers.core.write.single_lookup import SingleRow, first, is_whole, lookup_of
from tests.world import World

pytestmark = pytest.mark.django_db


def test_a_row_is_found_as_django_finds_it(world: World) -> None:
    for row in (*Country.objects.all(), *City.objects.all(), world.trip):
        found = lookup_of(type(row), row._meta.pk).find(row.pk)
        assert found == row
        for field in row._meta.concrete_fields:
            assert getattr(found, field.attname) == getattr(row, field.attname), field
        assert (found._state.db, found._state.adding) == ("default", False)


def test_one_query_and_none_to_build(world: World) -> None:
    lookup_of(Country, Country._meta.pk).find("FR")
    with CaptureQueriesContext(connection) as queries:
        assert lookup_of(Country, Country._meta.pk).find("CH").pk == "CH"
        assert lookup_of(Country, Country._meta.pk).find("ZZ") is None
    assert [query["sql"].count("WHERE") for query in queries] == [1, 1]


def test_a_reference_is_looked_up_by_its_key_alone_and_the_rest_is_there_all_the_same(world: World) -> None:
    row = SingleRow(Country.objects.all(), Country._meta.pk, keys_only=True).get(pk="FR")
    assert row.get_deferred_fields() >= {"name", "population"}
    assert row == Country.objects.get(pk="FR")
    assert getattr(row, "name") == "France"  # noqa: B009 - of a Model


@pytest.mark.parametrize("number", [2**31, -(2**31) - 1, 2**63 - 1, -(2**63)])
def test_a_number_that_the_column_cannot_hold_is_no_row(number: int) -> None:
    assert lookup_of(Stop, Stop._meta.get_field("position")).find(number) is None


@pytest.mark.parametrize("value", [True, None, 1.5, "x", "", [], {}, 10**30])
def test_what_is_no_key_is_left_to_the_queryset(value: Any) -> None:
    rows = City.objects.all()
    outcomes = []
    for ask in (rows.get, SingleRow(rows, City._meta.pk).get):
        try:
            outcomes.append(ask(pk=value))
        except (ObjectDoesNotExist, TypeError, ValueError) as error:
            outcomes.append(type(error))
    assert outcomes[0] is outcomes[1]


@pytest.mark.parametrize(
    ("rows", "whole"),
    [
        (lambda: Country.objects, True),
        (lambda: Country.objects.all(), True),
        (lambda: Country.objects.order_by("name"), True),
        (lambda: Country.objects.filter(continent="EU"), False),
        (lambda: Country.objects.exclude(continent="EU"), False),
        (lambda: Country.objects.none(), False),
        (lambda: Country.objects.all()[:5], False),
        (lambda: Country.objects.distinct(), False),
        (lambda: Country.objects.defer("name"), False),
        (lambda: Country.objects.only("name"), False),
        (lambda: Country.objects.select_related("currency"), False),
        (lambda: Country.objects.prefetch_related("languages"), False),
        (lambda: Country.objects.extra(where=["1=1"]), False),
        (lambda: Country.objects.using("default"), False),
        (lambda: Trip.objects.select_for_update(), False),
        (lambda: Country.objects.all().union(Country.objects.all()), False),
    ],
)
def test_only_a_whole_table_is_looked_up_so(rows: Any, whole: bool) -> None:
    assert is_whole(rows()) is whole


@pytest.mark.parametrize(
    "rows",
    [
        lambda: Country.objects.all(),
        lambda: Country.objects.using("default"),
        lambda: Country.objects.select_for_update(),
        lambda: Country.objects.select_for_update(no_key=True),
        lambda: Country.objects.filter(continent="EU"),
        lambda: Country.objects.filter(continent="AS"),
        lambda: Country.objects.select_related("currency"),
    ],
)
def test_the_first_row_with_a_value_is_the_queryset_s(world: World, rows: Any) -> None:
    key = Country._meta.pk
    with CaptureQueriesContext(connection) as plain:
        expected = [rows().filter(pk=value).first() for value in ("FR", "CH", "ZZ", "FR")]
    with CaptureQueriesContext(connection) as quick:
        assert [first(rows(), key, value) for value in ("FR", "CH", "ZZ", "FR")] == expected
    assert [_lock(query["sql"]) for query in quick] == [_lock(query["sql"]) for query in plain]


def _lock(sql: str) -> str:
    return "".join(sql.partition(" FOR ")[1:])


def test_of_several_rows_with_a_value_the_first_is_taken(world: World) -> None:
    continent = Country._meta.get_field("continent")
    for rows in (Country.objects.order_by("name"), Country.objects.order_by("-name")):
        assert first(rows, continent, "EU") == rows.filter(continent="EU").first() is not None
