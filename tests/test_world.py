"""The small world itself, and the plumbing under every test."""

import pytest
from django.db import connection

from tests.databases import manage


def test_it_works(world):
    assert [stop.position for stop in world.trip.stops.order_by("position")] == [1, 2, 3]
    assert {member.person for member in world.trip.members.all()} == {world.editor, world.viewer}


def test_it_obeys_the_domain_rules(world):
    for row in (world.trip, world.other_trip, *world.stops):
        row.full_clean(validate_unique=False)


def test_the_test_database_is_not_the_users_own(db):
    assert "headwater.sqlite3" not in str(connection.settings_dict["NAME"])


def test_a_server_process_gets_a_database_of_its_own(new_database):
    one, other = new_database(), new_database()
    assert one != other
    assert "[X] 0001_initial" in manage(one, "showmigrations", "trips")
    assert "No changes detected" in manage(other, "makemigrations", "--check")


def test_a_failing_command_says_why(new_database):
    with pytest.raises(AssertionError, match="Unknown command"):
        manage(new_database(), "no-such-command")
