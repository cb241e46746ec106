"""Names in the contract."""

from typing import Any

import pytest
from rest_framework.parsers import FileUploadParser, MultiPartParser

from api.core.viewset import ResourceViewSet
from api.places import AirportViewSet, CityViewSet
from openapi.core.generation import names
from serializers.places import CitySerializer


def acting(kind: type[ResourceViewSet], action: str, **attributes: Any) -> Any:
    view: Any = kind()
    view.action = action
    view.action_map = {"get": action}
    for name, value in attributes.items():
        setattr(view, name, value)
    return view


@pytest.mark.parametrize(
    ("action", "operation_id", "summary"),
    [
        ("list", "listAirports", "List airports"),
        ("retrieve", "getAirport", "Get an airport"),
        ("create", "createAirport", "Create an airport, or many"),
        ("update", "replaceAirport", "Replace an airport"),
        ("partial_update", "updateAirport", "Update an airport"),
        ("destroy", "deleteAirport", "Delete an airport"),
    ],
)
def test_the_six_actions(action, operation_id, summary):
    view = acting(AirportViewSet, action)
    assert (names.operation_id(view, "get"), names.summary(view)) == (operation_id, summary)


@pytest.mark.parametrize(
    ("action", "method", "detail", "operation_id"),
    [
        ("nearby_places", "GET", True, "getCityNearbyPlaces"),
        ("statistics", "GET", False, "getCityStatistics"),
        ("search_nearby", "GET", False, "searchNearbyCities"),
        ("download", "GET", True, "downloadCity"),
        ("publish", "POST", True, "publishCity"),
        ("publish", "PUT", True, "publishCity"),
        ("redeem", "POST", False, "redeemCities"),
        ("whatever", "POST", True, "whateverCity"),
        ("mayor", "PUT", True, "replaceCityMayor"),
        ("mayor", "DELETE", True, "deleteCityMayor"),
    ],
)
def test_an_action_of_ones_own_reads_as_english(action: str, method: str, detail: bool, operation_id: str) -> None:
    view = acting(CityViewSet, action, detail=detail, action_map={method.lower(): action, "head": action})
    assert names.operation_id(view, method) == operation_id


def test_what_takes_files_is_uploaded() -> None:
    view = acting(CityViewSet, "photo", detail=True, action_map={"post": "photo"}, parser_classes=[MultiPartParser])
    assert names.operation_id(view, "POST") == "uploadCityPhoto"
    view = acting(
        CityViewSet,
        "photo",
        detail=True,
        action_map={"get": "photo", "put": "photo", "delete": "photo"},
        parser_classes=[FileUploadParser],
    )
    ids = {names.operation_id(view, method) for method in ("GET", "PUT", "DELETE")}
    assert ids == {"getCityPhoto", "uploadCityPhoto", "deleteCityPhoto"}


@pytest.mark.parametrize(("detail", "summary"), [(True, "Nearby places (a city)"), (False, "Nearby places (cities)")])
def test_a_summary_names_the_action(detail: bool, summary: str) -> None:
    assert names.summary(acting(CityViewSet, "nearby_places", detail=detail)) == summary


def test_an_action_with_several_methods_has_an_id_for_each() -> None:
    view = acting(CityViewSet, "twin", detail=True, action_map={"get": "twin", "post": "twin"})
    assert {names.operation_id(view, method) for method in ("GET", "POST")} == {"getCityTwin", "createCityTwin"}


def test_a_component_is_named_after_its_serializer():
    assert names.component(CitySerializer) == names.component(CitySerializer()) == "City"


def test_pascal_keeps_the_capitals_inside():
    assert names.pascal("expanded", "stop overs") == "ExpandedStopOvers"
    assert names.pascal("TripMember", "role") == "TripMemberRole"
