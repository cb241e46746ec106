"""The Makefile lists its targets, and the documents name none that it does not have."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "ARCHITECTURE.md", ".ci/run", ".pre-commit-config.yaml")
TARGET = re.compile(r"^([a-z][a-z-]*):", re.MULTILINE)
NAMED = re.compile(r"(?:`|^\s*|entry: |step \S+ )make(?: --no-print-directory)? ([a-z][a-z-]*)", re.MULTILINE)


def targets() -> set[str]:
    return set(TARGET.findall((ROOT / "Makefile").read_text()))


def test_make_alone_lists_the_targets_with_one_line_each():
    listed = subprocess.run(
        ["make", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    rows = [line.split(maxsplit=1) for line in listed[1:]]

    assert {"run", "test", "check"} <= {name for name, _ in rows} <= targets()
    assert all(text and len(line) <= 120 for line, (_, text) in zip(listed[1:], rows, strict=True))


@pytest.mark.parametrize("document", [name for name in DOCUMENTS if (ROOT / name).exists()])
def test_documents_name_targets_that_exist(document: str):
    assert set(NAMED.findall((ROOT / document).read_text())) <= targets()


def test_every_phony_target_is_a_target():
    text = (ROOT / "Makefile").read_text()
    phony = {name for line in re.findall(r"^\.PHONY: (.*)$", text, re.MULTILINE) for name in line.split()}

    assert phony == targets()
