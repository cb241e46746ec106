"""`manage.py explain --all` finds the lists that read many rows for each they return, and the indexes they lack."""

import io
from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import Index
from django.test.utils import CaptureQueriesContext
from rest_framework import serializers

import api.urls  # noqa: F401 - where resources are registered
from api import places, trips
from api.core.diagnostics import survey as surveys
from api.core.diagnostics.survey import Survey, survey
from api.core.resource.registry import REGISTRY
from api.core.viewset import ReadOnlyResourceViewSet
from api.places import CityViewSet
from resources.core.database import table_size
from resources.core.indexes import _indexes_on
from resources.core.policy import anyone
from resources.places.models import City
from resources.trips.models import Stop
from tests import specimens
from tests.world import World

specimens.install()

from tests.specimens.models import Label  # noqa: E402 - once they are installed

pytestmark = pytest.mark.django_db
ROWS = 12_000
SAMPLE = [each.resource_type().plural for each in (*places.VIEWSETS, *trips.VIEWSETS)]


@pytest.fixture(autouse=True)
def indexes() -> Iterator[None]:
    """Forget which indexes models had."""
    yield
    _indexes_on.cache_clear()


class LabelSerializer(serializers.ModelSerializer):
    class Meta:
        model = Label
        fields = ("id", "name", "secret")


class ManyLabelsViewSet(ReadOnlyResourceViewSet):
    queryset = Label.objects.all()
    serializer_class = LabelSerializer
    policy = anyone
    filterset_fields = ("id", "name", "secret")
    search_fields = ("name",)
    ordering_fields = ("id", "name")


class LostViewSet(CityViewSet):
    def get_queryset(self):
        raise LookupError(self.action)


