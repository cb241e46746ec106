"""bin/environment finds a Python that is new enough, or names the line that installs one."""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "bin" / "environment"
TOOLS = ("sh", "tr", "sed", "sort", "rm", "mkdir", "ln", "cat")
REAL = f'exec {sys._base_executable} "$@"'  # type: ignore[attr-defined]
OLD = 'cat > /dev/null; echo "old /somewhere/python3 3.11"'
WITHOUT_VENV = 'cat > /dev/null; echo "bare /somewhere/python3 3.13"'
BROKEN = "echo 'pyenv: version 3.13 is not installed' >&2; exit 1"


@dataclass(frozen=True)
class Machine:
    """A folder that is all of a machine that the script sees."""

    root: Path

    def program(self, path: str, text: str) -> None:
        """Put a program there."""
        program = self.root / path
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(f"#!/bin/sh\n{text}\n")
        program.chmod(0o755)

    def run(self, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run the script in an empty folder of the machine."""
        work = self.root / "work"
        work.mkdir(exist_ok=True)
        seen = {"HOME": str(self.root / "home"), "PATH": str(self.root / "bin"), **environment}
        return subprocess.run(["/bin/sh", SCRIPT], cwd=work, env=seen, capture_output=True, text=True, check=False)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    (tmp_path / "bin").mkdir()
    for tool in TOOLS:
        (tmp_path / "bin" / tool).symlink_to(shutil.which(tool) or tool)
    machine = Machine(tmp_path)
    machine.program("work/.uv/bin/uv", "exit 0")  # brought already: the tests need no network
    return machine


def made(machine: Machine) -> bool:
    return (machine.root / "work" / ".venv" / "bin" / "python").exists()


@pytest.mark.parametrize("name", ["python3", "python3.12", "python3.13", "python3.14"])
def test_it_makes_the_environment(machine: Machine, name: str):
    machine.program(f"bin/{name}", REAL)

    result = machine.run()

    assert (result.returncode, made(machine)) == (0, True)
    assert "Making .venv with" in result.stderr


def test_a_second_run_does_nothing(machine: Machine):
    machine.program("bin/python3", REAL)
    machine.run()

    result = machine.run()

    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_a_newer_python_beside_an_old_default(machine: Machine):
    machine.program("bin/python3", OLD)
    machine.program("bin/python3.12", REAL)

    assert machine.run().returncode == 0
    assert made(machine)


def test_an_environment_whose_python_has_gone_is_made_anew(machine: Machine):
    machine.program("bin/python3", REAL)
    broken = machine.root / "work" / ".venv" / "bin" / "python"
    broken.parent.mkdir(parents=True)
    broken.symlink_to("/nowhere/python3")

    assert machine.run().returncode == 0
    assert broken.exists()


def test_a_version_under_pyenv_that_its_shim_does_not_serve(machine: Machine):
    machine.program("bin/python3", BROKEN)
    machine.program("home/.pyenv/versions/3.11.7/bin/python3", OLD)
    machine.program("home/.pyenv/versions/3.12.1/bin/python3", REAL)

    assert machine.run().returncode == 0
    assert made(machine)


def test_the_pyenv_of_another_folder(machine: Machine):
    machine.program("opt/my pyenv/versions/3.13.0/bin/python3", REAL)

    assert machine.run(PYENV_ROOT=str(machine.root / "opt/my pyenv")).returncode == 0


def test_the_python_that_one_names(machine: Machine):
    machine.program("bin/python3", BROKEN)
    machine.program("opt/python", REAL)

    assert machine.run(PYTHON=str(machine.root / "opt/python")).returncode == 0


@pytest.mark.parametrize("python", [None, OLD, BROKEN])
def test_a_machine_without_a_python(machine: Machine, python: str | None):
    if python:
        machine.program("bin/python3", python)

    result = machine.run()

    assert (result.returncode, made(machine)) == (1, False)
    assert "Headwater needs Python 3.12 or later" in result.stderr
    assert "Install one, then run make again:\n    " in result.stderr


def test_an_old_python_is_named(machine: Machine):
    machine.program("bin/python3", OLD)

    assert "/somewhere/python3 3.11" in machine.run().stderr


@pytest.mark.parametrize(
    ("tool", "line"),
    [
        ("uv", "uv python install 3.13"),
        ("pyenv", "pyenv install 3.13"),
        ("brew", "brew install python@3.13"),
        ("dnf", "sudo dnf install python3.13"),
        ("apt-cache", "sudo apt-get install python3.13 python3.13-venv"),
    ],
)
def test_the_line_that_installs_one_is_for_this_machine(machine: Machine, tool: str, line: str):
    machine.program(f"bin/{tool}", 'test "$1" != python')  # a uv that has no Python and can fetch none

    assert machine.run().stderr.endswith(f"    {line}\n")


def test_a_debian_without_venv(machine: Machine):
    machine.program("bin/python3", WITHOUT_VENV)

    result = machine.run()

    assert result.returncode == 1
    assert result.stderr.endswith("    sudo apt-get install python3.13-venv\n")
