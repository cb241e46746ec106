"""`make resource`: a noun becomes a resource that works, is tested, and keeps the house's laws."""

import difflib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from api.core.scaffold.files import files_of
from api.core.scaffold.names import names_of
from tests.architecture.tree import PACKAGES, ROOT, copy_project, lint_imports
from tests.architecture.vocabulary import domains, imported, vocabulary

FILES = [*files_of(names_of("travel_document")), "api/settings.py"]
OWN = ("DATABASE_URL", "DJANGO_SETTINGS_MODULE", "PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT")


def python(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run Python in a tree, as if these tests were not running around it."""
    environment = {name: text for name, text in os.environ.items() if name not in OWN}
    return subprocess.run(
        [sys.executable, *words], cwd=root, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with a new resource."""
    root = copy_project(tmp_path_factory.mktemp("project"))
    done = python(root, "manage.py", "resource", "travel_document")
    assert done.returncode == 0, done.stdout + done.stderr
    return root


@pytest.fixture(scope="module")
def tested(tree: Path) -> str:
    """What pytest says in the copy: of the tests that came with the resource, and of the matrix of access."""
    files = ("tests/api/test_travel_documents.py", "tests/access/test_matrix.py")
    names = "test_travel_documents or test_the_table_names_the_operations_that_there_are"
    done = python(tree, "-m", "pytest", *files, "-k", names, "-vv")
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_its_own_tests_pass(tested: str):
    assert len(re.findall("^tests/api/test_travel_documents.py::.* PASSED", tested, re.MULTILINE)) == 8


def test_it_becomes_public_in_the_contract(tree: Path):
    before, after = (set(routes(root)) for root in (ROOT, tree))

    item = "/v1/travel-documents/{id}"
    assert {path for _, path in after - before} == {"/v1/travel-documents", item, f"{item}/history"}
    assert before < after


def test_of_the_code_that_was_there_one_tuple_changes(tree: Path):
    changed = [name for name in code(ROOT) if (ROOT / name).read_bytes() != (tree / name).read_bytes()]
    before, after = ((root / "api/settings.py").read_text().splitlines() for root in (ROOT, tree))
    lines = [line for line in difflib.ndiff(before, after) if line.startswith("+ ")]

    assert changed == ["api/settings.py"]
    assert len(lines) == 1
    assert '"travel_documents"' in lines[0]


def code(root: Path) -> list[str]:
    """Return the code and the laws of a tree: not the contract, nor the access matrix, which tell what is public."""
    files = (file for package in PACKAGES for file in sorted((root / package).rglob("*.py")))
    return [str(file.relative_to(root)) for file in (*files, root / "pyproject.toml")]


def test_it_is_in_the_access_matrix(tested: str):
    assert re.search("::test_the_table_names_the_operations_that_there_are.* PASSED", tested)


def routes(root: Path) -> Iterator[tuple[str, str]]:
    for line in (root / "openapi" / "routes.txt").read_text().splitlines():
        method, path, *_ = line.split()
        yield method, path


def test_it_keeps_the_laws(tree: Path):
    result = lint_imports(tree, *(f"--contract={law}" for law in ("layers", "domains", "api", "model", "http")))

    assert result.returncode == 0, result.stdout


def test_it_imports_of_core_what_a_domain_may(tree: Path):
    files = [file for file in domains(tree) if "travel_documents" in str(file.relative_to(tree))]

    assert {file.name for file in files} > {"models.py", "0001_initial.py", "travel_documents.py"}
    assert imported(files).keys() - vocabulary() == set()


@pytest.mark.parametrize("check", [("check",), ("format", "--check")])
def test_it_reads_as_the_rest(tree: Path, check: tuple[str, ...]):
    result = python(tree, "-m", "ruff", *check, "--force-exclude", *FILES)

    assert result.returncode == 0, result.stdout


def test_its_migration_is_whole(tree: Path):
    assert python(tree, "manage.py", "makemigrations", "--check").returncode == 0


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("Booking", "is no name"),
        ("bookings", "looks like a plural"),
        ("trip", "resources/trips/__init__.py is there already"),
        ("city", "places.City is called City already"),
        ("content_type", "contenttypes.ContentType is called ContentType already"),
    ],
)
def test_what_cannot_be_is_refused(name: str, reason: str):
    before = (ROOT / "api" / "settings.py").read_text()

    with pytest.raises(CommandError, match=reason):
        call_command("resource", name)
    assert (ROOT / "api" / "settings.py").read_text() == before
