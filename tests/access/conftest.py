"""The option by which openapi/unguarded.txt is written."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare it; the file is compared where it is not given."""
    parser.addoption("--write-unguarded", action="store_true", help="Write openapi/unguarded.txt from what was asked.")
