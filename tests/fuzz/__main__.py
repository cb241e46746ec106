"""`python -m tests.fuzz`: schemathesis, all checks on, against a server over a fresh database of the kind given.

What it is told beside the contract, and why, is in schemathesis.toml. It exits as schemathesis does: 0 when nothing
was found. The same seed makes the same run: `make fuzz ARGS="--seed 4711"`. What is no option of ours goes to `st run`.

A run tries every operation in every phase with a sample of the contract (`sampling`), drawn by the seed, and then the
lists with all that they take. `--thorough` does without the sample, which takes an hour.
"""

import argparse
import json
import os
import secrets
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree

from openapi.core.diff import read
from tests import databases, tally
from tests.contract.committed import SCHEMA
from tests.fuzz.sampling import sample
from tests.live import Live, live

CONFIG = Path(__file__).with_name("schemathesis.toml")
ALL_MAY = "from resources.accounts.models import Person; Person.objects.filter(name='Owner').update(is_staff=True)"
"""The owner of the trip also runs the installation: one key, then, opens every operation."""
LISTS = ["--include-operation-id-regex", "^list", "--phases", "examples,fuzzing"]
SHOWN = 40
"""Lines of the server's log that are shown after a fault."""


def main() -> int:
    """Start a server, let schemathesis loose on it, and return its verdict."""
    options, others = arguments()
    say(f"Fuzzing on {options.database}, {options.max_examples} examples an operation, seed {options.seed}")
    with tempfile.TemporaryDirectory(prefix="headwater-") as name, databases.resources, ExitStack() as drops:
        folder = Path(name)
        database = fresh_database(options.database, folder, drops)
        # A busy machine may need more than a request's usual seconds for a thousand rows of which each is wrong.
        with live(database, folder, EMAIL_URL="dummymail://", TIME_BUDGET="60") as server:
            databases.manage(database, "shell", "--no-imports", "--command", ALL_MAY)
            every = enumerate(parts(options, folder, bool(others)))
            verdict = max(fuzz(server, options, folder / f"{number}.xml", *part, *others) for number, part in every)
        if verdict:
            say("\n".join(["The end of the server's log:", *server.log.read_text().splitlines()[-SHOWN:]]))
            say(f'Run it again with: make fuzz ARGS="--database {options.database} --seed {options.seed}"')
    return verdict


def arguments() -> tuple[argparse.Namespace, list[str]]:
    """Read the command line: our options, and those for schemathesis."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--database", choices=databases.STARTS, default="sqlite")
    parser.add_argument("--max-examples", type=int, default=25, help="for each operation (25)")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**32))
    parser.add_argument("--thorough", action="store_true", help="the whole contract in every phase")
    parser.add_argument("--schema", type=Path, default=SCHEMA, help="the contract (openapi/schema.yaml)")
    return parser.parse_known_args()


def fresh_database(kind: str, folder: Path, drops: ExitStack) -> str:
    """Make and migrate a database, start a server for it if its kind has one, and return its URL."""
    os.environ[databases.URL] = home = databases.STARTS[kind](folder)
    database = databases.COPIES[urlsplit(home).scheme](None, folder, drops)
    databases.manage(database, "migrate")
    return database


def parts(options: argparse.Namespace, folder: Path, narrowed: bool) -> list[list[str]]:
    """Return what each run of schemathesis is given: a contract, and options."""
    if options.thorough or narrowed:
        return [[str(options.schema)]]
    sampled = folder / "sample.json"
    sampled.write_text(json.dumps(sample(read(options.schema), options.seed)))
    return [[str(sampled)], [str(options.schema), *LISTS]]


def fuzz(server: Live, options: argparse.Namespace, report: Path, *words: str) -> int:
    """Run schemathesis in a folder where it may leave its files, and count the operations that it tested."""
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG), "run", *words]
    limits = ["--url", server.url, "--max-examples", str(options.max_examples), "--seed", str(options.seed)]
    environment = os.environ | {"API_KEY": server.keys["owner"], "PYTHONPATH": str(databases.ROOT)}
    reports = ["--report", "junit", "--report-junit-path", str(report)]
    verdict = subprocess.run([*command, *limits, *reports], cwd=server.log.parent, env=environment).returncode
    if report.exists():
        tally.append(*counted(report))
    return verdict


def counted(report: Path) -> tuple[int, int]:
    """Return how many operations passed and failed, by a report in JUnit's XML."""
    cases = list(ElementTree.parse(report).iter("testcase"))
    failed = sum(case.find("failure") is not None or case.find("error") is not None for case in cases)
    skipped = sum(case.find("skipped") is not None for case in cases)
    return len(cases) - failed - skipped, failed


def say(text: str) -> None:
    """Tell whoever started the run."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
