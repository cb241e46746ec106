"""Indexes for text change how rows are found, and never which: case, accents and wildcards as without them."""

import sqlite3
from contextlib import closing
from unittest.mock import patch

import pytest
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connection, models
from django.db.migrations.state import ProjectState
from django.db.migrations.writer import MigrationWriter
from django.db.models import Func, Q, Value
from django.db.transaction import atomic
from django.test.utils import CaptureQueriesContext, isolate_apps
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from resources.core.access.unsaved import would_be_among
from resources.core.database.budget import Budget
from resources.core.database.sqlite import side_tables
from resources.core.database.sqlite.background_folding import fold_step
from resources.core.folding import fold
from resources.core.indexes import AddIndexConcurrently, FoldedIndex, RemoveIndexConcurrently, SearchIndex, TrigramIndex
from resources.places.models import City
from tests.resources.core.test_text import FOLDS, LOOKUPS, TEXTS

pytestmark = pytest.mark.django_db

ASKED = {**LOOKUPS, "same": LOOKUPS["exact"]}
NAMES = ["Saint-Étienne", "SAINT-ETIENNE", "Straße", "100% real", "a_b", "a\\b", "İstanbul", "ὈΔΥΣΣΕΎΣ", "", "x'y\"z"]
PLAIN = {"latitude": 0, "longitude": 0, "population": 1, "timezone": "UTC", "country_id": "FR"}
EXAMPLES = {"max_examples": 40, "deadline": None, "suppress_health_check": [HealthCheck.function_scoped_fixture]}


@pytest.fixture
def cities(world):
    """Make some cities, folded."""
    made = [City.objects.create(id=900_000_000 + at, name=name, **PLAIN) for at, name in enumerate(NAMES)]
    fold_changed()
    return City.objects.filter(pk__in=[city.pk for city in made])


def fold_changed():
    if connection.vendor == "sqlite":
        side_tables.fold_changed(connection)


@pytest.mark.parametrize("folding", FOLDS)
@pytest.mark.parametrize("lookup", ASKED)
@hypothesis_settings(**EXAMPLES)
@given(text=TEXTS, pattern=TEXTS, cut=st.slices(6), folded=st.booleans())
@example(text="100% real", pattern="0% r", cut=slice(1, 5), folded=True)
@example(text="Straße", pattern="STRASSE", cut=slice(0, 3), folded=True)
@example(text="a\x01b\\c_d", pattern="\\c_", cut=slice(1, 5), folded=True)
@example(text="\U0010ffff\U0010ffff\U0010ffffa", pattern="\U0010ffff", cut=slice(0, 3), folded=True)
def test_it_finds_what_python_finds(cities, folding, lookup, text, pattern, cut, folded):
    first = cities.order_by("pk").first()
    City.objects.filter(pk=first.pk).update(name=text)
    if folded:
        fold_changed()
    folds, holds = FOLDS[folding], ASKED[lookup]
    for wanted in (pattern, text[cut], text, text.swapcase(), fold(text)):
        found = set(cities.filter(**{f"name__{folding}{lookup}": wanted}).values_list("name", flat=True))
        assert found == {name for name in (text, *NAMES[1:]) if holds(folds(name), folds(wanted))}, wanted


def test_a_migration_writes_them():
    index = TrigramIndex("name", name="room_name_trigrams")
    text, imports = MigrationWriter.serialize(index)
    assert text == "resources.core.indexes.TrigramIndex(fields=['name'], name='room_name_trigrams')"
    assert imports == {"import resources.core.indexes"}
    assert index.clone() == index


def test_an_index_is_on_one_column():
    with pytest.raises(ValueError, match="room_names is an index on one column of text"):
        FoldedIndex(fields=("name", "city"), name="room_names")


SERVED = {
    "fold_case__same": ("city_name_folded", "saint-étienne"),
    "fold_case__begins": ("city_name_folded", "sain"),
    "fold_case__holds": ("city_name_trigrams", "étien"),
    "fold_case__ends": ("city_name_trigrams", "tienne"),
    "holds": ("city_name_trigrams", "tienn"),
    "ends": ("city_name_trigrams", "ienne"),
    "fold__holds": ("city_name_search", "etien"),
    "fold__begins": ("city_name_search", "saint"),
    "fold__same": ("city_name_search", "saint-etienne"),
}


@pytest.mark.parametrize("lookup", SERVED)
def test_it_serves(cities, lookup):
    index, pattern = SERVED[lookup]
    assert index in _plan(f"name__{lookup}", pattern)


def test_that_of_folded_text_serves_what_begins_with_letters(cities):
    """For which PostgreSQL has the index of the column itself, and takes any that holds the column for so few rows."""
    expected = "city_name_folded" if connection.vendor == "sqlite" else "Index Cond: (((name)::text >= 'Sain'::text)"
    assert expected in _plan("name__begins", "Sain")


