"""A server starts only where the journal would miss nothing that is written."""

import os
import subprocess
import sys
from collections.abc import Callable
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.databases import ROOT, URL, manage

STARTS = {
    "asgi": (sys.executable, "-m", "uvicorn", "api.asgi:application", "--port", "0"),
    "wsgi": (sys.executable, "-c", "import api.wsgi"),
}


def execute(url: str, sqlite: str, postgresql: str) -> None:
    """Run a statement in a database, as another program."""
    if url.startswith("sqlite"):
        import sqlite3

        with sqlite3.connect(urlsplit(url).path[1:]) as connection:
            connection.execute(sqlite)
    else:
        with psycopg.connect(url) as connection:
            connection.execute(postgresql)


@pytest.mark.parametrize("way", STARTS)
def test_missing_triggers_keep_a_server_from_starting(new_database: Callable[..., str], way: str) -> None:
    url = new_database()
    execute(url, "DROP TRIGGER trips_trip_journal_delete", "DROP TRIGGER headwater_journal ON trips_trip")
    done = subprocess.run(
        STARTS[way], env=os.environ | {URL: url}, cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    said = done.stdout + done.stderr
    assert done.returncode != 0, said
    assert "not of this version, on trips_trip" in said
    assert "manage.py migrate" in said
    manage(url, "migrate")
    if way == "wsgi":
        done = subprocess.run(STARTS[way], env=os.environ | {URL: url}, cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
