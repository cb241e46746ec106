"""openapi-python-client builds a client, mypy finds its types sound, and it makes a round trip."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract.committed import SCHEMA
from tests.live import Live

HERE = Path(__file__).resolve().parent / "python"
TOOLS = Path(sys.executable).parent

# What the generator leaves out, and may: the contract itself as YAML, which it cannot read.
KNOWN = {"WARNING parsing GET /openapi.yaml within service."}

pytestmark = pytest.mark.clients


def run(command: list[str], folder: Path) -> str:
    """Run a tool beside this Python and return what it prints.

    Raises:
        AssertionError: it failed; the message is all that it said.
    """
    path = f"{TOOLS}{os.pathsep}{os.environ['PATH']}"  # the generator lays out its code with ruff
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=folder, env=os.environ | {"PATH": path}, capture_output=True, text=True
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Generate the client, and return the folder that holds it and the round trip."""
    folder = tmp_path_factory.mktemp("python")
    shutil.copy(HERE / "round_trip.py", folder)
    options = ["--meta", "none", "--output-path", "headwater_client"]
    told = run(["openapi_python_client", "generate", "--path", str(SCHEMA), *options], folder)
    warnings = {line for line in told.splitlines() if line.startswith(("WARNING", "ERROR", "Unable"))}
    assert warnings <= KNOWN
    return folder


def test_the_round_trip(client: Path, server: Live) -> None:
    assert run(["round_trip", server.url, server.keys["owner"]], client) == "Round trip complete.\n"


def test_every_module_can_be_imported(client: Path) -> None:
    assert run(["compileall", "-q", "headwater_client"], client) == ""
    modules = [path.relative_to(client).with_suffix("") for path in client.glob("headwater_client/**/[a-z]*.py")]
    (client / "everything.py").write_text("".join(f"import {'.'.join(module.parts)}\n" for module in modules))
    assert len(modules) > 10
    run(["everything"], client)


def test_the_round_trip_is_well_typed(client: Path) -> None:
    run(["mypy", "--config-file=", "--strict", "--follow-imports=silent", "round_trip.py"], client)
