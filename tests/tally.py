"""How many tests passed and failed, for the last line of `.ci/run`: a plugin (`-p tests.tally`).

Every suite appends a line, `passed failed`, to the file that TALLY names; without one nothing is written.
"""

import os
from pathlib import Path

import pytest

FILE = os.environ.pop("TALLY", "")  # not handed on: what the tests themselves run is not counted as well


def append(passed: int, failed: int) -> None:
    """Append what a suite counted, where somebody sums it up."""
    if FILE:
        with Path(FILE).open("a") as file:
            file.write(f"{passed} {failed}\n")


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Count the tests, and as failed also those that could not begin or end."""
    count = {name: len(reports) for name, reports in terminalreporter.stats.items()}
    append(count.get("passed", 0), count.get("failed", 0) + count.get("error", 0))
