"""Migrations keep the triggers true, and note that columns have changed: what is written after each step is noted."""

from collections.abc import Callable, Iterator

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection, connections, migrations, models
from django.db.migrations.state import ProjectState

from resources.accounts.models import Person
from resources.core.journal import triggers
from resources.core.journal.tables import journaled_tables
from resources.places.models import Language
from tests.resources.core.journal.log import Row, changes_after, latest
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)

TABLE = Language._meta.db_table


def write(columns: str = "") -> None:
    """Write a row by plain SQL, as any program would, on a connection that was open before."""
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {TABLE} SET name = name || '!'{columns} WHERE code = 'qa'")


@pytest.fixture
def state(vendor: str) -> Iterator[Callable[..., list[Row]]]:
    """Return what runs operations on the languages, writes, and gives the changes of these writes."""
    Language.objects.create(id="qa", alpha_3="qqa", name="a")
    write()
    now = ProjectState.from_apps(apps)
    done: list[tuple[migrations.operations.base.Operation, ProjectState, ProjectState]] = []

    def run(operation: migrations.operations.base.Operation, columns: str = "") -> list[Row]:
        nonlocal now
        start, after = latest(), now.clone()
        operation.state_forwards("places", after)
        with connection.schema_editor() as editor:
            operation.database_forwards("places", editor, now, after)
            write(columns)  # within the same transaction, as a step of the same migration would
        write(columns)
        done.append((operation, now, after))
        now = after
        return changes_after(start, TABLE)

    yield run
    for operation, before, after in reversed(done):
        with connection.schema_editor() as editor:
            operation.database_backwards("places", editor, after, before)
    assert triggers.stale_tables(connections["default"]) == {}
    start = latest()
    write()
    [change] = changes_after(start, TABLE)
    assert {*change.after} == {column.column for column in Language._meta.concrete_fields}


def names(changes: list[Row]) -> list[tuple[str, str | None]]:
    return [(change.operation, change.after and change.after["name"]) for change in changes]


def test_a_column_that_is_added_changed_renamed_and_dropped(state: Callable[..., list[Row]]) -> None:
    changes = state(migrations.AddField("language", "mood", models.IntegerField(default=7)), ", mood = mood + 1")
    assert names(changes) == [("R", None), ("U", "a!!"), ("U", "a!!!")]
    assert [change.after["mood"] for change in changes[1:]] == [8, 9]
    changes = state(migrations.AlterField("language", "mood", models.TextField(default="7")), ", mood = mood || '+'")
    assert names(changes) == [("R", None), ("U", "a!!!!"), ("U", "a!!!!!")]
    assert [change.after["mood"] for change in changes[1:]] == ["9+", "9++"]
    changes = state(migrations.RenameField("language", "mood", "humour"), ", humour = 'good'")
    assert [(change.operation, (change.after or {}).get("humour")) for change in changes] == [
        ("R", None), ("U", "good"), ("U", "good"),
    ]  # fmt: skip
    changes = state(migrations.RemoveField("language", "humour"))
    assert [change.operation for change in changes] == ["R", "U", "U"]
    assert "humour" not in changes[1].after


def test_a_table_that_is_built_anew_with_the_same_columns(state: Callable[..., list[Row]]) -> None:
    constraint = models.CheckConstraint(condition=~models.Q(name="no"), name="language_is_not_no")
    assert [change.operation for change in state(migrations.AddConstraint("language", constraint))] == ["U", "U"]


def test_statements_that_are_written_by_hand(state: Callable[..., list[Row]]) -> None:
    add = migrations.RunSQL(f"ALTER TABLE {TABLE} ADD COLUMN mood text", f"ALTER TABLE {TABLE} DROP COLUMN mood")
    changes = state(add, ", mood = 'good'")
    assert [(change.operation, (change.after or {}).get("mood")) for change in changes] == [
        ("R", None), ("U", "good"), ("U", "good"),
    ]  # fmt: skip


def test_tables_that_are_made_anew(world: World) -> None:
    call_command("migrate", "trips", "zero", verbosity=0)
    start = latest()
    call_command("migrate", "trips", verbosity=0)
    assert not triggers.stale_tables(connections["default"])
    assert [change.operation for change in changes_after(start, "trips_trip")] in ([], ["R"])


def test_a_table_that_is_renamed(vendor: str) -> None:
    Language.objects.create(id="qa", alpha_3="qqa", name="a")
    start = latest()
    with connection.schema_editor() as editor:
        editor.alter_db_table(Language, TABLE, "places_tongue")
        with connection.cursor() as cursor:
            cursor.execute("UPDATE places_tongue SET name = 'b'")
    try:
        assert [(each.operation, each.table) for each in changes_after(start)] == [
            ("R", "places_tongue"), ("U", "places_tongue"),
        ]  # fmt: skip
    finally:
        with connection.schema_editor() as editor:
            editor.alter_db_table(Language, "places_tongue", TABLE)
    assert not triggers.stale_tables(connections["default"])


def test_what_is_left_out_stays_so(world: World) -> None:
    start = latest()
    with connection.schema_editor() as editor:
        editor.add_field(Person, _column(Person, "mood", models.TextField(default="good")))
    try:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE accounts_person SET mood = 'better', password = 'x'")
        for change in changes_after(start, "accounts_person")[1:]:
            assert "password" not in change.after
            assert change.after["mood"] == "better"
    finally:
        with connection.schema_editor() as editor:
            editor.remove_field(Person, _column(Person, "mood", models.TextField(default="good")))
    assert not triggers.stale_tables(connections["default"])


def _column(model: type[models.Model], name: str, field: models.Field) -> models.Field:
    field.set_attributes_from_name(name)
    field.model = model
    return field


def test_a_database_without_triggers_is_mended_by_migrate(vendor: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"DROP TRIGGER {TABLE}_journal_update"
            if vendor == "sqlite"
            else f"ALTER TABLE {TABLE} DISABLE TRIGGER headwater_journal"
        )
    assert [*triggers.stale_tables(connections["default"])] == [TABLE]
    call_command("migrate", verbosity=0)
    assert not triggers.stale_tables(connections["default"])


def test_an_emptied_table_is_reset(world: World, vendor: str) -> None:
    if vendor != "postgresql":
        pytest.skip("SQLite has no TRUNCATE")
    start = latest()
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE trips_stop")
    assert [(each.operation, each.table, each.key) for each in changes_after(start)] == [("R", "trips_stop", "")]


def test_which_tables_are_journaled() -> None:
    tables = journaled_tables("default")
    assert tables["accounts_person"] == {"password", "last_login"}
    assert tables["places_country_languages"] == frozenset()
    assert not {"headwater_change", "django_session", "places_sampledata"} & tables.keys()
