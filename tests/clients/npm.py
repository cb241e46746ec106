"""Brings the JavaScript tools of tests/clients/typescript/package.json, by npm, once for each version of that file."""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent / "typescript"
BIN = HERE / "node_modules" / ".bin"
STAMP = HERE / "node_modules" / ".installed"
QUIET = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "CI": "1"}


def install() -> Path:
    """Install the tools where they are not there yet, and return their folder; skip the test without Node."""
    if shutil.which("npm") is None:
        pytest.skip("npm is missing: install Node 20.19 or newer to try the JavaScript clients")
    wanted = hashlib.sha256((HERE / "package.json").read_bytes()).hexdigest()
    if not STAMP.exists() or STAMP.read_text() != wanted:
        run(["npm", "install"], HERE)
        STAMP.write_text(wanted)
    return BIN


def run(command: list[str], folder: Path, *, checked: bool = True) -> str:
    """Run a tool and return what it prints.

    Raises:
        AssertionError: it failed, and that was to be checked; the message is all that it said.
    """
    done = subprocess.run(command, cwd=folder, env=os.environ | QUIET, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0 or not checked, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
    return done.stdout
