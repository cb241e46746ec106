"""bin/audit fails for a known hole, and never says that there is none when nobody could be asked."""

import subprocess
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT

FOUND = "Found 1 known vulnerability in 1 package"
NONE = "No known vulnerabilities found"
BLIND = f"{NONE}\ndjango Dependency not found on PyPI and could not be audited: django (6.1.3)"
AWAY = "requests.exceptions.ConnectionError: HTTPSConnectionPool: Max retries exceeded"


@pytest.mark.parametrize(
    ("said", "code", "ends", "shown", "hidden"),
    [
        (NONE, 0, 0, NONE, "Not audited"),
        (FOUND, 1, 1, FOUND, "Not audited"),
        (BLIND, 0, 0, "Not audited", NONE),
        (AWAY, 1, 0, "Not audited", FOUND),
        ("error: no such option", 2, 1, "no such option", "Not audited"),
    ],
)
def test_it_works(tmp_path: Path, said: str, code: int, ends: int, shown: str, hidden: str) -> None:
    uv = tmp_path / "uv"
    uv.write_text(f"#!/bin/sh\ncat <<'END'\n{said}\nEND\nexit {code}\n")
    uv.chmod(0o755)
    done = subprocess.run(["sh", "bin/audit", str(uv)], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == ends
    assert shown in done.stdout + done.stderr
    assert hidden not in done.stdout + done.stderr
