"""Every write of a resource leaves its Change, whichever way it is made; what changes nothing leaves none."""

import sqlite3
from contextlib import closing, suppress
from datetime import date

import pytest
from django.db import connection, transaction
from django.db.models import F

from resources.places.models import Country, Language
from resources.trips.models import Stop, Trip
from tests.resources.core.journal.log import changes_after, latest
from tests.world import World

TRIP, STOP, LANGUAGES = "trips_trip", "trips_stop", "places_country_languages"


def raw_key(row) -> str:
    return row.pk.hex if connection.vendor == "sqlite" else str(row.pk)


def test_a_row_that_is_saved(world: World) -> None:
    start = latest()
    trip = Trip.objects.create(name="New", owner=world.owner, begins_on="2027-01-01", ends_on="2027-01-02")
    key, trip.name = raw_key(trip), "Newer"
    trip.save()
    trip.delete()
    made, changed, gone = changes_after(start, TRIP)
    assert [each.operation for each in (made, changed, gone)] == ["I", "U", "D"]
    assert {each.key for each in (made, changed, gone)} == {key}
    assert (made.before, gone.after) == (None, None)
    assert made.after["name"] == changed.before["name"] == "New"
    assert changed.after["name"] == gone.before["name"] == "Newer"
    assert (made.after["revision"], changed.after["revision"]) == (1, 2)
    assert changed.before == made.after
    assert changed.after == gone.before


def test_rows_that_are_changed_at_once(world: World) -> None:
    start = latest()
    Stop.objects.filter(trip=world.trip).update(notes="all")
    assert {each.key for each in changes_after(start)} == {raw_key(stop) for stop in world.trip.stops.all()}
    stops = list(world.trip.stops.order_by("id"))
    for stop in stops:
        stop.notes = f"{stop.position}"
    start = latest()
    Stop.objects.bulk_update(stops, ["notes"])
    assert [each.after["notes"] for each in changes_after(start)] == [stop.notes for stop in stops]


def test_rows_that_are_made_at_once(world: World) -> None:
    start = latest()
    languages = [Language(id=f"q{letter}", alpha_3=f"qq{letter}", name=letter) for letter in "ab"]
    Language.objects.bulk_create(languages)
    assert [(each.operation, each.key) for each in changes_after(start)] == [("I", "qa"), ("I", "qb")]
    start = latest()
    languages[0].name = "other"
    Language.objects.bulk_create(languages, update_conflicts=True, update_fields=["name"], unique_fields=["id"])
    assert [(each.operation, each.key, each.after["name"]) for each in changes_after(start)] == [("U", "qa", "other")]


def test_rows_that_go_along(world: World) -> None:
    start, trip, stops = latest(), raw_key(world.trip), {raw_key(stop) for stop in world.trip.stops.all()}
    with transaction.atomic():
        world.trip.delete()
    gone = changes_after(start)
    assert {each.operation for each in gone} == {"D"}
    assert {each.key for each in gone if each.table == STOP} == stops
    assert [each.key for each in gone if each.table == TRIP] == [trip]


def test_rows_that_relate(world: World) -> None:
    country, language = Country.objects.get(pk="FR"), Language.objects.create(id="qa", alpha_3="qqa", name="a")
    start = latest()
    country.languages.add(language)
    country.languages.remove(language)
    country.languages.set([language])
    country.languages.clear()
    rows = changes_after(start, LANGUAGES)
    assert [(each.operation, (each.after or each.before)["language_id"]) for each in rows if "qa" in str(each)] == [
        ("I", "qa"), ("D", "qa"), ("I", "qa"), ("D", "qa"),
    ]  # fmt: skip


def test_a_save_of_what_is_there_already(world: World) -> None:
    start = latest()
    world.trip.save()
    Trip.objects.update(name=F("name"))
    world.owner.last_login = "2027-01-01T00:00:00Z"
    world.owner.set_password("secret of secrets")
    world.owner.save()
    assert changes_after(start) == []
    world.owner.name = "Somebody"
    world.owner.save()
    [change] = changes_after(start)
    assert not {"password", "last_login"} & {*change.before, *change.after}


def test_what_is_rolled_back(world: World) -> None:
    start = latest()
    with transaction.atomic():
        Trip.objects.update(name="kept")
        with suppress(ZeroDivisionError), transaction.atomic():
            Trip.objects.update(name="not kept")
            raise ZeroDivisionError
    assert {each.after["name"] for each in changes_after(start)} == {"kept"}


