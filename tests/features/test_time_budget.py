"""A statement that takes too long is broken off, on both databases, and answered with 503 and `Retry-After`."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connection, transaction

from api.trips import TripViewSet
from resources.core import budget
from resources.places.models import Country
from tests.client import Client
from tests.databases import ROOT
from tests.world import World, key

SLOW = {
    "sqlite": "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 3e8) SELECT count(*) FROM n",
    "postgresql": "SELECT pg_sleep(20)",
}
PROCESS = """
import time, django
django.setup()
from django.db import OperationalError, connection
from resources.core.budget import is_over
began = time.monotonic()
try:
    with connection.cursor() as cursor:
        cursor.execute({slow!r})
        cursor.fetchall()
except OperationalError as error:
    print(is_over(error), time.monotonic() - began < 15)
with connection.cursor() as cursor:
    cursor.execute("SELECT 1")
    print(cursor.fetchone())
"""


@pytest.fixture
def quick(settings: Any, vendor: str, db: None) -> None:
    """Give statements a fifth of a second: on PostgreSQL, for as long as the test's transaction lasts."""
    settings.TIME_BUDGET = 0.2
    if vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 200")


def run_slowly(vendor: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(SLOW[vendor])
        cursor.fetchall()


def test_it_works(
    api: Client, world: World, quick: None, vendor: str, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    monkeypatch.setattr(TripViewSet, "refuse_nobody", lambda *_: run_slowly(vendor))
    owner, began = api.acting_for(world.owner), time.monotonic()
    answer = owner.get(f"/v1/trips/{key(10)}")
    assert time.monotonic() - began < 15
    assert answer.status == 503
    assert answer.headers["Retry-After"] == "1"
    assert answer.json["detail"].startswith("The database was given 0.2 s for a statement")
    assert owner.get("/v1/stops").status == 200  # the connection goes on


def test_many_quick_statements_are_no_slow_one(quick: None) -> None:
    until = time.monotonic() + 0.5
    while time.monotonic() < until:
        Country.objects.count()


def test_a_write_that_is_broken_off_leaves_nothing(world: World, quick: None, vendor: str) -> None:
    def change_slowly() -> None:
        with transaction.atomic():
            Country.objects.update(capital="Changed")
            run_slowly(vendor)

    with pytest.raises(OperationalError):
        change_slowly()
    assert not Country.objects.filter(capital="Changed").exists()


def test_a_process_keeps_the_time_from_its_first_connection_on(new_database: Callable[..., str], vendor: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROCESS.format(slow=SLOW[vendor])],
        env=os.environ
        | {"DATABASE_URL": new_database(), "TIME_BUDGET": "0.3", "DJANGO_SETTINGS_MODULE": "api.settings"},
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.stdout.splitlines() == ["True True", "(1,)"], done.stderr


def test_how_it_is_written() -> None:
    assert [budget.seconds(text) for text in ("10", "0.5", "off")] == [10, 0.5, None]
    for text in ("", "0", "-1", "nan", "inf", "soon", "10s", "86401"):
        with pytest.raises(ImproperlyConfigured, match="TIME_BUDGET is"):
            budget.seconds(text)
