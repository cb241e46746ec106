"""`manage.py load`: the real data, whole, once."""

import re
from contextlib import nullcontext
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, models, transaction
from django.test.utils import CaptureQueriesContext

from resources.places.models import Airport, City, Country, Currency, Language, SampleData, Subdivision
from resources.places.samples.loading import TABLES, load
from resources.places.samples.sources import Sources

COUNTS = {Country: 252, Currency: 155, Language: 275, Subdivision: 5046, City: 34006, Airport: 28403}


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker):
    """The whole of it, put in once for the tests below, and taken out after them."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield loads()
        transaction.set_rollback(True)


def loads(**options):
    """Run the command and return what it says and how many statements it takes."""
    said = StringIO()
    with CaptureQueriesContext(connection) as statements:
        call_command("load", stderr=said, **options)
    return said.getvalue(), len(statements)


def test_it_loads_everything(loaded):
    assert {model: model.objects.count() for model in COUNTS} == COUNTS


def test_a_second_run_says_so_at_once_and_changes_nothing(loaded):
    before = list(City.objects.order_by("id").values_list("id", "revision", "updated_at")[:100])
    said, statements = loads()
    assert said == "The sample data is loaded already.\n"
    assert statements < 5
    assert list(City.objects.order_by("id").values_list("id", "revision", "updated_at")[:100]) == before


def test_another_run_adds_what_is_missing_and_leaves_the_rest_alone(loaded):
    with transaction.atomic():
        SampleData.objects.all().delete()
        City.objects.filter(pk=2988507).delete()
        Country.objects.filter(pk="FR").update(name="Gaul")
        loads()
        assert City.objects.get(pk=2988507).name == "Paris"
        assert Country.objects.get(pk="FR").name == "Gaul"
        assert {model: model.objects.count() for model in COUNTS} == COUNTS
        transaction.set_rollback(True)


def test_no_reference_leads_nowhere(loaded):
    connection.check_constraints()
    for model in COUNTS:
        for field in model._meta.concrete_fields:
            if isinstance(field, models.ForeignKey):
                targets = field.related_model.objects.values("pk")
                dangling = model.objects.exclude(**{f"{field.name}__in": targets}).exclude(**{field.name: None})
                assert not dangling.exists(), field


@pytest.mark.parametrize(
    ("city", "subdivision"),
    [
        (2988507, "FR-IDF"),  # Paris; by GeoNames' number it would be FR-11, the Aude
        (2867714, "DE-BY"),  # Munich
        (3169070, "IT-62"),  # Rome
        (1850147, "JP-13"),  # Tokyo; GeoNames' number is 40
        (3530597, "MX-CMX"),  # Mexico City
        (6167865, "CA-ON"),  # Toronto
        (2147714, "AU-NSW"),  # Sydney
        (3448439, "BR-SP"),  # São Paulo
        (1275339, "IN-MH"),  # Mumbai
        (2747891, "NL-ZH"),  # Rotterdam
        (2761369, "AT-9"),  # Vienna
        (3117735, "ES-MD"),  # Madrid
        (5128581, "US-NY"),
        (2643743, "GB-ENG"),  # London
        (745044, None),  # Istanbul: a number that nobody translates
    ],
)
def test_a_city_lies_in_the_subdivision_of_iso(loaded, city, subdivision):
    assert City.objects.get(pk=city).subdivision_id == subdivision


def test_cities_and_their_subdivisions_lie_in_one_country(loaded):
    for model in (City, Airport):
        assert not model.objects.exclude(subdivision=None).exclude(subdivision__country=models.F("country")).exists()


def test_an_airport_is_whole(loaded):
    airport = Airport.objects.get(pk="LFPG")
    assert (airport.iata, airport.country_id, airport.subdivision_id) == ("CDG", "FR", "FR-IDF")
    assert (airport.elevation, airport.timezone, airport.latitude) == (392, "Europe/Paris", 49.0128)


def test_what_is_not_known_is_null(loaded):
    assert Airport.objects.get(pk="YYWA").elevation is None
    assert not Airport.objects.filter(iata="").exists()
    assert Country.objects.get(pk="XK").numeric is None
    assert Country.objects.get(pk="AQ").currency is None


def test_a_withdrawn_currency_is_there_for_the_country_that_names_it(loaded):
    currency = Country.objects.get(pk="BG").currency
    assert (currency.id, currency.name, currency.numeric) == ("BGN", "Bulgarian Lev", None)


def test_a_country_has_one_capital_at_most(loaded):
    capitals = City.objects.filter(is_capital=True)
    assert capitals.count() == capitals.values("country").distinct().count() == 242
    assert capitals.get(country="US").subdivision_id == "US-DC"
    assert capitals.get(country="KZ").name == "Astana"  # GeoNames' country still says Nur-Sultan


def test_languages_of_a_country(loaded):
    spoken = Country.objects.get(pk="US").languages.values_list("id", "alpha_3", "name")
    assert set(spoken) == {
        ("en", "eng", "English"), ("es", "spa", "Spanish"), ("fr", "fra", "French"), ("haw", "haw", "Hawaiian"),
    }  # fmt: skip


def test_texts_carry_no_blanks_at_their_ends(loaded):
    for model in COUNTS:
        for field in model._meta.concrete_fields:
            if isinstance(field, models.CharField):
                assert not model.objects.filter(**{f"{field.name}__regex": r"^\s|\s$"}).exists(), field


def test_statistics_are_gathered(loaded, vendor):
    with connection.cursor() as cursor:
        if vendor == "sqlite":
            cursor.execute("SELECT count(*) FROM sqlite_stat1 WHERE tbl = 'places_city'")
        else:
            cursor.execute("SELECT reltuples FROM pg_class WHERE relname = 'places_city'")
        assert cursor.fetchone()[0] > 0


def test_one_line_a_table_where_nobody_watches(capsys, db, monkeypatch):
    monkeypatch.setattr(Sources, "cities", ())
    monkeypatch.setattr(Sources, "airports", ())
    call_command("load")
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == len(TABLES)
    assert re.fullmatch(r"countries: 252 rows", lines[2])


def test_a_bar_a_table_where_somebody_watches(capsys, db, monkeypatch):
    monkeypatch.setattr(Sources, "cities", ())
    monkeypatch.setattr(Sources, "airports", ())
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    call_command("load")
    out, err = capsys.readouterr()
    assert out == ""
    assert "subdivisions: 100%" in err
    assert "5046/5046" in err


def test_all_or_nothing(db, monkeypatch):
    monkeypatch.setattr(Sources, "cities", [{"countrycode": "??"}])
    with pytest.raises(KeyError):
        load(Sources(15000), lambda table, rows: nullcontext(lambda more: None))
    assert not Country.objects.exists()


def test_a_set_of_cities_that_is_not_on_offer_is_refused(db):
    with pytest.raises(CommandError, match="invalid choice"):
        call_command("load", "--cities", "7")
