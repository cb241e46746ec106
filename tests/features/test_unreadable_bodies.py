"""A body that cannot be read, or that no database could keep, is refused before anything is made of it."""

import json
from typing import Any

import pytest

from tests.client import Client
from tests.features.bodies import TRIP
from tests.features.problems import ITEM, check

JSON = "application/json"


@pytest.mark.parametrize(
    "content_type",
    [
        *("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/xml"),
        *(
            "application/json-seq",
            "application/vnd.api+json",
            "application/merge-patch+json",
            "text/json",
            "json",
            "*/*",
        ),
        *("application/json; charset=latin-1", "application/json; charset=utf-16", ";", "\xff", "application/"),
    ],
)
def test_a_type_of_body_that_is_not_read(owner: Client, content_type: str) -> None:
    answer = owner.post("/v1/trips", TRIP, content_type=content_type)
    check(answer, 415, "unsupported-media-type")


def test_a_type_of_body_is_needed(owner: Client) -> None:
    answer = owner.post("/v1/trips", TRIP, content_type="")
    body = check(answer, 415, "unsupported-media-type")
    assert answer.headers["Accept"] == JSON
    assert "Read here: application/json." in body["detail"]


def test_the_types_of_a_patch(owner: Client) -> None:
    answer = owner.patch(ITEM, TRIP, content_type="application/json-patch+json")
    body = check(answer, 415, "unsupported-media-type")
    assert answer.headers["Accept-Patch"] == "application/json, application/merge-patch+json"
    assert "merge-patch" in body["detail"]


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd", "deflate", "GZIP", "identity, gzip", "x"])
def test_a_body_in_a_coding_that_is_not_read(owner: Client, coding: str) -> None:
    answer = owner.post("/v1/trips", TRIP, headers={"Content-Encoding": coding})
    body = check(answer, 415, "unsupported-media-type")
    assert body["errors"][0]["header"] == "Content-Encoding"
    assert owner.post("/v1/trips", TRIP, headers={"Content-Encoding": "identity"}).status == 201


@pytest.mark.parametrize("size", [999, 1000, 1001, 100_000])
def test_a_body_that_is_too_large(owner: Client, settings: Any, size: int) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    sent = json.dumps(TRIP).encode()
    answer = owner.post("/v1/trips", sent + b" " * (size - len(sent)))
    if size <= 1000:
        assert answer.status == 201
    else:
        assert "1000 bytes" in check(answer, 413, "content-too-large")["detail"]


@pytest.mark.parametrize(
    "body",
    [
        *(
            b" ",
            b"{",
            b"}",
            b"{}}",
            b"{} {}",
            b"[1,]",
            b'{"a":}',
            b"{'a': 1}",
            b'{"a" 1}',
            b"nul",
            b"True",
            b'"',
            b"\\",
        ),
        *(
            b"\xef\xbb\xbf{}",
            '{"name": "x"}'.encode("utf-16"),
            b'{"name": "\xff"}',
            b'{"name": "\xed\xa0\x80"}',
            b"\x00",
        ),
        *(
            b'{"name": "\xc0\x80"}',
            b'{"\xff": 1}',
            b'{"details": {"a": "\xe9"}}',
            b'{"name": "a\nb"}',
            b'{"name": "\\x41"}',
        ),
        *(
            b'{"budget": NaN}',
            b'{"budget": Infinity}',
            b'{"budget": -Infinity}',
            b'{"budget": 1e400}',
            b'{"budget": +1}',
        ),
        *(
            b'{"budget": 01}',
            b'{"budget": 0x10}',
            b'{"details": {"a": [1e999999999]}}',
            b'{"details": ' + b"9" * 5000 + b"}",
        ),
        *(b"[" * 100_000, b'{"a":' * 100_000, b'{"details": ' + b"[" * 40 + b"]" * 40 + b"}"),
        *(
            b'{"name": "\\ud800"}',
            b'{"name": "\\udc00\\ud800"}',
            b'{"details": {"\\udfff": 1}}',
            b'{"details": ["\\ud800"]}',
        ),
        *(b"name=Lakes", b"<trip/>", b"--x\r\n", b"\x1f\x8b\x08\x00", b"/**/{}"),
    ],
)
def test_a_body_that_is_no_json(owner: Client, body: bytes) -> None:
    for method, path in (("POST", "/v1/trips"), ("PUT", ITEM), ("PATCH", ITEM)):
        check(owner.send(method, path, body), 400, "malformed-request")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_a_body_is_needed(owner: Client, method: str) -> None:
    path = "/v1/trips" if method == "POST" else ITEM
    assert "empty" in check(owner.send(method, path, b""), 400, "malformed-request")["detail"]
    assert "empty" in check(owner.send(method, path), 400, "malformed-request")["detail"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"name": "a\x00b"}, "/name"),
        ({"notes": "\x00"}, "/notes"),
        ({"a\x00b": 1}, ""),
        ({"details": {"a": {"b": ["\x00"]}}}, "/details/a/b/0"),
        ({"details": {"a/b": {"\x00": 1}}}, "/details/a~1b"),
        ({"budget": 2**63}, "/budget"),
        ({"budget": -(2**63) - 1}, "/budget"),
        ({"details": [0, {"n": 2**64}]}, "/details/1/n"),
        ({"details": {"n": 10**400}}, "/details/n"),
        ({"id": "\x00"}, "/id"),
        ({"begins_on": "2027-06-01\x00"}, "/begins_on"),
        ([{}, {"name": "\x00"}], "/1/name"),
    ],
)
def test_json_that_no_database_could_keep(owner: Client, body: Any, pointer: str) -> None:
    found = check(owner.post("/v1/trips", body), 400, "malformed-request")
    assert [fault["pointer"] for fault in found["errors"]] == [pointer]


def test_json_as_deep_as_may_be(owner: Client) -> None:
    def nested(depth: int) -> Any:
        return [] if depth == 1 else [nested(depth - 1)]

    assert owner.post("/v1/trips", TRIP | {"details": nested(31)}).status == 201
    found = check(owner.post("/v1/trips", TRIP | {"details": nested(33)}), 400, "malformed-request")
    assert "32" in found["detail"]
