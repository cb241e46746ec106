"""What the journal costs a write: this tree by turns with an older one (`python -m benchmarks.journal --beside REV`).

Each tree has a process and a database of its own, and both do the same work, a short while each. Printed is how fast
the newer one is: the median of the turns' ratios, and the ratio of the shortest turns, which neighbours disturb least.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from benchmarks.__main__ import tree
from benchmarks.serving import ROOT

WORK = {"save": 200, "patch": 100, "post": 100, "post_list": 1, "update": 1}
"""How often each is done in a turn."""
TARGETS = {"save": 0.88, "patch": 0.93, "post_list": 0.5}


@contextmanager
def writer(tree: Path, url: str) -> Iterator[subprocess.Popen[str]]:
    """Start the process of a tree."""
    limits = {"LIMIT_ANONYMOUS": "off", "LIMIT_ACTOR": "off", "PYTHONPATH": str(tree)}
    environment = os.environ | limits | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "api.settings"}
    command = [sys.executable, str(ROOT / "benchmarks" / "journal_writes.py")]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=tree, env=environment, **pipes) as process:
        assert process.stdout is not None
        if process.stdout.readline().strip() != "ready":
            raise SystemExit(f"{tree} does not start")
        yield process
        process.terminate()


def turn(process: subprocess.Popen[str], name: str) -> float:
    """Have a process do some work, and return the seconds that one piece took."""
    assert process.stdin is not None
    assert process.stdout is not None
    print(name, WORK[name], file=process.stdin, flush=True)
    return float(process.stdout.readline()) / WORK[name]


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.journal", description=__doc__)
    parser.add_argument("--beside", default="617ae42", help="the revision to compare with")
    parser.add_argument("--turns", type=int, default=15)
    parser.add_argument("--postgresql", help="the URL of a server in which databases may be made; SQLite without it")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, tree(options.beside) as older:
        urls = [f"sqlite:///{folder}/{name}.sqlite3" for name in ("new", "old")]
        if options.postgresql:
            urls = [_database(options.postgresql, name) for name in ("journal_new", "journal_old")]
        with writer(ROOT, urls[0]) as new, writer(older, urls[1]) as old:
            for name in WORK:
                pairs = [(turn(new, name), turn(old, name)) for _ in range(options.turns)]
                new_times, old_times = zip(*pairs, strict=True)
                ratio, best = median(before / now for now, before in pairs), min(old_times) / min(new_times)
                told = " ".join(f"{min(each) * 1e6:,.0f} us" for each in (new_times, old_times))
                print(
                    f"{name:10} {ratio:.2f}x, at best {best:.2f}x  {told}  target {TARGETS.get(name, '-')}", flush=True
                )


def _database(server: str, name: str) -> str:
    import psycopg

    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name}")
    before, _, after = server.partition("?")
    return f"{before.rpartition('/')[0]}/{name}" + (f"?{after}" if after else "")


if __name__ == "__main__":
    main()