@pytest.fixture
def many_labels(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a table that is not small, and have the database know."""
    Label.objects.bulk_create(Label(id=1 + at, name=f"label {at % 3000:04}") for at in range(ROWS))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE specimens_label")
    table_size.forget()
    monkeypatch.setattr(surveys, "FINE", 1000)
    monkeypatch.setattr(REGISTRY, "every", {ManyLabelsViewSet.resource_type(): None})
    yield
    table_size.forget()


@pytest.fixture
def small_world(world: World) -> World:
    table_size.forget()
    return world


def printed(*words: str) -> list[str]:
    out = io.StringIO()
    call_command("explain", *words, stdout=out, no_color=True)
    return out.getvalue().splitlines()


def found(done: Survey) -> dict[tuple[str, str], str | None]:
    """Return the proposals by what was asked."""
    return {(each.trial.filtered, each.trial.ordered): str(each.proposal) for each in done.findings}


def test_what_no_index_serves_is_found_with_the_index_that_would(many_labels: None):
    asked = found(survey([ManyLabelsViewSet.resource_type()], seconds=60))
    assert {key: asked.get(key) for key in WANTED} == WANTED
    assert not [key for key in asked if key[0] in ("id", "id__in", "id__gt", "id__lt") and key[1] != "name"]


BY_NAME = 'models.Index(fields=["name", "id"], name="label_name")'
WANTED = {
    ("name", ""): BY_NAME,
    ("name__in", ""): BY_NAME,
    ("", "name"): BY_NAME,
    ("name__iexact", ""): 'FoldedIndex("name", name="label_name_folded")',
    ("name__icontains", "name"): 'TrigramIndex("name", name="label_name_trigrams")',
    ("search", ""): 'SearchIndex("name", name="label_name_search")',
    ("secret", ""): 'models.Index(fields=["secret", "id"], name="label_secret")',
    ("secret", "name"): 'models.Index(fields=["secret", "name", "id"], name="label_secret_name")',
}


def test_the_worst_comes_first_with_its_numbers(many_labels: None):
    findings = survey([ManyLabelsViewSet.resource_type()], seconds=60).findings
    assert findings[0].reading.rows >= ROWS
    ratios = [each.reading.each for each in findings if each.reading]
    assert ratios == sorted(ratios, reverse=True)
    assert all(ratio > 100 for ratio in ratios)


def test_what_reads_few_rows_in_all_is_fine(many_labels: None, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(surveys, "FINE", ROWS)
    asked = found(survey([ManyLabelsViewSet.resource_type()], seconds=60))
    assert ("secret", "name") not in asked
    assert ("secret", "") in asked  # since it has no index


def test_an_index_takes_its_finding_away(many_labels: None, monkeypatch: pytest.MonkeyPatch):
    with connection.cursor() as cursor:
        cursor.execute("CREATE INDEX label_name ON specimens_label (name, id)")
        cursor.execute("ANALYZE specimens_label")
    monkeypatch.setattr(Label._meta, "indexes", [Index(fields=["name", "id"], name="label_name")])
    asked = found(survey([ManyLabelsViewSet.resource_type()], seconds=60))
    assert not asked.keys() & {("name", ""), ("name__in", ""), ("", "name")}
    assert ("name__iexact", "") in asked


def test_nothing_is_run(many_labels: None):
    with CaptureQueriesContext(connection) as queries:
        done = survey([ManyLabelsViewSet.resource_type()], seconds=60)
    pages = [each["sql"] for each in queries if "LIMIT 51" in each["sql"]]
    assert len(pages) == done.tried > 50
    assert all(sql.startswith("EXPLAIN") for sql in pages)


def test_when_time_is_over_it_says_what_is_left_out(many_labels: None):
    lines = printed("--all", "--seconds", "0")
    assert [line for line in lines if "because 0 seconds were over" in line]
    assert lines[-1].startswith("0 lists explained, 0 have no index")


def test_a_check_fails_where_a_large_table_lacks_an_index(many_labels: None, capsys: pytest.CaptureFixture[str]):
    out = io.StringIO()
    with pytest.raises(SystemExit) as end:
        call_command("explain", "labels", "--check", stdout=out, no_color=True)
    assert end.value.code == 1
    text = out.getvalue()
    assert "labels?name__iexact=" in text
    assert "\nMeta.indexes of Label:\n" in text
    assert f"    {BY_NAME},  # serves " in text


def test_what_the_sample_offers_has_an_index_or_is_known_to_have_none(small_world: World):
    """Whatever its tables hold."""
    lines = printed("--check", *SAMPLE)
    assert lines[-1].endswith(" 0 of them by one filter or ordering.")
    assert not [line for line in lines if line.startswith("needless")]
    assert {line.split()[3].rstrip(",") for line in lines if line.startswith("known")} == {
        "countries",
        "currencies",
        "languages",
        "subdivisions",
    }


def test_one_that_has_none_is_found_while_its_table_is_small(small_world: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(City._meta, "indexes", [each for each in City._meta.indexes if each.fields != ["timezone"]])
    _indexes_on.cache_clear()
    out = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("explain", "cities", "--check", stdout=out, no_color=True)
    lines = out.getvalue().splitlines()
    assert [line for line in lines if line.startswith("cities?timezone__icontains=") and "rows today)" in line]
    assert '    TrigramIndex("timezone", name="city_timezone_trigrams"),  # serves 4' in lines
    assert not [line for line in lines if line.startswith("cities?name")]


class KnownViewSet(ManyLabelsViewSet):
    unindexed = ("secret", "ordering=name", "id", "nonsense")


def test_what_a_viewset_says_is_not_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(REGISTRY, "every", {KnownViewSet.resource_type(): None})
    done = survey([KnownViewSet.resource_type()], seconds=60)
    assert done.known == {"labels": 2}
    assert not found(done).keys() & {("secret", ""), ("", "name")}
    assert done.needless == ["KnownViewSet: id", "KnownViewSet: nonsense"]
    with pytest.raises(SystemExit):
        printed("--check", "labels")


def test_code_that_fails_is_left_out_with_the_reason(small_world: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(surveys, "MANY", 1)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE places_city")  # which autovacuum may have seen when it was empty
    done = survey([LostViewSet.resource_type()], seconds=60)
    assert done.left_out == {"cities": "its own code fails in a plain request: LookupError('list')"}


def test_a_table_without_rows_is_no_finding(db: None):
    Stop.objects.all().delete()
    table_size.forget()
    resources = [each for each in REGISTRY.every if each.plural == "stops"]
    assert [each for each in survey(resources, seconds=60).findings if each.trial.filtered] == []
