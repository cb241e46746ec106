"""Text lookups answer as Python does, on both databases: case and accents folded, patterns taken letter for letter."""

import sys
import unicodedata

import pytest
from django.db import connection
from django.db.models import F
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from resources.core.text import fold, fold_case
from resources.places.models import Currency

pytestmark = pytest.mark.django_db

# Letters that fold in every way Unicode knows, and what LIKE and regular expressions take for more than a letter.
AWKWARD = "aAbBéÉeE\u0301ßẞSsſıİiIΣσςßﬁﬀ%_\\*?.[](){}^$+|'\"Åå\u212b\u212aKk日本ａＡ½①\u0345\u1fb3ŉn\u200d🇫👨 -’'"  # noqa: RUF001
# What Python knows: letters that Unicode added since may fold in the database, and not in Python.
KNOWN = st.characters(exclude_categories=["Cs", "Cn", "Cc"])
TEXTS = st.text(st.one_of(st.sampled_from(AWKWARD), KNOWN), max_size=6)

LOOKUPS = {
    "holds": lambda text, pattern: pattern in text,
    "begins": lambda text, pattern: text.startswith(pattern),
    "ends": lambda text, pattern: text.endswith(pattern),
    "exact": lambda text, pattern: text == pattern,
}
FOLDS = {"": str, "fold__": fold, "fold_case__": fold_case}


@pytest.fixture
def one_row(db):
    """A row whose name every example changes."""
    Currency.objects.create(id="XXX", name="", symbol="", decimals=0)
    return Currency.objects.filter(pk="XXX")


@pytest.mark.parametrize("folding", FOLDS)
@pytest.mark.parametrize("lookup", LOOKUPS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=TEXTS, pattern=TEXTS, cut=st.slices(6))
@example(text="100%", pattern="0%", cut=slice(0))
@example(text="a_b", pattern="a-b", cut=slice(0))
@example(text="a\\b", pattern="\\b", cut=slice(0))
@example(text="Straße", pattern="STRASSE", cut=slice(0))
@example(text="Saint-Étienne", pattern="SAINT-ETIENNE", cut=slice(0))
@example(text="", pattern="", cut=slice(0))
@example(text="b", pattern="ab", cut=slice(0))
@example(text="ὈΔΥΣΣΕΎΣ", pattern="ὀδυσσεύς", cut=slice(0))
@example(text="İstanbul", pattern="i", cut=slice(0))
def test_it_answers_as_python_does(one_row, folding, lookup, text, pattern, cut):
    folds, holds = FOLDS[folding], LOOKUPS[lookup]
    one_row.update(name=text)
    for wanted in (pattern, text[cut], text.swapcase(), fold(text)):
        found = one_row.filter(**{f"name__{folding}{lookup}": wanted}).exists()
        assert found == holds(folds(text), folds(wanted)), (text, wanted)


@pytest.mark.parametrize("lookup", ["holds", "begins", "ends", "exact"])
@pytest.mark.parametrize("folding", ["fold__", "fold_case__"])
def test_a_letter_meets_itself_even_when_python_does_not_know_it(one_row, folding, lookup):
    letter = chr(0xA7CB)  # Latin capital letter rams horn, Unicode 16.0
    one_row.update(name=letter)
    assert one_row.filter(**{f"name__{folding}{lookup}": letter}).exists()


def test_every_letter_that_python_knows_folds_alike(db, vendor):
    if vendor != "postgresql":
        pytest.skip("SQLite folds with Python")
    letters = [c for c in map(chr, range(1, sys.maxunicode)) if unicodedata.category(c) not in ("Cn", "Cs", "Co")]
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT letter, CASEFOLD(letter COLLATE "pg_unicode_fast"),
                CASEFOLD(REGEXP_REPLACE(NORMALIZE(letter, NFKD), '[\u0300-\u036f]', '', 'g') COLLATE "pg_unicode_fast")
            FROM UNNEST(%s::text[]) AS letter""",
            [letters],
        )
        differing = [letter for letter, case, both in cursor if (case, both) != (fold_case(letter), fold(letter))]
    assert differing == []


def test_null_is_neither_a_match_nor_none(one_row):
    one_row.update(numeric=None)
    for lookup in LOOKUPS:
        for folding in FOLDS:
            condition = {f"numeric__{folding}{lookup}": ""}
            assert not one_row.filter(**condition).exists()


def test_a_column_can_be_the_pattern(one_row):
    one_row.update(name="Saint-Étienne", symbol="ETIENNE")
    assert one_row.filter(name__fold__ends=F("symbol")).exists()
    assert not one_row.filter(name__fold_case__ends=F("symbol")).exists()


def test_a_pattern_is_folded_once_for_the_statement(vendor):
    sql, _ = Currency.objects.filter(name__fold__holds="É").query.sql_with_params()
    assert "(SELECT " in str(Currency.objects.filter(name__fold__holds="É").query) or vendor == "sqlite"
    assert sql.count("%s") == 1


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(TEXTS, min_size=2, max_size=8, unique=True))
@example(names=["a", "B", "É", "e", "Z", "z", "\U0001f600", "\uffee", "-a", " a", ""])
def test_texts_sort_by_code_point(names):
    Currency.objects.bulk_create(
        Currency(id=f"{place:03}", name=name, symbol="", decimals=0) for place, name in enumerate(names)
    )
    assert list(Currency.objects.order_by("name").values_list("name", flat=True)) == sorted(names)
    assert list(Currency.objects.order_by("-name").values_list("name", flat=True)) == sorted(names, reverse=True)
    middle = sorted(names)[len(names) // 2]
    assert set(Currency.objects.filter(name__gt=middle).values_list("name", flat=True)) == {
        name for name in names if name > middle
    }
    Currency.objects.all().delete()


def test_an_index_serves_the_ordering(vendor):
    with connection.cursor() as cursor:
        if vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
        query = Currency.objects.order_by("name", "id").values("name", "id")
        cursor.execute(f"{'EXPLAIN QUERY PLAN' if vendor == 'sqlite' else 'EXPLAIN'} {query.query}")
        assert "currency_name" in str(cursor.fetchall())
