"""`make bench`: every peer side by side on the same data, in one run; the results go to benchmarks/README.md.

The servers take turns on one core, the load comes from another. PostgreSQL runs on the core of the load, so that the
servers' core is theirs alone. What a run finds for a database is kept, so that the other can be measured later.
"""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks import data, report
from benchmarks.measuring import measure
from benchmarks.peers import PEERS, older
from benchmarks.serving import CLIENT_CORE, ROOT
from benchmarks.work import WORK


def listed(known: object) -> object:
    """Return a reader of names with commas between them."""

    def read(text: str) -> list[str]:
        names = text.split(",")
        if wrong := [name for name in names if name not in known]:  # type: ignore[operator]
            raise argparse.ArgumentTypeError(f"{wrong[0]} is none of {', '.join(known)}")  # type: ignore[arg-type]
        return names

    return read


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__, epilog='make bench ARGS="--only sqlite"')
    parser.add_argument("--only", choices=data.DATABASES, help="measure on one database")
    parser.add_argument(
        "--peers", type=listed(PEERS), default=list(PEERS), help="whom to measure, such as headwater,drf"
    )
    parser.add_argument("--beside", metavar="REVISION", help="measure Headwater as it was at a revision, too")
    parser.add_argument("--work", type=listed(WORK), default=list(WORK), help="what to measure, such as list,detail")
    parser.add_argument("--rounds", type=int, default=4, help="how often everybody has a turn")
    parser.add_argument("--seconds", type=int, default=1, help="how long a turn is, whole seconds")
    parser.add_argument("--report", action="store_true", help="only write the README anew, from what is kept")
    return parser.parse_args()


@contextlib.contextmanager
def tree(revision: str) -> Iterator[Path]:
    """Check a revision out until the block ends."""
    git = ("git", "-C", str(ROOT), "worktree")
    with tempfile.TemporaryDirectory(prefix="headwater-benchmark-") as folder:
        root = Path(folder, revision)
        subprocess.run((*git, "add", "--quiet", "--detach", str(root), revision), check=True)
        try:
            yield root
        finally:
            subprocess.run((*git, "remove", "--force", str(root)), check=True)


def main() -> None:
    """Measure, print, and where nothing was left out, write the README."""
    chosen = arguments()
    os.sched_setaffinity(0, {int(CLIENT_CORE)})
    whole = (chosen.peers, chosen.work, chosen.beside) == (list(PEERS), list(WORK), None)
    with contextlib.ExitStack() as stack:
        if chosen.beside:
            PEERS["older"] = older(stack.enter_context(tree(chosen.beside)))
            chosen.peers = ["older", *chosen.peers]
        run(chosen, whole)


def run(chosen: argparse.Namespace, whole: bool) -> None:
    """Measure on each database."""
    for kind in () if chosen.report else [chosen.only] if chosen.only else data.DATABASES:
        with data.DATABASES[kind]() as database:
            found = measure(database, chosen.peers, chosen.work, chosen.rounds, chosen.seconds)
        sys.stdout.write(report.table(found))
        if whole:
            report.kept(kind).write_text(json.dumps(found))
    if whole:
        report.write()


if __name__ == "__main__":
    main()
