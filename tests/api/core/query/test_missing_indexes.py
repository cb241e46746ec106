"""What no index serves is told by what models declare, and PostgreSQL finds the same."""

import re
import weakref

import pytest
from django.db import connection
from django.db.models import Index, Q

import api.urls  # noqa: F401 - where resources are registered
from api.core.diagnostics.explain import pipeline_of
from api.core.diagnostics.trial_values import trial_values
from api.core.query.filters.filter_sets import LookupFilter
from api.core.query.grammar import grammar_of
from api.core.query.missing_indexes import begins, filter_lacks, missing, missing_anywhere, order_lacks
from api.core.query.parameters.reader import understand
from api.core.query.shape import Missing
from api.places import AirportViewSet, CityViewSet, SubdivisionViewSet
from resources.places.models import City, Country
from tests.world import World

pytestmark = pytest.mark.django_db
VIEWSETS = (AirportViewSet, CityViewSet, SubdivisionViewSet)


@pytest.mark.parametrize("viewset", VIEWSETS)
def test_the_planner_finds_the_same(world: World, vendor: str, viewset: type[CityViewSet]) -> None:
    if vendor != "postgresql":
        pytest.skip("SQLite reads a table of few rows whole, whatever its indexes")
    resource, wrong = viewset.resource_type(), []
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    for name, filter_ in grammar_of(resource).filters.items():
        assert isinstance(filter_, LookupFilter)
        values = [value.text for value in trial_values(filter_, "default")]
        # A flag has the rows of one of its values in an index, and that one is asked for.
        value = "true" if filter_.in_shape else next(iter(values), None)
        if value is None:
            continue
        plan = pipeline_of(resource, {name: value}).rows.order_by().explain()
        reads_all = re.search(rf"Seq Scan on {resource.model._meta.db_table}\b|Seq Scan on places_country\b", plan)
        if (filter_lacks(resource.model, filter_) is None) is (reads_all is not None):
            wrong.append(f"{name}={value}: {plan}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("asked", "lacking"),
    [
        ({}, []),
        ({"country": "FR"}, []),
        ({"country__name__icontains": "x"}, []),
        ({"created_at": "2026-11-30T00:00:00Z"}, [Missing("created_at", City)]),
        ({"created_at": "2026-11-30T00:00:00Z", "country": "FR"}, []),
        ({"created_at__not": "2026-11-30T00:00:00Z"}, []),
        ({"ordering": "created_at"}, [Missing("ordering", City)]),
        ({"ordering": "created_at", "country": "FR"}, []),
        ({"ordering": "created_at", "country__not": "FR"}, [Missing("ordering", City)]),
        ({"filter": '{"or": [{"country": "FR"}, {"name": "Paris"}]}'}, []),
        (
            {"filter": '{"or": [{"country": "FR"}, {"created_at": "2026-11-30T00:00:00Z"}]}'},
            [Missing("created_at", City)],
        ),
        ({"filter": '{"not": {"created_at": "2026-11-30T00:00:00Z"}}'}, []),
        ({"search": "x", "created_at": "2026-11-30T00:00:00Z"}, []),
    ],
)
def test_of_a_list_one_part_must_lead_to_the_rows(asked: dict[str, str], lacking: list[Missing]) -> None:
    class DatedViewSet(CityViewSet):
        filterset_fields = (*CityViewSet.filterset_fields, "country__name", "created_at")
        ordering_fields = (*CityViewSet.ordering_fields, "created_at")

    resource = DatedViewSet.resource_type()
    shape = understand(grammar_of(resource), asked).shape
    assert list(missing(resource, shape, lambda model: model is City)) == lacking


def test_a_few_keys_of_a_small_table_lead_to_the_rows() -> None:
    class NamedViewSet(CityViewSet):
        filterset_fields = ("country__name",)

    resource = NamedViewSet.resource_type()
    shape = understand(grammar_of(resource), {"country__name__icontains": "x"}).shape
    assert missing_anywhere(resource, shape) == (Missing("country__name__icontains", Country),)
    assert missing(resource, shape, lambda model: model is not Country) == ()


def test_what_is_found_out_is_held_by_the_shape_alone() -> None:
    shape = understand(grammar_of(CityViewSet.resource_type()), {"timezone": "UTC"}).shape
    found = missing_anywhere(CityViewSet.resource_type(), shape)
    assert missing_anywhere(CityViewSet.resource_type(), shape) is found
    watched = weakref.ref(shape)
    del shape
    assert watched() is None


def test_an_order_by_a_related_column_takes_an_index_of_each_table(monkeypatch: pytest.MonkeyPatch) -> None:
    term = grammar_of(CityViewSet.resource_type()).orderings["country__name"]
    assert order_lacks(City, term) is None
    monkeypatch.setattr(Country._meta, "indexes", [])
    assert order_lacks(City, term) is Country
    monkeypatch.undo()
    monkeypatch.setattr(City._meta, "indexes", [])
    assert order_lacks(City, term) is City


def test_an_index_of_some_rows_serves_a_flag_only(monkeypatch: pytest.MonkeyPatch) -> None:
    few = Index(fields=["population"], condition=Q(timezone="UTC"), name="few")
    monkeypatch.setattr(City._meta, "indexes", [few])
    assert not begins(City._meta.get_field("population"))
    assert not begins(City._meta.get_field("timezone"))
    monkeypatch.setattr(few, "condition", Q(is_capital=True))
    assert begins(City._meta.get_field("is_capital"))