def test_a_statement_that_does_not_count(world: World) -> None:
    start, revision = latest(), world.trip.revision
    with connection.cursor() as cursor:
        cursor.execute("UPDATE trips_trip SET name = 'other'")
    trip = Trip.objects.get(pk=world.trip.pk)
    assert (trip.revision, trip.updated_at > world.trip.updated_at) == (revision + 1, True)
    [change] = [each for each in changes_after(start) if each.key == raw_key(trip)]
    assert (change.before["revision"], change.after["revision"]) == (revision, revision + 1)
    assert change.after["updated_at"] != change.before["updated_at"]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE trips_trip SET name = 'other', ends_on = ends_on")
        cursor.execute("UPDATE headwater_apikey SET last_used_at = '2027-01-01'")
    assert Trip.objects.get(pk=world.trip.pk).revision == revision + 1


def test_a_key_that_changes(world: World) -> None:
    Language.objects.create(id="qa", alpha_3="qqa", name="a")
    start = latest()
    Language.objects.filter(pk="qa").update(id="qb")
    assert [(each.operation, each.key) for each in changes_after(start)] == [("D", "qa"), ("I", "qb")]


def test_dates_and_numbers_are_as_they_are_stored(world: World) -> None:
    start = latest()
    Trip.objects.filter(pk=world.trip.pk).update(ends_on=date(2027, 12, 31), budget="12.50", currency="EUR")
    [change] = changes_after(start)
    assert (change.after["ends_on"], float(change.after["budget"])) == ("2027-12-31", 12.5)


@pytest.mark.django_db(transaction=True)
def test_statements_of_postgresql(world: World, vendor: str) -> None:
    if vendor != "postgresql":
        pytest.skip("SQLite has neither COPY nor MERGE")
    import psycopg

    settings, start = connection.settings_dict, latest()
    place = {"host": settings["HOST"], "port": settings["PORT"] or None, "user": settings["USER"]}
    with psycopg.connect(dbname=settings["NAME"], **place) as other:
        with other.cursor().copy(
            "COPY places_language (code, alpha_3, name, created_at, updated_at, revision) FROM STDIN"
        ) as rows:
            for letter in "ab":
                rows.write_row((f"q{letter}", f"qq{letter}", letter, "2026-01-01Z", "2026-01-01Z", 1))
        other.execute(
            "MERGE INTO places_language AS l USING (VALUES ('qa', 'x'), ('qc', 'c')) AS v (code, name) ON"
            " l.code = v.code WHEN MATCHED THEN UPDATE SET name = v.name WHEN NOT MATCHED THEN"
            " INSERT (code, alpha_3, name, created_at, updated_at, revision)"
            " VALUES (v.code, 'qqc', v.name, now(), now(), 1)"
        )
        other.execute("SET search_path = pg_temp; DELETE FROM public.places_language WHERE code = 'qb'")
    changes = [(change.operation, change.key, (change.after or {}).get("revision")) for change in changes_after(start)]
    assert changes == [("I", "qa", 1), ("I", "qb", 1), ("U", "qa", 2), ("I", "qc", 1), ("D", "qb", None)]


@pytest.mark.django_db(transaction=True)
def test_the_module_of_sqlite(world: World, vendor: str) -> None:
    if vendor != "sqlite":
        pytest.skip("PostgreSQL is written to by psycopg")
    start, revision = latest(), world.trip.revision
    with closing(sqlite3.connect(connection.settings_dict["NAME"])) as other, other:
        other.execute("SELECT 1 FROM trips_trip")  # reads the schema, whose CHECKs of Django's ask functions of JSON
        other.execute("PRAGMA trusted_schema = 0")
        other.execute("UPDATE trips_trip SET notes = ? WHERE id = ?", ('Zwei\nZeilen \0 "und" \\', world.trip.pk.hex))
        other.execute(
            "INSERT OR REPLACE INTO places_language (code, alpha_3, name, created_at, updated_at, revision)"
            " VALUES ('qa', 'qqa', 'a', '2026', '2026', 1)"
        )
    updated, inserted = changes_after(start)
    assert (updated.after["notes"], updated.after["revision"]) == (b'Zwei\nZeilen \0 "und" \\', revision + 1)
    assert (inserted.operation, inserted.key) == ("I", "qa")
    trip = Trip.objects.get(pk=world.trip.pk)
    assert trip.revision == revision + 1
