"""The contract is served as it is committed: as JSON and as YAML, with an ETag, compressed on request."""

import gzip
import json
from typing import Any

import pytest
import yaml
import zstandard

from openapi.core.generation.contract_files import SCHEMA

BOTH = pytest.mark.parametrize("path", ["/openapi.json", "/openapi.yaml"])


def test_the_yaml_is_the_committed_file(api: Any) -> None:
    answer = api.get("/openapi.yaml")
    assert answer.content == SCHEMA.read_bytes()
    assert answer.headers["Content-Type"] == "application/yaml"


def test_the_json_says_the_same(api: Any) -> None:
    answer = api.get("/openapi.json")
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json == yaml.load(SCHEMA.read_text(), yaml.CSafeLoader)
    assert json.dumps(answer.json)


@BOTH
def test_who_has_it_is_not_sent_it_again(api: Any, path: str) -> None:
    first = api.get(path)
    again = api.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status, again.content) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert api.get(path, headers={"If-None-Match": '"another"'}).status == 200


@pytest.mark.parametrize(("coding", "decompress"), [("gzip", gzip.decompress), ("zstd", zstandard.decompress)])
@BOTH
def test_it_is_compressed_on_request(api: Any, path: str, coding: str, decompress: Any) -> None:
    plain = api.get(path)
    answer = api.get(path, headers={"Accept-Encoding": coding})
    assert answer.headers["Content-Encoding"] == coding
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert decompress(answer.response.content) == plain.content
    assert answer.headers["ETag"] != plain.headers["ETag"]
    headers = {"Accept-Encoding": coding, "If-None-Match": answer.headers["ETag"]}
    assert api.get(path, headers=headers).status == 304


@BOTH
def test_other_methods_are_refused(api: Any, path: str) -> None:
    assert api.head(path).status == 200
    assert api.options(path).headers["Allow"] == "GET, HEAD, OPTIONS"
    assert api.post(path, {}).status == 405


def test_the_index_leads_to_it(api: Any) -> None:
    assert api.get("/").json["schema"].endswith("/openapi.json")
