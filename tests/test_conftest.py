"""A test that asks for no database runs on one, and may not look which one that is."""

import pytest
from django.db import connection

from resources.accounts.models import Person


def test_it_is_marked_and_does_not_look(request: pytest.FixtureRequest):
    assert request.node.get_closest_marker("one_database")

    with pytest.raises(pytest.fail.Exception, match="SQLite only"):
        _ = connection.vendor
    with pytest.raises(pytest.fail.Exception, match="SQLite only"):
        str(Person.objects.all().query)


def test_who_asks_which_one_there_is_runs_on_both(request: pytest.FixtureRequest, vendor: str):
    assert not request.node.get_closest_marker("one_database")
    assert vendor == connection.vendor