@pytest.mark.parametrize("lookup", ["fold_case__same", "fold_case__begins", "fold_case__holds", "holds", "ends"])
def test_that_of_trigrams_serves_alone(cities, lookup):
    assert "city_timezone_trigrams" in _plan(f"timezone__{lookup}", "utc")
    assert City.objects.filter(pk__in=cities, timezone__fold_case__same="uTc").count() == len(NAMES)


def _plan(lookup, pattern):
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = on")
    plan = City.objects.filter(**{lookup: pattern}).explain()
    if connection.vendor == "sqlite":
        assert "SEARCH places_city USING" in plan, plan
    return plan


def test_what_many_rows_meet_is_walked_on_sqlite(cities, vendor):
    if vendor != "sqlite":
        pytest.skip("PostgreSQL knows by its statistics")
    with patch.object(side_tables, "FEW", 1):
        assert "TRUE OR" in _statement(City.objects.filter(name__fold_case__holds="tienne"))
        assert "TRUE OR" in _statement(City.objects.filter(name__fold_case__holds="ti"))
        assert "TRUE OR" not in _statement(City.objects.filter(name__fold_case__holds="istan"))
        assert City.objects.filter(name__fold_case__holds="tienne", timezone="UTC").count() == 2
        quoted = City.objects.annotate(sign=Value("?"), what=Func(template="'a?b'", output_field=models.TextField()))
        assert "TRUE OR" not in _statement(quoted.filter(name__fold_case__holds="istan"))
        both = City.objects.filter(name__fold_case__holds="tienne", name__fold_case__begins="ista")
        assert _statement(both).count("TRUE OR") == 1


def _statement(rows):
    """Return the statement that SQLite runs."""
    ran = []
    connection.ensure_connection()
    connection.connection.set_trace_callback(ran.append)
    list(rows)
    connection.connection.set_trace_callback(None)
    return ran[-1]


def test_a_search_finds_by_it(cities, api):
    answer = api.get("/v1/cities", search="etienne", timezone="UTC", ordering="id")
    assert [city["name"] for city in answer.json["results"]] == NAMES[:2]


@pytest.mark.django_db(transaction=True)
def test_what_another_program_writes_is_found(world, cities, vendor):
    if vendor != "sqlite":
        pytest.skip("PostgreSQL keeps its indexes by itself")
    with closing(sqlite3.connect(str(connection.settings_dict["NAME"]))) as other, other:
        other.execute("UPDATE places_city SET name = 'ÉTIENNE-SUR-MER' WHERE name = 'a_b'")
        other.execute("UPDATE places_city SET geonameid = 1 WHERE name = 'Straße'")
        other.execute("DELETE FROM places_city WHERE name = 'SAINT-ETIENNE'")
        other.execute("INSERT OR REPLACE INTO places_city SELECT * FROM places_city WHERE name = 'İstanbul'")
    for _ in range(2):  # as they were written, and folded
        assert _names(fold_case__holds="ÉTIENNE") == {"ÉTIENNE-SUR-MER", "Saint-Étienne"}
        assert _names(fold__holds="etienne") == {"ÉTIENNE-SUR-MER", "Saint-Étienne"}
        assert _names(fold_case__begins="étienne") == {"ÉTIENNE-SUR-MER"}
        assert _names(fold_case__same="STRASSE") == {"Straße"}
        assert _names(fold_case__holds="tanb") == {"İstanbul"}
        assert _names(fold_case__same="a_b") == set()
        fold_changed()
        assert _stale() == 0
    with closing(sqlite3.connect(str(connection.settings_dict["NAME"]))) as other:
        assert other.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        other.execute("VACUUM")
    assert _names(fold_case__holds="ÉTIENNE") == {"ÉTIENNE-SUR-MER", "Saint-Étienne"}


@pytest.mark.django_db(transaction=True)
def test_what_we_write_is_folded_at_the_commit(world, cities, vendor):
    if vendor != "sqlite":
        pytest.skip("PostgreSQL keeps its indexes by itself")
    with atomic():
        City.objects.filter(name="a_b").update(name="Étienne")
        assert _stale() == 3
    assert _stale() == 0


@pytest.mark.django_db(transaction=True)
def test_what_is_written_is_kept_where_the_time_is_up_before_it_is_folded(world, vendor):
    City.objects.bulk_create(City(id=900_000_000 + at, name=f"Town {at}", **PLAIN) for at in range(1500))
    with Budget(clock=60) as budget, atomic():
        City.objects.filter(id__gte=900_000_000).update(name="Other")
        budget.clock = 0
    assert City.objects.filter(name="Other").count() == 1500
    if vendor == "sqlite":
        assert _stale() == 0


