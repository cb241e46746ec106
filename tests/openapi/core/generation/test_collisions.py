"""Two things never have one name in the contract: they are told apart, or refused with what to write."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.urls import include, path
from drf_spectacular.plumbing import _load_enum_name_overrides
from drf_spectacular.settings import spectacular_settings
from drf_spectacular.utils import extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

import api.urls  # noqa: F401 - the API's own viewsets are the first to be registered
from api.core.resource.registry import REGISTRY
from api.core.views.router import Router
from api.core.viewset import ReadOnlyResourceViewSet
from openapi.core.generation import document
from openapi.core.generation.reserved import own_names
from openapi.core.generation.schemas.enums import enum_of
from resources.core.policy import anyone, read
from resources.places.models import City, Country
from resources.trips.models import Member

Json = dict[str, Any]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(REGISTRY, "by_model", dict(REGISTRY.by_model))
    monkeypatch.setattr(REGISTRY, "every", dict(REGISTRY.every))


def shows(model: type[models.Model], name: str, *fields: str, **members: Any) -> type[serializers.ModelSerializer]:
    """Return a serializer class of a name."""
    meta = type("Meta", (), {"model": model, "fields": ("id", *fields, *members)})
    return type(name, (serializers.ModelSerializer,), {"Meta": meta, "__module__": f"serializers.{name}", **members})


def resource(serializer: type[serializers.ModelSerializer], **attributes: Any) -> type[ReadOnlyResourceViewSet]:
    model = serializer.Meta.model
    return type(
        f"{model.__name__}ViewSet",
        (ReadOnlyResourceViewSet,),
        {"queryset": model._default_manager.all(), "serializer_class": serializer, "policy": read(anyone)} | attributes,
    )


def contract(**resources: type[ReadOnlyResourceViewSet]) -> Json:
    router = Router()
    for name, viewset in resources.items():
        router.register(f"{name}s", viewset, basename=name)
    urls: Any = SimpleNamespace(urlpatterns=[path("v1/", include(router.urls))])
    return document.generate(urls)


def refused(**resources: type[ReadOnlyResourceViewSet]) -> str:
    with pytest.raises(ImproperlyConfigured) as refusal:
        contract(**resources)
    return str(refusal.value)


def column(choices: Any, model: type[models.Model] = Member) -> models.Field[Any, Any]:
    made: models.Field[Any, Any] = models.CharField(choices=choices, max_length=9)
    made.set_attributes_from_name("kind")
    made.model = model
    return made


@pytest.mark.parametrize("name", ["Status", "Problem", "Trip", "CityPage", "PartialCountry", "KeyCreate"])
def test_choices_called_like_another_schema_have_their_model_before_them(name: str) -> None:
    choices = models.TextChoices(name, [("DONE", f"done {name}"), ("OPEN", "open")])
    assert enum_of(column(choices))[0] == f"Member{name}"


def test_the_schema_of_health_stays_what_it_is() -> None:
    assert "Status" in own_names()
    choices = models.TextChoices("Status", [("OK", "ok"), ("BAD", "bad")])
    field = serializers.ChoiceField(choices=choices.choices, source="continent")
    made = contract(land=resource(shows(Country, "LandSerializer", kind=field)))
    assert made["components"]["schemas"]["Status"]["type"] == "object"


@pytest.mark.parametrize("name", ["Problem", "Status"])
def test_a_serializer_called_like_one_of_ours_is_refused(name: str) -> None:
    said = refused(town=resource(shows(City, f"{name}Serializer", "name")))
    assert said.startswith(f"The contract would call two things {name}: serializers.{name}Serializer.")
    assert said.endswith('write above a serializer  @extend_schema_serializer(component_name="...")')


def test_it_may_be_given_another_name() -> None:
    named = extend_schema_serializer(component_name="Trouble")(shows(City, "ProblemSerializer", "name"))
    assert {"Trouble", "TroublePage", "Problem"} <= contract(town=resource(named))["components"]["schemas"].keys()


def test_serializers_of_one_name_in_two_domains_are_refused() -> None:
    towns, lands = shows(City, "PlaceSerializer", "name"), shows(Country, "PlaceSerializer", "name")
    lands.__module__ = "serializers.elsewhere"
    said = refused(town=resource(towns), land=resource(lands))
    assert said.startswith("The contract would call two things Place: ")
    assert "serializers.PlaceSerializer.PlaceSerializer" in said
    assert "serializers.elsewhere.PlaceSerializer" in said


def test_a_serializer_called_like_the_page_of_another_is_refused() -> None:
    one, other = shows(Country, "PlaceSerializer"), shows(City, "PlacePageSerializer")
    said = refused(land=resource(one), town=resource(other))
    assert "The contract would call two things PlacePage: " in said
    assert "what is made of the name of a resource" in said


def test_choices_called_like_a_nested_serializer_are_refused_with_both_ways_out() -> None:
    nested = shows(Country, "ContinentSerializer", "name")
    said = refused(
        town=resource(shows(City, "TownSerializer", country=nested(read_only=True))),
        land=resource(shows(Country, "LandSerializer", "continent")),
    )
    assert said.startswith("The contract would call two things Continent: ")
    assert "@extend_schema_serializer" in said
    assert "ENUM_NAME_OVERRIDES" in said


def test_the_settings_name_choices(monkeypatch: pytest.MonkeyPatch) -> None:
    _load_enum_name_overrides.cache_clear()
    monkeypatch.setattr(
        spectacular_settings,
        "ENUM_NAME_OVERRIDES",
        {"PartOfTrip": "resources.trips.models.Role", "Letter": [("a", "A"), ("b", "B")]},
        raising=False,
    )
    try:
        assert enum_of(Member._meta.get_field("role"))[0] == "PartOfTrip"
        assert enum_of(column([("a", "A"), ("b", "B")]))[0] == "Letter"
        assert enum_of(column([("a", "A"), ("c", "C")]))[0] == "MemberKind"
    finally:
        _load_enum_name_overrides.cache_clear()


def test_resources_with_one_serializer_that_offer_something_else_are_told_apart() -> None:
    serializer = shows(City, "TownSerializer", "name", "country")
    made = contract(
        town=resource(serializer, filterset_fields=("name",)),
        harbour=resource(serializer, filterset_fields=("name", "country")),
        village=resource(serializer, filterset_fields=("name",)),
    )
    schemas = made["components"]["schemas"]
    assert {"TownFilter", "HarboursFilter", "TownPage", "HarboursPage", "Harbours"} <= schemas.keys()
    assert made["paths"]["/v1/towns/{id}"]["get"]["operationId"] == "getCity"
    assert made["paths"]["/v1/harbours/{id}"]["get"]["operationId"] == "getHarbour"
    assert "VillagesFilter" not in schemas
    assert "country" in schemas["HarboursFilter"]["properties"]
    assert "country" not in schemas["TownFilter"]["properties"]


def test_an_action_is_deprecated_by_its_decorator() -> None:
    @extend_schema(deprecated=True, extensions={"x-sunset": "2027-06-30"})
    @action(detail=False)
    def others(self: Any, request: Any) -> Response:
        return Response()

    made = contract(town=resource(shows(City, "TownSerializer", "name"), others=others))
    operation = made["paths"]["/v1/towns/others"]["get"]
    assert (operation["deprecated"], operation["x-sunset"]) == (True, "2027-06-30")


def test_operations_of_one_id_are_refused() -> None:
    @extend_schema(operation_id="listTowns")
    @action(detail=False)
    def others(self: Any, request: Any) -> Response:
        return Response()

    said = refused(town=resource(shows(City, "TownSerializer", "name"), others=others))
    assert said == (
        "The contract would call two operations listTowns: GET /v1/towns and GET /v1/towns/others. Name one of the "
        'actions otherwise, or write above it  @extend_schema(operation_id="...")'
    )
