"""Rules that span tables survive what later migrations do to the tables."""

from datetime import UTC, date, datetime

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, models, transaction
from django.db.migrations.writer import MigrationWriter

import resources.core.triggers
from resources.trips.models import Stop, Trip

# A change of schema on SQLite cannot stand inside a transaction.
pytestmark = pytest.mark.django_db(transaction=True)

TRIGGERS = {
    "sqlite": {
        "stop_lies_within_its_trip_insert", "stop_lies_within_its_trip_update",
        "trip_holds_its_stops_insert", "trip_holds_its_stops_update",
        "trip_owner_is_no_member_insert", "trip_owner_is_no_member_update",
        "member_is_not_the_owner_insert", "member_is_not_the_owner_update",
    },
    "postgresql": {
        "stop_lies_within_its_trip", "trip_holds_its_stops", "trip_owner_is_no_member", "member_is_not_the_owner",
    },
}  # fmt: skip
CATALOGUE = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' AND NOT INSTR(sql, '_side\"') AND "
    "NOT INSTR(sql, 'headwater_change')",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgname NOT LIKE 'headwater%'",
}


def triggers():
    """Return the triggers of rules, without those of the journal and of indexes for text."""
    with connection.cursor() as cursor:
        cursor.execute(CATALOGUE[connection.vendor])
        return {name for (name,) in cursor.fetchall()}


def rule(model, name):
    return next(constraint for constraint in model._meta.constraints if constraint.name == name)


def both_rules_hold(world):
    """Whether a stop outside its trip, and a trip that leaves out a stop, are refused."""
    refused = []
    for change in (
        lambda: Stop.objects.filter(pk=world.stops[1].pk).update(departs_at=datetime(2030, 1, 1, tzinfo=UTC)),
        lambda: Trip.objects.filter(pk=world.trip.pk).update(ends_on=date(2027, 5, 2)),
    ):
        try:
            with transaction.atomic():
                change()
        except IntegrityError as fault:
            refused.append(str(fault).splitlines()[0])
    return refused == ["stop_lies_within_its_trip", "trip_holds_its_stops"]


def test_the_triggers_are_there(world, vendor):
    assert triggers() == TRIGGERS[vendor]
    assert both_rules_hold(world)


@pytest.mark.parametrize("model", [Trip, Stop])
def test_a_column_that_is_altered(world, vendor, model):
    field = models.TextField(help_text="Now without a collation.")
    field.set_attributes_from_name("notes")
    field.model = model
    with connection.schema_editor() as editor:
        editor.alter_field(model, model._meta.get_field("notes"), field, strict=True)
    try:
        assert triggers() == TRIGGERS[vendor]
        assert both_rules_hold(world)
    finally:
        with connection.schema_editor() as editor:
            editor.alter_field(model, field, model._meta.get_field("notes"), strict=True)
    assert both_rules_hold(world)


@pytest.mark.parametrize("model", [Trip, Stop])
def test_a_column_that_is_added_and_removed(world, vendor, model):
    field = models.IntegerField(default=7)
    field.set_attributes_from_name("mood")
    field.model = model
    with connection.schema_editor() as editor:
        editor.add_field(model, field)
    try:
        assert both_rules_hold(world)
    finally:
        with connection.schema_editor() as editor:
            editor.remove_field(model, field)
    assert triggers() == TRIGGERS[vendor]
    assert both_rules_hold(world)


@pytest.mark.parametrize("model", [Trip, Stop])
def test_another_constraint_that_is_added_and_removed(world, vendor, model):
    other = models.CheckConstraint(condition=~models.Q(notes="no"), name="notes_are_not_no")
    with connection.schema_editor() as editor:
        editor.add_constraint(model, other)
        editor.remove_constraint(model, other)
    assert triggers() == TRIGGERS[vendor]
    assert both_rules_hold(world)


@pytest.mark.parametrize(("model", "name"), [(Trip, "trip_holds_its_stops"), (Stop, "stop_lies_within_its_trip")])
def test_the_rule_itself_that_is_removed_and_added(world, vendor, monkeypatch, model, name):
    constraints = model._meta.constraints
    removed = rule(model, name)
    monkeypatch.setattr(model._meta, "constraints", [other for other in constraints if other is not removed])
    with connection.schema_editor() as editor:
        editor.remove_constraint(model, removed)
    try:
        assert {trigger for trigger in TRIGGERS[vendor] if not trigger.startswith(name)} == triggers()
        assert not both_rules_hold(world)
    finally:
        monkeypatch.undo()
        with connection.schema_editor() as editor:
            editor.add_constraint(model, removed)
    assert triggers() == TRIGGERS[vendor]


def test_migrating_back_and_forth(vendor):
    call_command("migrate", "trips", "zero", verbosity=0)
    assert triggers() == set()
    call_command("migrate", "trips", verbosity=0)
    assert triggers() == TRIGGERS[vendor]


def test_the_database_carries_the_name_of_the_rule(world, vendor):
    if vendor != "postgresql":
        pytest.skip("SQLite has the message alone")
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        Trip.objects.filter(pk=world.trip.pk).update(ends_on=date(2027, 5, 2))
    said = caught.value.__cause__.diag
    assert (said.constraint_name, said.table_name, said.sqlstate) == ("trip_holds_its_stops", "trips_trip", "23514")


def test_a_migration_writes_the_whole_rule():
    written = MigrationWriter.serialize(rule(Stop, "stop_lies_within_its_trip"))
    names = {"resources": resources}
    assert eval(written[0], names) == rule(Stop, "stop_lies_within_its_trip")


def test_a_rule_that_changes_is_noticed():
    same, other = rule(Stop, "stop_lies_within_its_trip"), rule(Stop, "stop_lies_within_its_trip").clone()
    assert same == other
    other.broken["sqlite"] = "1"
    assert same != other


def test_rules_that_stay_make_no_migration():
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)
