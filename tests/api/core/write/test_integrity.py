"""What either database says of a broken constraint is read as the same problem."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Model
from rest_framework import serializers

from api.core.write.integrity import refusals, saving
from resources.accounts.models import Person
from resources.places.models import City, Country, Currency
from resources.trips.models import Stop, Trip
from serializers.core.problems import Problem, Refusal
from tests.world import World, key


def writing(model: type[Model], **sources: str) -> Any:
    """Return a serializer of a model whose columns have other names."""
    meta = type("Meta", (), {"model": model, "fields": tuple(sources)})
    fields = {name: serializers.CharField(source=source) for name, source in sources.items()}
    return type("Renamed", (serializers.ModelSerializer,), {"Meta": meta, **fields})()


def refused(break_: Callable[[], Any], pointer: str = "", writer: Any = None) -> Problem:
    with pytest.raises(Refusal) as caught, transaction.atomic(), refusals(pointer, writer):
        break_()
    return caught.value.problem


def told(problem: Problem) -> tuple[str, str | None, str]:
    [fault] = problem.faults
    assert problem.detail == fault.detail
    return problem.kind.slug, fault.pointer, fault.code


def test_a_column_that_is_unique(world: World) -> None:
    problem = refused(
        lambda: Country.objects.filter(id="CH").update(alpha_3="FRA"), "/3", writing(Country, code="alpha_3")
    )
    assert told(problem) == ("conflict", "/3/code", "unique")
    assert problem.detail == "country with this alpha 3 already exists."


def test_a_key_in_a_column_of_another_name(world: World) -> None:
    problem = refused(lambda: Currency.objects.create(id="EUR", name="x", symbol="x", decimals=2))
    assert told(problem) == ("conflict", "/id", "unique")


def test_columns_that_are_unique_together(world: World) -> None:
    problem = refused(lambda: Stop.objects.filter(id=key(20)).update(position=2), "/0")
    assert told(problem) == ("conflict", "/0", "unique")
    assert problem.detail == "Another stop of the trip has this position: choose a free one."


def test_an_expression_that_is_unique(world: World) -> None:
    problem = refused(lambda: Person.objects.filter(id=key(1)).update(email="STAFF@example.org"))
    assert told(problem) == ("conflict", "/email", "unique")
    assert problem.detail == "Somebody has this address already, perhaps in another case."


def test_a_pair_that_is_unique_without_a_name_of_its_own(world: World) -> None:
    spoken = Country.languages.through
    problem = refused(lambda: spoken.objects.create(country_id="CH", language_id="de"))
    assert told(problem) == ("conflict", "", "unique")
    assert problem.detail == "Another row has the same values."


def test_a_column_that_may_not_be_null(world: World) -> None:
    problem = refused(
        lambda: Trip.objects.filter(id=key(10)).update(currency=None, name=None), "", writing(Trip, title="name")
    )
    assert told(problem) == ("invalid-body", "/title", "null")


def test_a_check_of_several_columns(world: World) -> None:
    problem = refused(lambda: Trip.objects.filter(id=key(10)).update(currency=None))
    assert told(problem) == ("invalid-body", "", "needs_currency")
    assert problem.detail.startswith("A budget needs a currency")


def test_a_check_of_one_column(world: World) -> None:
    problem = refused(
        lambda: City.objects.filter(id=2988507).update(latitude=91), "/7", writing(City, north="latitude")
    )
    assert told(problem) == ("invalid-body", "/7/north", "invalid_latitude")


def test_a_check_that_only_the_database_knows(world: World) -> None:
    problem = refused(lambda: Country.objects.filter(id="CH").update(population=-1))
    assert told(problem) == ("invalid-body", "", "invalid")
    assert problem.detail == "A rule of the database is broken."


def test_a_trigger(world: World) -> None:
    late = datetime(2028, 1, 1, tzinfo=UTC)
    problem = refused(lambda: Stop.objects.filter(id=key(20)).update(departs_at=late))
    assert told(problem) == ("invalid-body", "", "outside_its_trip")
    assert problem.detail.startswith("The stop lies outside its trip")


def test_rows_that_others_refer_to(world: World) -> None:
    problem = refused(lambda: Currency.objects.get(id="EUR").delete())
    assert (problem.kind.slug, problem.faults) == ("conflict", ())
    assert problem.detail == "This is still referred to by countries, trips."


def test_other_exceptions_pass() -> None:
    with pytest.raises(ZeroDivisionError), refusals():
        raise ZeroDivisionError


@pytest.mark.django_db(transaction=True)
def test_nothing_is_kept_of_what_is_refused(world: World) -> None:
    def change_and_break() -> None:
        with saving():
            Trip.objects.filter(id=key(10)).update(name="Lakes")
            Trip.objects.filter(id=key(10)).update(currency=None)

    with pytest.raises(Refusal):
        change_and_break()
    assert Trip.objects.get(id=key(10)).name == "Alps by train"
