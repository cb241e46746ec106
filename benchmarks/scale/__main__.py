"""`make bench-scale`: asks everything that the contract offers of a large database, and tells what takes longest.

`make scale` loads it. One process serves, with one thread, so that plans which a connection has prepared come to be
used; each question is asked 20 times, and by hand-written SQL in turns with it. What goes over the time budget is asked
once. What is offered alone comes first, then the pairs as if drawn by lot, until the time is up.
"""

import argparse
import contextlib
import datetime
import json
import sys
import time
from collections.abc import Iterator
from typing import Any

from benchmarks.data import Database
from benchmarks.peers import LIMIT
from benchmarks.scale import contract, questions, report
from benchmarks.scale.asking import Asker
from benchmarks.scale.load import ASKING, DIALECTS, OPEN, display, keys_file, loaded, opened
from benchmarks.scale.rows import PERSON
from benchmarks.serving import free_port, serve

SECONDS = 450
BUDGET = 2.0


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="make bench-scale", description=__doc__)
    parser.add_argument("--database", choices=OPEN, help="ask one database; both when not given")
    parser.add_argument("--url", help="ask this one, which `make scale` has loaded")
    parser.add_argument("--only", help="ask for some resources, such as trips,members")
    parser.add_argument("--shape", help="ask what has this in its shape, such as name__icontains")
    parser.add_argument("--limit-seconds", type=float, default=SECONDS, help="how long to ask a database")
    parser.add_argument("--budget", type=float, default=BUDGET, help="seconds after which the server gives up (503)")
    parser.add_argument("--write", action="store_true", help="write README.md, also when a part was asked")
    return parser.parse_args()


def main() -> None:
    """Ask, print, and where nothing was left out, write the README."""
    chosen = arguments()
    for kind in [chosen.database] if chosen.database or chosen.url else OPEN:
        with opened(kind, chosen.url) as database:
            rows = loaded(database)
            if rows is None:
                raise SystemExit(f"{database.url} is not loaded: make scale DATABASE={database.kind}")
            found = about(database, rows, chosen) | {"asked": list(ask(database, chosen))}
        sys.stdout.write(report.section([found]))
        if chosen.write or not (chosen.only or chosen.shape):
            report.kept(database.kind).write_text(json.dumps(found))
            report.write()


def about(database: Database, rows: int, chosen: argparse.Namespace) -> dict[str, Any]:
    """Return what was asked."""
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    return {"kind": database.kind, "version": database.version, "date": today, "rows": rows, "budget": chosen.budget}


def ask(database: Database, chosen: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Ask until there is nothing more, or the time is up; tell each question with its answer."""
    values = keys_file(database).with_suffix("").with_suffix(".values.json")
    only = chosen.only.split(",") if chosen.only else contract.RESOURCES
    offers = contract.offers(database.url, values)
    asked = [each for each in questions.drawn(offers, only) if (chosen.shape or "") in each.shape]
    with serving(database, chosen.budget) as url:
        keys = json.loads(keys_file(database).read_text())
        asker = Asker(url, database, keys, people(database), chosen.budget)
        asker.get("/v1/countries", "some")  # what is done once for a process
        until = time.monotonic() + chosen.limit_seconds
        with display("requests", len(asked)) as advance:
            for question in asked:
                answer = asker.answer(question) if time.monotonic() < until else None
                advance(1)
                yield report.told(question, answer) | {"left_out": time.monotonic() >= until and answer is None}


def people(database: Database) -> dict[str, str]:
    """Return who asks: their keys in the database."""
    dialect = DIALECTS[database.kind]
    return {
        name: str(database.run(f"SELECT {dialect.key(f'CAST({number} AS bigint)', PERSON)}")[0][0])
        for name, number in ASKING.items()
    }


@contextlib.contextmanager
def serving(database: Database, budget: float) -> Iterator[str]:
    """Serve a database as it is served to people, but for the limits, which one asker alone would meet."""
    port = free_port()
    command = [sys.executable, "manage.py", "serve", "--port", str(port)]
    environment = {
        **database.environment,
        "LIMIT_ACTOR": LIMIT,
        "LIMIT_ANONYMOUS": LIMIT,
        "THREADS": "1",
        "TIME_BUDGET": str(budget),
        "WORK_BUDGET": "60",
    }
    with serve(command, environment, port) as server:
        yield server.url


if __name__ == "__main__":
    main()
