"""Paths that are hidden: by any of their names, and by any way that leads through them."""

import pytest

from resources.core.access.hidden_fields import NOTHING, canonical, conceals, met
from resources.places.models import Currency
from resources.trips.models import Member, Stop, Trip

HIDDEN = frozenset([(Trip, ("budget",)), (Trip, ("owner",)), (Stop, ("trip",)), (Trip, ("currency", "name"))])


@pytest.mark.parametrize(
    ("model", "path", "hidden"),
    [
        (Trip, "budget", True),
        (Trip, "name", False),
        (Trip, "owner", True),
        (Trip, "owner_id", True),
        (Trip, "owner__email", True),
        (Stop, "trip__budget", True),
        (Stop, "trip_id", True),
        (Member, "trip__budget", True),
        (Member, "trip__name", False),
        (Member, "trip__stops__notes", True),
        (Trip, "stops", True),
        (Trip, "members", False),
        (Trip, "members__trip__budget", True),
        (Trip, "currency", False),
        (Trip, "currency__name", True),
        (Trip, "currency__numeric", False),
        (Currency, "name", False),
        (Trip, "made_up", False),
        (Trip, "pk", False),
    ],
)
def test_what_is_hidden(model, path, hidden):
    assert conceals(HIDDEN, model, path.split("__")) is hidden
    assert not conceals(NOTHING, model, path.split("__"))


def test_a_value_that_a_program_makes_is_known_by_its_name():
    assert conceals(frozenset([(Trip, ("weather",))]), Stop, ("trip", "weather"))


def test_names_are_those_of_fields():
    assert canonical(Stop, ("trip_id",)) == ("trip",)
    assert canonical(Stop, ("trip", "pk")) == ("trip", "id")
    assert canonical(Trip, ("weather", "tomorrow")) == ("weather", "tomorrow")


def test_the_models_on_the_way():
    assert list(met(Stop, ("trip", "currency", "name"))) == [Trip, Currency]
    assert list(met(Trip, ("name",))) == []
