"""The last line of .ci/run says how many tests passed and failed, over all suites, whatever goes wrong."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / ".ci" / "run"
TOOLS = ("bash", "awk", "cat", "dirname", "grep", "mktemp", "rm")
SUITES = {
    "lint-contract": "3 0",
    "test-sqlite": "40 0",
    "test-postgresql": "30 0",
    "test-servers": "5 0",
    "test-clients": "2 0",
}
FUZZ = "2 0"
"""What fuzzing finds on each of two databases."""


def run(folder: Path, suites: dict[str, str], failing: set[str], *installed: str) -> subprocess.CompletedProcess[str]:
    """Run the script where `make` only tells what its targets are said to have counted."""
    (folder / "bin").mkdir()
    for tool in TOOLS:
        (folder / "bin" / tool).symlink_to(shutil.which(tool) or tool)
    cases = "".join(f"    {name}) echo '{count}' >>\"$TALLY\" ;;\n" for name, count in suites.items())
    fails = "|".join(sorted(failing)) or "none"
    programs = {
        "make": f'case "$1" in\n{cases}esac\ncase "$1" in {fails}) exit 2 ;; esac\n',
        "id": "echo 0\n",
        "apt-get": "exit 100\n",
        **dict.fromkeys(installed, ""),
    }
    for name, text in programs.items():
        (folder / "bin" / name).write_text(f"#!/bin/bash\n{text}")
        (folder / "bin" / name).chmod(0o755)
    environment = {"PATH": str(folder / "bin"), "TMPDIR": str(folder)}
    return subprocess.run([SCRIPT], env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("counts", "failing", "line", "status"),
    [
        ({}, set(), "84 passed, 0 failed", 0),
        ({"test-sqlite": "38 2"}, {"test-sqlite"}, "82 passed, 2 failed", 1),
        ({"fuzz": "1 1"}, {"fuzz"}, "82 passed, 2 failed", 1),  # on both databases
        ({}, {"quick"}, "84 passed, 1 failed", 1),  # a check counts where it fails
        ({}, {"test-servers"}, "84 passed, 1 failed", 1),  # all passed, and yet it ended badly
        ({"test-sqlite": ""}, {"test-sqlite", "audit"}, "44 passed, 2 failed", 1),  # it could not begin
    ],
)
def test_the_last_line_sums_up(tmp_path: Path, counts: dict[str, str], failing: set[str], line: str, status: int):
    result = run(tmp_path, SUITES | {"fuzz": FUZZ} | counts, failing, "chromium", "chromedriver", "npm")

    assert (result.stdout.splitlines()[-1], result.returncode) == (line, status), result.stderr
    assert sorted(each.name for each in tmp_path.iterdir()) == ["bin"]


def test_a_machine_that_cannot_be_prepared_has_failed(tmp_path: Path):
    result = run(tmp_path, SUITES | {"fuzz": FUZZ}, set())

    assert (result.stdout.splitlines()[-1], result.returncode) == ("0 passed, 1 failed", 1)


def test_pytest_counts_for_the_sum_and_hands_the_file_on_to_nobody(tmp_path: Path):
    (tmp_path / "test_some.py").write_text(
        "import os, pytest\n"
        "def test_one(): assert 'TALLY' not in os.environ\n"
        "def test_two(): assert False\n"
        "@pytest.fixture\n"
        "def broken(): raise ValueError\n"
        "def test_three(broken): pass\n"
        "@pytest.mark.skip\n"
        "def test_four(): pass\n"
    )
    root, tally = SCRIPT.parents[1], tmp_path / "tally"
    command = [sys.executable, "-m", "pytest", "-p", "tests.tally", "-p", "no:django", "-c", os.devnull, str(tmp_path)]
    environment = os.environ | {"TALLY": str(tally), "PYTHONPATH": str(root), "PYTEST_ADDOPTS": ""}
    subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, check=False)

    assert tally.read_text() == "1 2\n"
