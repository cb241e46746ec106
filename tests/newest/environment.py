"""Environments: the locked one in `.venv`, and the newest one beside it, made by uv from pyproject.toml."""

import subprocess
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.databases import ROOT

UV = ROOT / ".uv" / "bin" / "uv"
NEWEST = ".venv-newest"

Pins = dict[str, str]
"""Versions by the canonical names of packages."""


@dataclass(frozen=True, slots=True)
class Environment:
    """A venv in the folder of the project."""

    folder: str

    @classmethod
    def make(cls) -> "Environment":
        """Make the newest environment with the Python of `.venv`, or take the one that is there."""
        uv("venv", "--allow-existing", "--python", str(LOCKED.python), NEWEST)
        return cls(NEWEST)

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return ROOT / self.folder / "bin" / "python"

    def freeze(self) -> str:
        """What is installed, as pip writes it."""
        return uv("pip", "freeze", "--python", str(self.python))

    def install(self, wanted: Pins) -> None:
        """Install these versions, and nothing else."""
        uv("pip", "sync", "--python", str(self.python), "-", given="\n".join(written(wanted)))

    def without[Result](self, name: str, earlier: str, act: Callable[[], Result]) -> Result:
        """Do something with one package put back to an earlier version, along with what only that version needs."""
        wanted = pins(self.freeze())
        uv("pip", "install", "--python", str(self.python), f"{name}=={earlier}")
        try:
            return act()
        finally:
            self.install(wanted)


LOCKED = Environment(".venv")


def newest() -> Pins:
    """Return the newest versions that pyproject.toml allows, of all that is needed to run and to test."""
    words = ("--group", "dev", "--no-header", "--no-annotate", "--no-emit-index-url", "--python", str(LOCKED.python))
    return pins(uv("pip", "compile", str(ROOT / "pyproject.toml"), *words))


def pins(text: str) -> Pins:
    """Read lines such as `name[extra]==1.0`; others, as of what is installed from a folder, are left out."""
    found = (line.partition("==") for line in text.splitlines() if not line.startswith(("#", " ", "-")))
    return {canonicalize_name(name.partition("[")[0]): version.strip() for name, _, version in found if version}


def written(wanted: Pins) -> list[str]:
    """Write pins as requirements."""
    return [f"{name}=={version}" for name, version in sorted(wanted.items())]


def declared() -> list[str]:
    """Return the packages that pyproject.toml names, those of the runtime first."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    lines = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    return [canonicalize_name(Requirement(line).name) for line in lines]


def uv(*words: str, given: str = "") -> str:
    """Run uv and return what it prints.

    Raises:
        SystemExit: with what uv said, where it failed.
    """
    done = subprocess.run([str(UV), *words], input=given, capture_output=True, text=True, cwd=ROOT)
    if done.returncode:
        raise SystemExit(f"uv {' '.join(words)}\n{done.stderr}")
    return done.stdout
