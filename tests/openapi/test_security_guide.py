"""The guide to security names all ten risks, and for each of them tests that there are."""

import re

import pytest

from tests.architecture.tree import ROOT

GUIDE = (ROOT / "openapi" / "guides" / "14-security.md").read_text()
ROWS = dict(re.findall(r"^\| (API\d+) .*\| (`tests/.*`) \|$", GUIDE, re.MULTILINE))


def test_all_ten_are_there():
    assert list(ROWS) == [f"API{number}" for number in range(1, 11)]


@pytest.mark.parametrize("risk", ROWS)
def test_its_tests_are_there(risk):
    files = re.findall(r"`([^`]*)`", ROWS[risk])
    assert files
    assert not [file for file in files if not re.search(r"^def test_", (ROOT / file).read_text(), re.MULTILINE)]
