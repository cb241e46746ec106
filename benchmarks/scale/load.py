"""`make scale`: loads a database as large as people's own, by SQL, and writes down the keys of those who ask it.

It goes into var/benchmarks/scale, or into the database that `--url` names, which must hold nothing of it yet. What
costs time is left out until the end: indexes and triggers are made when the rows are there, and SQLite keeps no journal
meanwhile, so a load that was cut short begins anew.
"""

import argparse
import contextlib
import json
import sqlite3
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from benchmarks import data
from benchmarks.data import Database, connected, manage
from benchmarks.scale import rows
from benchmarks.scale.rows import DIALECTS, Sizes

FOLDER = data.FOLDER / "scale"
STEP = 200_000
"""Rows in one statement, so that the bar moves."""
ASKING = {"new": rows.NEW, "some": rows.SOME, "many": rows.MANY, "owner": rows.FIRST_OWNER}
"""Who asks later, and which person that is."""
MARK = "scale-{}"
"""The name under which the load is noted beside the sample data."""

KEYS = """
import json
from resources.accounts.models import Person
from resources.core.api_keys.models import ApiKey
people = json.loads('{}')
print(json.dumps({{name: ApiKey.objects.issue(Person.objects.get(email=email)) for name, email in people.items()}}))
"""

IN_HASTE = {
    "sqlite": [
        "PRAGMA journal_mode = OFF",
        "PRAGMA synchronous = OFF",
        "PRAGMA locking_mode = EXCLUSIVE",
        "PRAGMA cache_size = -1500000",
        "PRAGMA temp_store = MEMORY",
        "PRAGMA threads = 2",
    ],
    "postgresql": [
        "SET synchronous_commit = off",
        "SET maintenance_work_mem = '1GB'",
        "SET work_mem = '256MB'",
        "SET max_parallel_maintenance_workers = 2",
        # neither triggers nor foreign keys: the rows are made to hold to them
        "SET session_replication_role = replica",
    ],
}

# What is set aside: triggers (on PostgreSQL they sleep, see above), and the indexes that are no constraint's.
SET_ASIDE = {
    "sqlite": "SELECT type, name, sql FROM sqlite_master WHERE tbl_name = '{}' AND sql IS NOT NULL "
    "AND type IN ('index', 'trigger')",
    "postgresql": "SELECT 'index', indexname, indexdef FROM pg_indexes WHERE tablename = '{}' "
    "AND indexname NOT IN (SELECT conname FROM pg_constraint)",
}
AT_THE_END = {"sqlite": ["ANALYZE", "PRAGMA journal_mode = WAL"], "postgresql": ["VACUUM ANALYZE"]}


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="make scale", description=__doc__)
    parser.add_argument("--database", choices=OPEN, default="postgresql")
    parser.add_argument("--rows", type=int, default=rows.CITIES, help="cities beside those of the sample data")
    add_place(parser)
    return parser.parse_args()


def add_place(parser: argparse.ArgumentParser) -> None:
    """Offer to take another place than the usual one."""
    parser.add_argument("--url", help="take this database, instead of one in the folder")
    parser.add_argument(
        "--folder", type=Path, default=FOLDER, help="where databases and keys are kept; var/benchmarks/scale by default"
    )


def main() -> None:
    """Load, unless that was done, and say how long it took."""
    chosen = arguments()
    with opened(chosen.database, chosen.url, chosen.folder) as database:
        began = time.monotonic()
        if loaded(database) == chosen.rows:
            sys.stderr.write("It is loaded already.\n")
        elif loaded(database) is not None:
            raise SystemExit(f"{database.url} holds {loaded(database):,} rows: remove it, or take another.")
        else:
            load(database, Sizes(chosen.rows))
            write_keys(database, chosen.folder)
            kept_beside(database, chosen.folder, "values").unlink(missing_ok=True)  # those of other data
            sys.stderr.write(f"Loaded in {time.monotonic() - began:.0f} seconds: {database.url}\n")


def kept_beside(database: Database, folder: Path, what: str) -> Path:
    """Return the file that keeps something about a database."""
    return folder / f"{Path(urlsplit(database.url).path).name}.{what}.json"


