"""`make bench-scale`: asks everything that the contract offers of a large database, and tells what takes longest.

`make scale` loads it. One process serves, with one thread, so that plans which a connection has prepared come to be
used; each question is asked 20 times, and by hand-written SQL in turns with it. What goes over the time budget is asked
once. What is offered alone and in pairs is asked as if drawn by lot, the same lot in each run, until the time is up.
"""

import argparse
import contextlib
import datetime
import json
import os
import sys
import time
from collections.abc import Iterator
from typing import Any

from benchmarks.data import Database
from benchmarks.peers import LIMIT
from benchmarks.scale import contract, questions, report
from benchmarks.scale.asking import EXPORTS, Asker, exported
from benchmarks.scale.load import ASKING, DIALECTS, OPEN, add_place, display, kept_beside, loaded, opened
from benchmarks.scale.rows import PERSON
from benchmarks.serving import Server, free_port, serve

SECONDS = 450
BUDGET = 1.0


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="make bench-scale", description=__doc__)
    parser.add_argument("--database", choices=OPEN, help="ask one database; both when not given")
    add_place(parser)
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
        with opened(kind, chosen.url, chosen.folder) as database:
            rows = loaded(database)
            if rows is None:
                raise SystemExit(f"{database.url} is not loaded: make scale DATABASE={database.kind}")
            found = about(database, rows, chosen) | ask(database, chosen)
        sys.stdout.write(report.section([found]))
        if chosen.write or not (chosen.only or chosen.shape):
            report.kept(database.kind).write_text(json.dumps(found))
            report.write()


def about(database: Database, rows: int, chosen: argparse.Namespace) -> dict[str, Any]:
    """Return what was asked."""
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    return {"kind": database.kind, "version": database.version, "date": today, "rows": rows, "budget": chosen.budget}


def ask(database: Database, chosen: argparse.Namespace) -> dict[str, Any]:
    """Ask until there is nothing more, or the time is up; return each question with its answer, and the exports."""
    only = chosen.only.split(",") if chosen.only else contract.RESOURCES
    offers = contract.offers(database.url, kept_beside(database, chosen.folder, "values"))
    all_of_it = [each for each in questions.drawn(offers, only) if (chosen.shape or "") in each.shape]
    with serving(database, chosen.budget) as server:
        keys = json.loads(kept_beside(database, chosen.folder, "keys").read_text())
        asker = Asker(server.url, database, keys, people(database), chosen.budget)
        asker.get("/v1/countries", "some")  # what is done once for a process
        exports = [] if chosen.only or chosen.shape else [exported(server, each) for each in EXPORTS]
        until = time.monotonic() + chosen.limit_seconds
        asked = []
        with display("requests", len(all_of_it)) as advance:
            for question in all_of_it:
                in_time = time.monotonic() < until
                asked.append(report.told(question, asker.answer(question) if in_time else None, left_out=not in_time))
                advance(1)
    return {"asked": asked, "exports": exports, "load": os.getloadavg()[1]}


def people(database: Database) -> dict[str, str]:
    """Return who asks: their keys in the database."""
    dialect = DIALECTS[database.kind]
    return {
        name: str(database.run(f"SELECT {dialect.key(f'CAST({number} AS bigint)', PERSON)}")[0][0])
        for name, number in ASKING.items()
    }


@contextlib.contextmanager
def serving(database: Database, budget: float) -> Iterator[Server]:
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
        yield server


if __name__ == "__main__":
    main()