@pytest.mark.django_db(transaction=True)
def test_a_text_that_cannot_be_read_leaves_the_others_as_they_were(world, cities, vendor):
    if vendor != "sqlite":
        pytest.skip("PostgreSQL takes no text that is none")
    with closing(sqlite3.connect(str(connection.settings_dict["NAME"]))) as other, other:
        other.execute("UPDATE places_city SET name = CAST(x'ff' AS TEXT) WHERE name = 'a_b'")
    for _ in range(2):
        with atomic():
            City.objects.filter(name="Straße").update(population=2)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE places_city SET name = 'whole' WHERE typeof(name) = 'text' AND hex(name) = 'FF'")
        for kind in ("trigrams", "search"):
            check = f"INSERT INTO city_name_{kind}_fts (city_name_{kind}_fts, rank) VALUES ('integrity-check', 1)"
            cursor.execute(check)
    assert _names(fold_case__holds="WHOLE") == {"whole"}


def test_rows_that_are_not_stored_are_asked_themselves(world, cities):
    city = City.objects.get(name="a_b")
    for name, wanted in (("Secret town", True), ("Open town", False)):
        for row in (City(id=900_000_900, name=name, **PLAIN), city):
            row.name = name
            for holds in (Q(name__fold_case__holds="SECRET"), Q(name__fold__begins="secret"), Q(name__holds="ecret")):
                assert would_be_among(City, [row], holds) is wanted
                assert would_be_among(City, [row], ~holds) is not wanted


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("lost", [True, False])
def test_what_cannot_be_folded_is_no_lost_write(world, cities, vendor, lost):
    if vendor != "sqlite":
        pytest.skip("PostgreSQL keeps its indexes by itself")
    raw = connection.connection
    try:
        with atomic():
            City.objects.filter(name="a_b").update(name="Étienne")
            if lost:  # an interruption takes the whole transaction with it
                raw.set_progress_handler(lambda: True, 1)
            else:
                raw.create_function("hw_fold_case_indexed", 1, lambda _: 1 / 0, deterministic=True)
    except OperationalError:
        assert lost
    finally:
        connection.close()
    assert _names(fold_case__same="étienne") == (set() if lost else {"Étienne"})
    assert _stale() == (0 if lost else 2)


@pytest.mark.django_db(transaction=True)
def test_they_outlive_a_change_of_the_table(world, cities):
    field = models.IntegerField(default=7)
    field.set_attributes_from_name("mood")
    field.model = City
    for change in ("add_field", "remove_field"):
        with connection.schema_editor() as editor:
            getattr(editor, change)(City, field)
        assert _names(fold_case__holds="ÉTIENNE") == {"Saint-Étienne"}
    City.objects.filter(name="a_b").update(name="Étienne")
    assert _names(fold_case__same="étienne") == {"Étienne"}


@pytest.mark.django_db(transaction=True)
def test_they_are_removed_and_added(world, cities):
    for index in (each for each in City._meta.indexes if isinstance(each, FoldedIndex | TrigramIndex)):
        with connection.schema_editor() as editor:
            editor.remove_index(City, index)
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("SELECT name FROM sqlite_master WHERE name LIKE %s", [f"{index.name}%"])
                assert cursor.fetchall() == []
        with connection.schema_editor() as editor:
            editor.add_index(City, index)
    assert _names(fold_case__holds="ÉTIENNE") == {"Saint-Étienne"}
    assert _names(fold__same="saint-etienne") == {"SAINT-ETIENNE", "Saint-Étienne"}


@isolate_apps("resources.places")
@pytest.mark.django_db(transaction=True)
def test_rows_may_have_keys_of_text(vendor):
    class Word(models.Model):
        code = models.CharField(primary_key=True, max_length=9)
        text = models.TextField(null=True)

        class Meta:
            app_label = "places"
            indexes = (SearchIndex("text", name="word_search"), FoldedIndex("text", name="word_folded"))

    with connection.schema_editor() as editor:
        editor.create_model(Word)
    try:
        for code, text in (("x", "Élan"), ("y", None), ("z", "elan vital")):
            Word.objects.create(code=code, text=text)
        for _ in range(2):
            assert set(Word.objects.filter(text__fold__holds="ELAN").values_list("pk", flat=True)) == {"x", "z"}
            assert set(Word.objects.filter(text__fold_case__begins="ÉL").values_list("pk", flat=True)) == {"x"}
            assert set(Word.objects.exclude(text__fold__holds="vital").values_list("pk", flat=True)) == {"x", "y"}
            if vendor == "sqlite":
                for index in Word._meta.indexes:
                    index.side_table(Word, connection).fold(connection.connection, Word._meta.db_table, 10)
    finally:
        with connection.schema_editor() as editor:
            editor.delete_model(Word)


