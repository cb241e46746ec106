"""`python -m tests.newest`: the tests of features against the newest versions that pyproject.toml allows.

They run in an environment of their own, `.venv-newest`, which uv resolves without the lock. It prints which packages
are newer than the lock, and where tests fail, which of those is to blame. What is no option of ours goes to pytest.
It exits with 0 where no newer package breaks anything, and with 1 where one does.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from tests.newest.blame import blame
from tests.newest.environment import LOCKED, Environment, declared, newest, pins
from tests.newest.runs import Runs

SUITE = ("tests/features", "tests/openapi/core/generation")
MOST_TRIED = 40
"""Failed tests that are run again to find the package to blame."""


def main() -> int:
    """Resolve, install, run the tests, and look for who is to blame."""
    options, others = arguments()
    environment = Environment.make()
    locked, wanted = pins(LOCKED.freeze()), newest()
    environment.install(wanted)
    newer = {name: version for name, version in wanted.items() if version != locked.get(name, version)}
    say("Newer than requirements-dev.lock:", (f"{name} {locked[name]} -> {newer[name]}" for name in sorted(newer)))
    with tempfile.TemporaryDirectory(prefix="headwater-") as folder:
        runs = Runs(Path(folder), options.database)
        failed = runs.failed(environment, options.tests or SUITE, "-n", str(options.processes), *others)
        if not failed:
            say("Nothing is broken by what is newer.")
            return 0
        tried = sorted(failed)[:MOST_TRIED]
        as_ever = runs.failed(LOCKED, tried)
        broken = blame(
            set(tried) - as_ever,
            by_nearness(newer),
            lambda name, tests: environment.without(name, locked[name], lambda: runs.failed(environment, tests)),
        )
    for name, tests in broken.items():
        said = f"{name} {newer[name]} breaks:" if name else "Broken by more than one of them, or now and then:"
        say(said, sorted(tests))
    say("Fails with the locked versions as well:", sorted(as_ever))
    say("Not looked into, since they are many:", sorted(failed)[MOST_TRIED:])
    return 1 if broken else 0


def arguments() -> tuple[argparse.Namespace, list[str]]:
    """Read the command line: our options, and those for pytest."""
    parser = argparse.ArgumentParser(prog="python -m tests.newest")
    parser.add_argument("tests", nargs="*", help=f"instead of {' '.join(SUITE)}")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--processes", type=int, default=2, help="that run tests (2)")
    return parser.parse_known_args()


def by_nearness(newer: Iterable[str]) -> list[str]:
    """Order packages by how likely they are to blame: those of the runtime, those of the tests, then what they need."""
    places = {name: place for place, name in enumerate(declared())}
    return sorted(newer, key=lambda name: (places.get(name, len(places)), name))


def say(heading: str, lines: Iterable[str] = ()) -> None:
    """Tell whoever started the run, but of an empty list nothing."""
    told = [f"    {line}\n" for line in lines]
    if told or not heading.endswith(":"):
        sys.stdout.write(f"{heading}\n{''.join(told)}")
        sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
