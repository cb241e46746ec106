"""Every error, of every kind and from every layer, is a problem (RFC 9457): no page, and nothing of the inside."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core import exceptions as django
from django.db import DataError, InterfaceError, OperationalError
from django.http import Http404, UnreadablePostError
from rest_framework import exceptions as drf
from rest_framework import status

from api.core.answers.compression import Compression
from api.core.intake import middleware
from api.trips import TripViewSet
from tests.client import Answer, Client
from tests.features.bodies import TRIP
from tests.world import World, key

ITEM = f"/v1/trips/{key(10)}"
JSON = "application/json"
SECRET = "hunter2"


def check(answer: Answer, status: int, slug: str) -> Any:
    """Hold an answer to be a problem of a kind; return its JSON."""
    assert answer.status == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-store"
    body = answer.json
    assert (body["status"], body["type"]) == (status, f"http://testserver/problems/{slug}")
    assert body["title"]
    assert body["detail"]
    assert body["instance"] == answer.headers["X-Request-ID"]
    return body


@pytest.mark.parametrize(
    "path",
    [
        *(
            "/nothing",
            "/v1",
            "/v1/nothing",
            "/v1/trip",
            "/v2/trips",
            "//v1/trips",
            "/v1//trips",
            "/v1/trips//",
            "/V1/trips",
        ),
        *(
            "/v1/trips/x/y",
            "/v1/trips/..%2Ftrips",
            "/v1/cities/./.",
            "/v1/cities.json",
            "/index.php",
            "/%FF",
            "/%2e%2e/%2e",
        ),
        *(
            "/v1/cities/%FF%FE",
            "/v1/cities/%ED%A0%80",
            "/v1/cities/%F0%9F%98%80",
            "/v1/countries/%C0%AF",
            "/v1/cities/0x1",
        ),
        *("/v1/cities/99999999999999999999", "/v1/cities/-1", "/v1/cities/1e5", "/v1/cities/1.0", "/v1/cities/NaN"),
        *("/v1/cities/%20", "/v1/cities/1%202", "/v1/cities/%D9%A5", "/v1/countries/fr", "/v1/countries/" + "x" * 5000),
        *("/" + "x" * 5000, "/v1/cities/'%20OR%201=1", "/v1/cities/2988507%E2%80%8B", "/v1/cities/null"),
    ],
)
def test_what_is_not_there(api: Client, world: World, path: str) -> None:
    body = check(api.get(path), 404, "not-found")
    assert len(body["detail"]) < 400


@pytest.mark.parametrize("path", ["not-a-uuid", str(key(10)).replace("-", ""), f"{{{key(10)}}}", f"urn:uuid:{key(10)}"])
def test_what_cannot_be_a_key(owner: Client, path: str) -> None:
    for method in ("GET", "DELETE"):
        check(owner.send(method, f"/v1/trips/{path}"), 404, "not-found")


@pytest.mark.parametrize(
    "path", ["/v1/cities%00", "/v1/cities/%00", "/v1/cities%0A", "/v1/cities/2988507%0A", "/%7F", "/%1B"]
)
def test_a_path_with_control_characters(api: Client, world: World, path: str) -> None:
    check(api.get(path), 400, "malformed-request")


@pytest.mark.parametrize("query", ["name=%00", "name=%FF", "%FF=1", "%00", "name=%ED%A0%80", "x=%C0%80", "name=a%E9"])
def test_a_query_string_that_is_no_text(api: Client, world: World, query: str) -> None:
    check(api.get(f"/v1/cities?{query}"), 400, "malformed-request")


def test_a_content_type_does_not_change_what_the_address_says(api: Client, world: World) -> None:
    for charset in ("utf-7", "utf-16", "latin-1", "unicode_escape"):
        headers = {"Content-Type": f"text/plain; charset={charset}"}
        answer = api.get("/v1/cities?name=Saint-%C3%89tienne&name__in=%2BAAA-", headers=headers)
        assert answer.json["results"] == []
        answer = api.get("/v1/cities?name=Saint-%C3%89tienne", headers=headers)
        assert [row["id"] for row in answer.json["results"]] == [2980291]


@pytest.mark.parametrize("host", ["evil.example", "a b", "testserver:x", "", "testserver@evil.example", "[::1", "\xe9"])
@pytest.mark.parametrize("path", ["/v1/cities", "/", "/nothing"])
def test_an_unknown_host(api: Client, world: World, host: str, path: str) -> None:
    answer = api.get(path, headers={"Host": host})
    assert (answer.status, answer.headers["Content-Type"]) == (400, "application/problem+json")
    assert answer.json["type"] == "/problems/malformed-request"
    assert "ALLOWED_HOSTS" in answer.json["detail"]
    assert "evil" not in answer.text


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/v1/trips", "GET, POST, HEAD, OPTIONS"),
        ("PUT", "/v1/trips/", "GET, POST, HEAD, OPTIONS"),
        ("POST", ITEM, "GET, PUT, PATCH, DELETE, HEAD, OPTIONS"),
        ("TRACE", ITEM, "GET, PUT, PATCH, DELETE, HEAD, OPTIONS"),
        ("PROPFIND", "/v1/cities", "GET, POST, HEAD, OPTIONS"),
    ],
)
def test_a_method_that_is_not_on_offer(owner: Client, method: str, path: str, allowed: str) -> None:
    answer = owner.unchecked().send(method, path, TRIP)
    body = check(answer, 405, "method-not-allowed")
    assert answer.headers["Allow"] == allowed
    assert allowed in body["detail"]


@pytest.mark.parametrize("path", ["/", "/livez", "/readyz", "/openapi.json", "/problems", "/problems/conflict"])
def test_a_method_that_a_page_does_not_offer(api: Client, path: str) -> None:
    answer = api.post(path, {})
    check(answer, 405, "method-not-allowed")
    assert {"GET", "HEAD", "OPTIONS"} <= set(answer.headers["Allow"].split(", "))


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "image/*", "text/csv", "application/x-ndjson", "x"])
def test_an_answer_in_no_form_on_offer(owner: Client, accept: str) -> None:
    check(owner.get(ITEM, accept=accept), 406, "not-acceptable")
    check(owner.patch(ITEM, {"name": "x"}, accept=accept), 406, "not-acceptable")


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


NOISE = [
    "",
    " ",
    ",",
    ";",
    "=",
    '"',
    "\xe9\xff",
    "x" * 5000,
    "a=b;c=d,e",
    "*/*;q=x",
    "\t",
    "W/",
    "%00",
    "{}",
    "q=1e400",
    "\x7f",
]


@pytest.mark.parametrize(
    "header",
    [
        *(
            "Accept",
            "Accept-Encoding",
            "Prefer",
            "If-None-Match",
            "If-Match",
            "Range",
            "X-Request-ID",
            "Origin",
            "Cookie",
        ),
        *("Content-Type", "Content-Encoding", "Authorization"),
    ],
)
def test_noise_in_a_header_is_no_fault_of_ours(owner: Client, header: str) -> None:
    for noise in NOISE:
        for method, body in (("GET", ()), ("PATCH", ({"name": "x"},))):
            answer = owner.unchecked().send(method, ITEM, *body, headers={header: noise})
            assert answer.status < 500, (noise, answer.text)


def test_a_request_has_an_id(api: Client) -> None:
    for sent in ("checkout-4711", "a" * 128, "0198f1c2:1.2~3_4"):
        answer = api.get("/nothing", headers={"X-Request-ID": sent})
        assert (answer.headers["X-Request-ID"], answer.json["instance"]) == (sent, sent)
    for sent in ("", "a b", "a" * 129, "<script>", "a\r\nb", "\xe9", '"'):
        answer = api.get("/nothing", headers={"X-Request-ID": sent})
        assert answer.headers["X-Request-ID"] not in (sent, "")
        assert answer.json["instance"] == answer.headers["X-Request-ID"]


class Teapot(drf.APIException):
    status_code = status.HTTP_418_IM_A_TEAPOT
    default_detail = "Short and stout."


RAISED: list[tuple[Callable[[], BaseException], int, str]] = [
    (lambda: Http404(SECRET), 404, "not-found"),
    (lambda: django.PermissionDenied(SECRET), 403, "forbidden"),
    (lambda: django.ValidationError({"name": ["Bad."]}), 400, "invalid-body"),
    (lambda: django.ValidationError("Bad."), 400, "invalid-body"),
    (lambda: django.SuspiciousOperation(SECRET), 400, "malformed-request"),
    (lambda: django.DisallowedHost(SECRET), 400, "malformed-request"),
    (lambda: django.BadRequest("Bad."), 400, "malformed-request"),
    (lambda: django.RequestDataTooBig(SECRET), 413, "content-too-large"),
    (lambda: UnreadablePostError(SECRET), 400, "malformed-request"),
    (lambda: UnicodeDecodeError("utf-8", SECRET.encode(), 0, 1, SECRET), 400, "malformed-request"),
    (lambda: DataError(SECRET), 400, "malformed-request"),
    (lambda: OperationalError(SECRET), 503, "unavailable"),
    (lambda: InterfaceError(SECRET), 503, "unavailable"),
    (lambda: drf.PermissionDenied(), 403, "forbidden"),
    (lambda: drf.NotFound(), 404, "not-found"),
    (lambda: drf.NotAuthenticated(), 401, "not-authenticated"),
    (lambda: drf.ParseError(), 400, "malformed-request"),
    (lambda: drf.ValidationError({"name": ["Bad."]}), 400, "invalid-body"),
    (lambda: drf.ValidationError([]), 400, "invalid-body"),
    (lambda: drf.APIException(), 500, "internal-error"),
    (lambda: RuntimeError(SECRET), 500, "internal-error"),
    (lambda: AssertionError(SECRET), 500, "internal-error"),
    (lambda: RecursionError(SECRET), 500, "internal-error"),
    (lambda: KeyError(SECRET), 500, "internal-error"),
]


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize(("make", "status", "slug"), RAISED)
def test_what_a_view_raises(
    owner: Client, monkeypatch: pytest.MonkeyPatch, settings: Any, make: Any, status: int, slug: str, debug: bool
) -> None:
    def raise_it(*args: Any, **options: Any) -> Any:
        raise make()

    settings.DEBUG = debug
    monkeypatch.setattr(TripViewSet, "refuse_nobody", raise_it)
    answer = owner.patch(ITEM, {"name": "x"})
    check(answer, status, slug)
    assert SECRET not in answer.text
    assert ("Retry-After" in answer.headers) is (status == 503)
    assert ("WWW-Authenticate" in answer.headers) is (status == 401)


def test_faults_have_pointers_also_where_they_are_raised_late(owner: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any) -> None:
        raise drf.ValidationError({"stops": [{}, {"city": ["Too far."]}], "non_field_errors": ["Too long."]})

    monkeypatch.setattr(TripViewSet, "perform_update", refuse)
    errors = owner.patch(ITEM, {"name": "x"}).json["errors"]
    assert [(fault["pointer"], fault["detail"]) for fault in errors] == [
        ("/stops/1/city", "Too far."),
        ("", "Too long."),
    ]


@pytest.mark.parametrize(
    ("error", "status", "retry", "slug"),
    [
        (Teapot(), 418, None, None),
        (drf.Throttled(wait=2.1), 429, "3", "too-many-requests"),
        (drf.Throttled(), 429, None, "too-many-requests"),
    ],
)
def test_errors_of_drf_that_headwater_does_not_raise(
    owner: Client, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, retry: str | None, slug: str | None
) -> None:
    def raise_it(*args: Any) -> None:
        raise error

    monkeypatch.setattr(TripViewSet, "refuse_nobody", raise_it)
    answer = owner.unchecked().get(ITEM)  # a teapot is no part of the contract, nor is a 429 that says no time
    assert (answer.status, answer.headers["Content-Type"]) == (status, "application/problem+json")
    expected = f"http://testserver/problems/{slug}" if slug else "about:blank"
    assert (answer.json["type"], answer.json["status"]) == (expected, status)
    assert answer.headers.get("Retry-After") == retry


def test_a_fault_is_logged_under_the_id_that_the_client_is_told(
    owner: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def break_it(*args: Any) -> None:
        raise RuntimeError(SECRET)

    monkeypatch.setattr(TripViewSet, "refuse_nobody", break_it)
    answer = owner.get(ITEM, headers={"X-Request-ID": "checkout-4711"})
    assert answer.json.keys() == {"type", "title", "status", "detail", "instance"}
    assert answer.json["instance"] == "checkout-4711"
    assert "checkout-4711" in caplog.text
    assert SECRET in caplog.text


@pytest.mark.parametrize("layer", [middleware.CleanInput, Compression])
def test_a_fault_of_a_layer_around_the_views(api: Client, monkeypatch: pytest.MonkeyPatch, layer: Any) -> None:
    def break_it(*args: Any) -> None:
        raise RuntimeError(SECRET)

    monkeypatch.setattr(layer, "__call__", break_it)
    answer = api.get("/v1/cities")
    check(answer, 500, "internal-error")
    assert SECRET not in answer.text


def test_the_answer_to_head_has_the_headers_alone(owner: Client) -> None:
    answer = owner.head("/v1/trips/nothing")
    assert (answer.status, answer.content) == (404, b"")
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/nothing", "/v1/trips", "/v1/cities?colour=red"])
def test_the_type_leads_to_a_page(api: Client, world: World, path: str) -> None:
    kind = api.get(path).json["type"].removeprefix("http://testserver")
    page = api.get(kind, accept="text/html")
    assert page.status == 200
    assert api.get(path).json["title"] in page.text
