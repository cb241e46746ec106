"""What a viewset declares is a value; what cannot be part of one is refused in words."""

from dataclasses import FrozenInstanceError
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

import api.urls  # noqa: F401 - where resources are registered
from api.core.resource.registry import REGISTRY
from api.places import CityViewSet
from api.trips.trips import TripViewSet
from resources.core.actor import ANONYMOUS
from resources.core.policy import ALL, NONE
from resources.trips.models import Trip


def test_it_is_what_the_viewset_declares() -> None:
    trips = TripViewSet.resource_type()
    assert (trips.plural, trips.model, trips.key.name, trips.creatable) == ("trips", Trip, "id", True)
    assert trips.options.expand == TripViewSet.expand
    assert trips is REGISTRY.of(Trip) is TripViewSet.resource_type()


def test_nobody_changes_it() -> None:
    with pytest.raises(FrozenInstanceError):
        TripViewSet.resource_type().policy = CityViewSet.policy  # type: ignore[misc]


def test_it_says_who_may_do_what() -> None:
    assert CityViewSet.resource_type().allowed("read", ANONYMOUS) is ALL
    assert TripViewSet.resource_type().allowed("create", ANONYMOUS) is NONE
    assert TripViewSet.resource_type().scope_of("update") == "trips:write"


def test_code_of_its_own_is_named() -> None:
    class Own(CityViewSet):
        def get_queryset(self) -> Any:
            return super().get_queryset()

    assert CityViewSet.resource_type().custom_code is None
    assert Own.resource_type().custom_code == "get_queryset"


@pytest.mark.parametrize("name", ["allowed", "rows"])
def test_methods_that_a_policy_replaces_stop_the_start(name: str) -> None:
    own: Any = type("OwnViewSet", (CityViewSet,), {name: classmethod(lambda cls, *_: ALL)})
    with pytest.raises(ImproperlyConfigured, match=rf"OwnViewSet.{name} is asked no more: write a Policy"):
        own.resource_type()
