"""Runs of pytest in an environment, and which tests failed there."""

import json
import subprocess
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from tests.databases import ROOT
from tests.newest.environment import Environment

ENDS = (0, 1, 2)
"""How pytest ends that has run tests: all passed, some failed, or some files could not be imported."""


@dataclass(frozen=True, slots=True)
class Runs:
    """Runs of tests on a database.

    Attributes:
        folder: where pytest may keep what failed.
        database: `sqlite` or `postgresql`.
    """

    folder: Path
    database: str

    def failed(self, environment: Environment, tests: Collection[str], *words: str) -> set[str]:
        """Run tests, and return those that failed, and the files that could not be imported.

        Raises:
            SystemExit: pytest itself failed; it has said why.
        """
        if not tests:
            return set()
        noted = self.folder / "v" / "cache" / "lastfailed"
        noted.unlink(missing_ok=True)
        command = [
            str(environment.python),
            "-m",
            "pytest",
            "--database",
            self.database,
            "-o",
            f"cache_dir={self.folder}",
        ]
        code = subprocess.run([*command, "--tb=short", *words, *tests], cwd=ROOT).returncode
        if code not in ENDS:
            raise SystemExit(f"pytest ended with {code} in {environment.folder}")
        return set(json.loads(noted.read_text())) if noted.exists() else set()
