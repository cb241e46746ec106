"""`manage.py schema` writes the contract; with --check it tells how the committed one differs."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from openapi.core.generation import contract_files


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(contract_files, "SCHEMA", tmp_path / "schema.yaml")
    monkeypatch.setattr(contract_files, "ROUTES", tmp_path / "routes.txt")
    return tmp_path


def schema(*options: Any) -> str:
    said = StringIO()
    call_command("schema", *options, stdout=said)
    return said.getvalue()


def test_it_writes_both_files_which_are_then_right(folder: Path) -> None:
    schema()
    assert (folder / "schema.yaml").read_text().startswith("# Made by `make schema`")
    assert "GET     /v1/cities " in (folder / "routes.txt").read_text()
    assert schema("--check") == ""


def test_a_difference_is_shown_and_fails(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    schema()
    (folder / "routes.txt").write_text((folder / "routes.txt").read_text().replace("listCities", "allCities"))
    said = StringIO()
    with pytest.raises(CommandError, match="make schema"):
        call_command("schema", "--check", stdout=said)
    assert "allCities" in said.getvalue()
    assert any(line.startswith("+GET     /v1/cities ") and "listCities" in line for line in said.getvalue().split("\n"))


def test_a_missing_file_is_a_difference(folder: Path) -> None:
    with pytest.raises(CommandError):
        schema("--check")
