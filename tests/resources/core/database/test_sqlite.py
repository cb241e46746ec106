"""A migrated SQLite file keeps a write-ahead log: a reader and the writer do not wait for each other."""

import sqlite3
from urllib.parse import urlsplit

import pytest
from django.db import transaction

from resources.places.models import Currency
from tests.threads import together


@pytest.fixture(autouse=True)
def on_sqlite(vendor):
    if vendor != "sqlite":
        pytest.skip("about SQLite alone")


def test_migrating_is_enough(new_database):
    with sqlite3.connect(urlsplit(new_database()).path[1:]) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


@pytest.mark.django_db(transaction=True)
def test_a_reader_does_not_wait_for_the_writer():
    with transaction.atomic():
        Currency.objects.create(id="EUR", name="Euro", symbol="€", decimals=2)
        assert together(Currency.objects.count) == [0]
    assert together(Currency.objects.count) == [1]
