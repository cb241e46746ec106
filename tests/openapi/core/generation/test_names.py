"""Names in the contract."""

from typing import Any

import pytest

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
    ("detail", "operation_id", "summary"),
    [(True, "nearbyPlacesCity", "Nearby places (a city)"), (False, "nearbyPlacesCities", "Nearby places (cities)")],
)
def test_an_action_of_ones_own(detail, operation_id, summary):
    view = acting(
        CityViewSet, "nearby_places", detail=detail, action_map={"get": "nearby_places", "head": "nearby_places"}
    )
    assert (names.operation_id(view, "get"), names.summary(view)) == (operation_id, summary)


def test_an_action_with_several_methods_has_an_id_for_each():
    view = acting(CityViewSet, "twin", detail=True, action_map={"get": "twin", "post": "twin"})
    assert {names.operation_id(view, method) for method in ("GET", "POST")} == {"getTwinCity", "postTwinCity"}


def test_a_component_is_named_after_its_serializer():
    assert names.component(CitySerializer) == names.component(CitySerializer()) == "City"


def test_pascal_keeps_the_capitals_inside():
    assert names.pascal("expanded", "stop overs") == "ExpandedStopOvers"
    assert names.pascal("TripMember", "role") == "TripMemberRole"
