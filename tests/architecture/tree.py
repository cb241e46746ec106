"""A copy of the project's code in a folder of its own, for tests that change it."""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("api", "openapi", "resources", "serializers")


def copy_code(target: Path) -> Path:
    """Copy the four packages and what lint-imports reads; return the copy's root."""
    ignore = shutil.ignore_patterns("__pycache__")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, target / package, ignore=ignore)
    shutil.copytree(ROOT / "tests" / "architecture", target / "tests" / "architecture", ignore=ignore)
    shutil.copy(ROOT / "pyproject.toml", target)
    return target


def copy_project(target: Path) -> Path:
    """Copy everything that is not made from something else, to run commands and tests in; return the copy's root."""
    made = (".git", ".venv", ".uv", "var", "node_modules", "__pycache__", ".*_cache", ".hypothesis", ".schemathesis")
    return Path(shutil.copytree(ROOT, target, ignore=shutil.ignore_patterns(*made), dirs_exist_ok=True))


def write_module(root: Path, path: str, text: str) -> None:
    """Write or extend a module, and the `__init__.py` of every package above it."""
    module = root / path
    module.parent.mkdir(parents=True, exist_ok=True)
    for package in module.relative_to(root).parents[:-1]:
        (root / package / "__init__.py").touch()
    with module.open("a") as file:
        file.write(f"{text}\n")


def lint_imports(root: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run import-linter in a tree."""
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--no-logo", *options]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