def test_who_may_not_make_the_extension_is_told_what_to_do(vendor):
    if vendor != "postgresql":
        pytest.skip("SQLite has no extensions to make")
    with connection.cursor() as cursor:
        cursor.execute("DROP EXTENSION pg_trgm CASCADE")
        cursor.execute("CREATE ROLE nobody_in_particular; SET LOCAL ROLE nobody_in_particular")
    with (
        pytest.raises(ImproperlyConfigured, match="CREATE EXTENSION pg_trgm in the database"),
        connection.schema_editor() as editor,
    ):
        editor.add_index(City, TrigramIndex("name", name="city_name_other"))


def test_enough_is_known_of_how_often_a_pattern_comes(db, vendor):
    if vendor != "postgresql":
        pytest.skip("SQLite counts")
    with connection.schema_editor() as editor:
        editor.add_index(City, TrigramIndex("name", name="city_name_again"))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT attstattarget FROM pg_attribute WHERE attrelid::regclass::text LIKE 'city_name_%'"
            " AND attrelid::regclass::text ~ '(folded|trigrams|search|again)$' AND attnum = 1"
        )
        assert cursor.fetchall() == [(1000,)]


def _names(**lookup):
    [(asked, pattern)] = lookup.items()
    rows = City.objects.filter(timezone=PLAIN["timezone"], **{f"name__{asked}": pattern})
    return set(rows.values_list("name", flat=True))


def _stale():
    with connection.cursor() as cursor:
        counts = (f"(SELECT COUNT(*) FROM city_name_{of}_side WHERE stale)" for of in ("folded", "trigrams", "search"))
        cursor.execute(f"SELECT {' + '.join(counts)}")
        return cursor.fetchone()[0]


@pytest.mark.django_db(transaction=True)
def test_a_commit_leaves_most_of_what_another_program_wrote_and_reads_no_other_row(vendor, world):
    if vendor != "sqlite":
        pytest.skip("PostgreSQL keeps its indexes itself")
    with atomic():
        for number in range(200):
            City.objects.create(id=900_000_000 + number, name="Town", **PLAIN)
    with closing(sqlite3.connect(connection.settings_dict["NAME"])) as other, other:
        other.execute("UPDATE places_city SET name = 'Other town' WHERE name = 'Town'")
    with atomic():
        City.objects.filter(pk=900_000_100).update(name="Ours")

    for side, table in side_tables._declared("default"):
        if side.text != "name" or table != City._meta.db_table:
            continue
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT COUNT(*) FROM "{side.name}_side" WHERE stale = 1')
            assert 100 < cursor.fetchone()[0] < 200
            for statement in side_tables._FOLDED[side.kind]:
                words = {**side._words, "table": f'"{table}"'}
                cursor.execute(f"EXPLAIN QUERY PLAN {statement.format(**words)}".replace("?1", "1"))
                assert f"{side.name}_stale" in str(cursor.fetchall()), statement


@pytest.mark.django_db(transaction=True)
def test_what_another_program_wrote_is_folded_in_steps_and_then_nothing_is_written(world, vendor, monkeypatch):
    if vendor == "sqlite":
        with atomic():
            City.objects.bulk_create(City(id=900_000_000 + at, name=f"Town {at}", **PLAIN) for at in range(500))
        assert _stale() == 0
        with closing(sqlite3.connect(str(connection.settings_dict["NAME"]))) as other, other:
            other.execute("UPDATE places_city SET name = name || '!' WHERE geonameid >= 900000000")
        monkeypatch.setattr(side_tables.fold_changed, "__defaults__", (2,))
        fold_step()
        assert 0 < _stale() < 1500
        while _stale():
            fold_step()
    with CaptureQueriesContext(connection) as queries:
        fold_step()
    assert not queries.captured_queries
    assert _names(fold_case__same="town 7!") == ({"Town 7!"} if vendor == "sqlite" else set())


@pytest.mark.parametrize("name", ["city_name_folded", "city_name"])
def test_a_large_table_is_written_meanwhile_and_on_the_way_back(name, vendor):
    with_it = ProjectState.from_apps(apps)
    without = with_it.clone()
    removing = RemoveIndexConcurrently("city", name)
    removing.state_forwards("places", without)
    adding = AddIndexConcurrently("city", with_it.models["places", "city"].get_index_by_name(name))

    def statements(change, *states):
        editor = connection.SchemaEditorClass(connection, collect_sql=True, atomic=False)
        editor.deferred_sql = []
        change("places", editor, *states)
        return "\n".join(editor.collected_sql)

    created = statements(adding.database_forwards, without, with_it)
    dropped = statements(removing.database_forwards, with_it, without)
    assert created == statements(removing.database_backwards, without, with_it)
    assert dropped == statements(adding.database_backwards, with_it, without)
    assert "CREATE " in created
    assert "DROP " in dropped
    assert ("CONCURRENTLY" in created, "CONCURRENTLY" in dropped) == (vendor == "postgresql",) * 2
