"""A migration of a table that others use gives up on a lock soon, and tries again; nobody waits behind it."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import IntegrityError, OperationalError, connection, models, transaction
from django.db.migrations import Migration
from django.db.migrations.operations import AddField, RunPython
from django.db.migrations.recorder import MigrationRecorder

from resources.core.database import migrating
from resources.core.database.budget import seconds
from resources.core.database.migrating import PatientExecutor

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def apply(vendor: str) -> Iterator[Any]:
    """Apply operations as a migration of places, and take them back when the test has ended."""
    done: list[tuple[Migration, Any]] = []

    def apply(*operations: Any, atomic: bool = True) -> None:
        migration = type("Sample", (Migration,), {"operations": [*operations], "atomic": atomic})("sample", "places")
        executor = PatientExecutor(connection)
        state = executor.loader.project_state()
        executor.apply_migration(state.clone(), migration)
        done.append((migration, state))

    yield apply
    for migration, state in reversed(done):
        PatientExecutor(connection).unapply_migration(state, migration)
    MigrationRecorder(connection).migration_qs.filter(name="sample").delete()


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Note how long it would pause, and do not."""
    pauses: list[float] = []
    monkeypatch.setattr(migrating.time, "sleep", pauses.append)
    return pauses


@pytest.fixture
def other(vendor: str) -> Iterator[psycopg.Connection[Any]]:
    """Be somebody else, who reads languages in a transaction that stays open."""
    if vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    given = connection.get_connection_params()
    with psycopg.connect(
        **{name: given[name] for name in ("host", "port", "user", "dbname") if name in given}
    ) as other:
        other.execute("SELECT 1 FROM places_language LIMIT 1")
        yield other


def columns() -> set[str]:
    with connection.cursor() as cursor:
        return {each.name for each in connection.introspection.get_table_description(cursor, "places_language")}


def added(name: str, field: Any) -> AddField:
    return AddField("language", name, field)


def test_it_works(world: Any, apply: Any) -> None:
    apply(added("mood", models.IntegerField(null=True)), added("rank", models.PositiveIntegerField(default=7)))
    assert {"mood", "rank"} <= columns()


def test_it_gives_up_and_tries_again_until_the_lock_is_free(
    world: Any, apply: Any, other: psycopg.Connection[Any], pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    def pause(length: float) -> None:
        pauses.append(length)
        assert "mood" not in columns()  # which reads: nobody waits behind it meanwhile
        if len(pauses) == 3:
            other.commit()

    monkeypatch.setattr(migrating.time, "sleep", pause)
    apply(added("mood", models.IntegerField(null=True)), added("rank", models.IntegerField(default=1)))
    assert pauses == [0.1, 0.2, 0.4]
    assert {"mood", "rank"} <= columns()


def test_its_patience_ends(
    world: Any, apply: Any, other: psycopg.Connection[Any], pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrating, "PATIENCE", -1.0)
    with pytest.raises(OperationalError, match="lock timeout"):
        apply(added("mood", models.IntegerField(null=True)))
    assert pauses == []
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("0",)


def test_what_runs_code_of_its_own_waits_as_long_as_it_takes(world: Any, apply: Any, vendor: str) -> None:
    if vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    seen = []

    def look(apps: Any, editor: Any) -> None:
        with editor.connection.cursor() as cursor:
            cursor.execute("SHOW lock_timeout")
            seen.append(cursor.fetchone()[0])

    apply(RunPython(look, RunPython.noop))
    assert seen == ["0"]


def test_a_check_of_a_new_column_is_valid_in_the_end(world: Any, apply: Any, vendor: str) -> None:
    apply(added("rank", models.PositiveIntegerField(null=True)))
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE places_language SET rank = -1")
    if vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT conname, convalidated FROM pg_constraint WHERE conname LIKE %s", ["%rank_check"])
            assert cursor.fetchall() == [("places_language_rank_check", True)]


def test_migrate_is_patient() -> None:
    from django.core.management.commands import migrate

    call_command("migrate", "--check", verbosity=0)
    assert migrate.MigrationExecutor is PatientExecutor


def test_the_setting_is_seconds_or_off() -> None:
    assert seconds("off", "MIGRATION_LOCK_TIMEOUT") is None
    with pytest.raises(ImproperlyConfigured, match="MIGRATION_LOCK_TIMEOUT is 'soon'"):
        seconds("soon", "MIGRATION_LOCK_TIMEOUT")


def test_off_leaves_it_to_django(world: Any, apply: Any, settings: Any) -> None:
    settings.MIGRATION_LOCK_TIMEOUT = None
    apply(added("mood", models.IntegerField(null=True)))
    assert "mood" in columns()