def loaded(database: Database) -> int | None:
    """Return how many cities a database was loaded with; None where it was not, or not to the end."""
    with contextlib.suppress(Exception):  # there are no tables
        for (mark,) in database.run("SELECT id FROM places_sampledata WHERE id LIKE 'scale-%'"):
            return int(mark.rpartition("-")[2])
    return None


@contextlib.contextmanager
def opened(kind: str, url: str | None, folder: Path) -> Iterator[Database]:
    """Open the database of a kind in a folder, or another by its URL."""
    folder.mkdir(parents=True, exist_ok=True)
    if url:
        kind = "sqlite" if urlsplit(url).scheme == "sqlite" else "postgresql"
        yield Database(kind, url, version(kind, url))
    else:
        with OPEN[kind](folder) as database:
            yield database


def version(kind: str, url: str) -> str:
    """Return what a database calls itself."""
    if kind == "sqlite":
        return f"SQLite {sqlite3.sqlite_version}"
    return f"PostgreSQL {Database(kind, url, '').run('SHOW server_version')[0][0].split()[0]}"


@contextlib.contextmanager
def sqlite(folder: Path) -> Iterator[Database]:
    """Open the file; one that was not loaded to the end is removed."""
    file = folder.resolve() / "sqlite.db"
    database = Database("sqlite", f"sqlite:///{file}", version("sqlite", ""))
    if loaded(database) is None:
        for path in folder.glob("sqlite.db*"):
            path.unlink()
    yield database


@contextlib.contextmanager
def postgresql(folder: Path) -> Iterator[Database]:
    """Start PostgreSQL; a database that was not loaded to the end is removed."""
    with data.started(folder / "postgresql") as url:
        database = Database("postgresql", url, version("postgresql", url))
        if loaded(database) is None:
            database.run("DROP SCHEMA public CASCADE")
            database.run("CREATE SCHEMA public")
        yield database


OPEN = {"sqlite": sqlite, "postgresql": postgresql}


def load(database: Database, sizes: Sizes) -> None:
    """Load everything into a database that has none of it."""
    manage(database.url, "migrate", "--verbosity", "0")
    manage(database.url, "load")
    dialect = DIALECTS[database.kind]
    with connected(database.url) as connection:
        for statement in (*IN_HASTE[database.kind], *rows.BASES):
            connection.execute(statement)
        if database.kind == "postgresql":
            connection.execute("ANALYZE base_city, base_large, base_airport, base_currency")
        (base,) = connection.execute("SELECT count(*) FROM base_city").fetchone()
        for table in rows.tables(sizes, dialect, base):
            fill(connection, database.kind, table)
        mark = MARK.format(sizes.cities)
        connection.execute(f"INSERT INTO places_sampledata VALUES ('{mark}', {dialect.moment('0')})")
        with display("statistics", 1) as advance:
            for statement in AT_THE_END[database.kind]:
                connection.execute(statement)
            advance(1)


def fill(connection: Any, kind: str, table: rows.Table) -> None:
    """Insert the rows of a table, without its indexes and triggers, and make those again."""
    aside = connection.execute(SET_ASIDE[kind].format(table.name)).fetchall()
    for what, name, _ in aside:
        connection.execute(f'DROP {what} "{name}"')
    with display(table.name, table.rows) as advance:
        for first in range(0, table.numbers, STEP):
            last = min(first + STEP, table.numbers) - 1
            advance(connection.execute(table.statement(first, last)).rowcount)
    with display(f"indexes of {table.name}", len(aside)) as advance:
        for _, _, sql in aside:
            connection.execute(sql)
            advance(1)


def display(name: str, count: int) -> contextlib.AbstractContextManager[Any]:
    """Open the display that loading the sample data has: a bar for people, lines for logs."""
    from resources.places.management.commands.load import bar, line

    return (bar if sys.stderr.isatty() else line)(name, count)


def write_keys(database: Database, folder: Path) -> None:
    """Make the keys of those who ask, for nobody else to read."""
    people = {name: rows.email(number) for name, number in ASKING.items()}
    made = manage(database.url, "shell", "--no-imports", "--command", KEYS.format(json.dumps(people)))
    file = kept_beside(database, folder, "keys")
    file.touch(mode=0o600)
    file.write_text(made.splitlines()[-1])


if __name__ == "__main__":
    main()
