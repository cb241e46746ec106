"""The committed contract is OpenAPI 3.1, and the linters that others use have nothing to say about it."""

import json
from pathlib import Path

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from openapi.core.diff import read
from tests.clients import npm
from tests.contract.committed import SCHEMA

OPENAPI = Path(__file__).resolve().parents[2] / "openapi"

pytestmark = pytest.mark.contract


def test_it_is_valid() -> None:
    found = OpenAPIV31SpecValidator(read(SCHEMA)).iter_errors()
    assert [f"{'/'.join(map(str, error.path))}: {error.message}" for error in found] == []


def test_redocly_finds_nothing() -> None:
    command = [str(npm.install() / "redocly"), "lint", str(SCHEMA), "--config", "redocly.yaml", "--format", "json"]
    report = json.loads(npm.run(command, OPENAPI, checked=False))
    found = [f"{each['ruleId']} {each['location'][0].get('pointer')}: {each['message']}" for each in report["problems"]]
    assert found == []
