"""An answer that keeps to the contract passes; every way to break it is found."""

import json
from typing import Any

import pytest

from tests.contract import Contract, ContractError, Exchange
from tests.contract.exchange import Headers
from tests.contract.small import DOCUMENT

CONTRACT = Contract(DOCUMENT, outside=("/docs",))
CITY = {"id": "1", "name": "Paris", "country": "FR"}
PROBLEM = {"type": "https://example.org/problems/x", "title": "No", "status": 404}
ETAG = {"ETag": '"1"'}
LIST, ITEM = "/v1/cities", "/v1/cities/1"


def exchange(
    method: str,
    url: str,
    status: int,
    body: Any = b"",
    kind: str = "",
    headers: dict[str, str] | None = None,
    **more: Any,
) -> Exchange:
    if not isinstance(body, bytes):
        kind, body = kind or ("application/problem+json" if status >= 400 else "application/json"), json.dumps(body)
        body = body.encode()
    fields = (headers or {}) | ({"Content-Type": kind} if kind else {})
    return Exchange(method, url, status, Headers(fields.items()), body, **more)


GOOD = {
    "page": exchange("GET", LIST, 200, {"results": [CITY]}, headers=ETAG),
    "closing slash": exchange("GET", LIST + "/", 200, {"results": []}, headers=ETAG),
    "origin": exchange("GET", "http://testserver" + LIST, 200, {"results": []}, headers=ETAG),
    "charset": exchange("GET", LIST, 200, b'{"results": []}', "application/json; charset=utf-8", ETAG),
    "optional header": exchange("GET", LIST, 200, {"results": []}, headers=ETAG | {"x-total": "3"}),
    "path parameter": exchange("GET", LIST + "?limit=3", 200, {"results": []}, headers=ETAG),
    "object parameter": exchange("GET", LIST + "?name__not=a", 200, {"results": []}, headers=ETAG),
    "nested, with allOf": exchange("GET", ITEM, 200, CITY | {"country": {"id": "FR", "continent": "EU"}}),
    "recursive": exchange("GET", ITEM, 200, CITY | {"twin": CITY | {"twin": None}}),
    "free value": exchange("GET", ITEM, 200, CITY | {"extra": {"anything": [1]}}),
    "null": exchange("GET", ITEM, 200, CITY | {"settled": None}),
    "literal path": exchange("GET", "/v1/cities/newest", 204),
    "lines": exchange("GET", LIST, 200, (json.dumps(CITY) + "\n").encode() * 2, "application/x-ndjson", ETAG),
    "no lines": exchange("GET", LIST, 200, b"", "application/x-ndjson", ETAG),
    "csv": exchange("GET", LIST, 200, "id,name\r\n1,Zürich\r\n".encode(), "text/csv; charset=utf-8", ETAG),
    "unread stream": exchange("GET", LIST, 200, b"", "application/x-ndjson", ETAG),
    "not modified": exchange("GET", LIST, 304),
    "head": exchange("HEAD", LIST, 200, b"", "application/json", ETAG),
    "no content": exchange("DELETE", ITEM, 204),
    "problem": exchange("GET", ITEM, 404, PROBLEM),
    "problem of a class": exchange("GET", LIST, 429, PROBLEM | {"status": 429}),
    "unknown path": exchange("GET", "/v2", 404, PROBLEM),
    "unknown method": exchange("PUT", ITEM, 405, PROBLEM | {"status": 405}, headers={"Allow": "GET, HEAD, DELETE"}),
    "options": exchange("OPTIONS", ITEM, 204, headers={"Allow": "GET, HEAD, DELETE, OPTIONS"}),
    "preflight": exchange("OPTIONS", ITEM, 200, headers={"Access-Control-Allow-Methods": "GET"}),
    "outside": exchange("GET", "/docs/x", 200, b"<html>", "text/html"),
    "minimal": exchange("POST", LIST, 201, headers={"Preference-Applied": "return=minimal"}),
    "written": exchange("POST", LIST, 201, CITY, sent=b'{"name": "a"}', sent_type="application/json"),
    "refused": exchange("POST", LIST, 400, PROBLEM | {"status": 400}, sent=b"{", sent_type="application/json"),
}

BAD = {
    "status": (exchange("GET", ITEM, 200 + 3, CITY), "status 203 is not documented"),
    "server error": (exchange("GET", ITEM, 500, PROBLEM | {"status": 500}), "status 500 is not documented"),
    "media type": (exchange("GET", ITEM, 200, b"<p>", "text/html"), "text/html is not documented"),
    "no media type": (exchange("GET", ITEM, 200, b"{}"), "no media type is not documented"),
    "no body": (exchange("GET", ITEM, 200, b"", "application/json"), "body is not JSON"),
    "broken JSON": (exchange("GET", ITEM, 200, b"{", "application/json"), "body is not JSON"),
    "NaN": (exchange("GET", ITEM, 200, b'{"extra": NaN}', "application/json"), "NaN is not JSON"),
    "missing member": (exchange("GET", ITEM, 200, {"id": "1", "name": "a"}), '"country" is a required property'),
    "wrong type": (exchange("GET", ITEM, 200, CITY | {"name": 3}), 'body /name: 3 is not of type "string"'),
    "wrong format": (exchange("GET", ITEM, 200, CITY | {"settled": "12/25"}), "/settled"),
    "undocumented member": (exchange("GET", ITEM, 200, CITY | {"secret": 1}), "secret"),
    "undocumented in items": (
        exchange("GET", LIST, 200, {"results": [CITY, CITY | {"secret": 1}]}, headers=ETAG),
        "/results/1",
    ),
    "undocumented below allOf": (exchange("GET", ITEM, 200, CITY | {"country": {"id": "FR", "b": 1}}), "/country"),
    "undocumented below recursion": (exchange("GET", ITEM, 200, CITY | {"twin": CITY | {"b": 1}}), "/twin"),
    "line": (exchange("GET", LIST, 200, b'{"id": 1}\n', "application/x-ndjson", ETAG), "line 1 /"),
    "half a line": (
        exchange("GET", LIST, 200, json.dumps(CITY).encode(), "application/x-ndjson", ETAG),
        "does not end with a line feed",
    ),
    "encoding": (exchange("GET", LIST, 200, b"\xff", "text/csv", ETAG), "is not UTF-8"),
    "missing header": (exchange("GET", LIST, 200, {"results": []}), "header ETag is required and missing"),
    "wrong header": (exchange("GET", LIST, 200, {"results": []}, headers={"ETag": "1"}), "header ETag /"),
    "wrong number": (
        exchange("GET", LIST, 200, {"results": []}, headers=ETAG | {"X-Total": "many"}),
        "header X-Total /",
    ),
    "body for 204": (exchange("DELETE", ITEM, 204, {}), "should be empty"),
    "body for 304": (exchange("GET", LIST, 304, {}), "should be empty"),
    "error is JSON": (exchange("GET", ITEM, 404, {}, "application/json"), "an error is application/json"),
    "problem's status": (exchange("GET", ITEM, 404, PROBLEM | {"status": 400}), "the problem's status is 400"),
    "problem's members": (exchange("GET", ITEM, 404, {"status": 404}), '"type" is a required property'),
    "unknown path": (exchange("GET", "/v1/towns", 200, []), "the path is not documented"),
    "unknown path, no problem": (exchange("GET", "/v1/towns", 404, b"", "text/html"), "an error is text/html"),
    "unknown method": (exchange("PUT", ITEM, 200, CITY), "the method is not documented"),
    "wrong Allow": (
        exchange("PUT", ITEM, 405, PROBLEM | {"status": 405}, headers={"Allow": "GET, HEAD"}),
        "Allow does not name DELETE",
    ),
    "OPTIONS without Allow": (exchange("OPTIONS", ITEM, 204), "Allow does not name DELETE, GET, HEAD"),
    "parameter": (
        exchange("GET", LIST + "?color=red", 200, {"results": []}, headers=ETAG),
        "parameter color was accepted",
    ),
    "accepted body": (
        exchange("POST", LIST, 201, CITY, sent=b'{"name": "a", "b": 1}', sent_type="application/json"),
        "the request's body was accepted, and",
    ),
    "accepted media type": (
        exchange("POST", LIST, 201, CITY, sent=b"name=a", sent_type="text/plain"),
        "a body of text/plain was accepted",
    ),
}


@pytest.mark.parametrize("name", GOOD)
def test_an_answer_that_keeps_to_the_contract_passes(name: str) -> None:
    CONTRACT.check(GOOD[name])


@pytest.mark.parametrize("name", BAD)
def test_an_answer_that_breaks_it_is_found(name: str) -> None:
    answer, message = BAD[name]
    with pytest.raises(ContractError) as raised:
        CONTRACT.check(answer)
    assert message in str(raised.value)


def test_a_message_is_short_and_names_the_request() -> None:
    rows = [CITY | {"name": number} for number in range(100)]
    with pytest.raises(ContractError) as raised:
        CONTRACT.check(exchange("GET", LIST + "?limit=100", 200, {"results": rows}, headers=ETAG))
    message = str(raised.value)
    assert message.startswith("GET /v1/cities?limit=100 -> 200 breaks the contract:\n")
    assert message.endswith("and 95 more")
    assert len(message) < 1000


def test_an_answer_of_a_server_is_read_from_httpx() -> None:
    import httpx

    from tests.contract import connect

    def serve(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=CITY if request.url.path == ITEM else {"id": 3})

    with connect("http://testserver", contract=CONTRACT, transport=httpx.MockTransport(serve)) as client:
        assert client.get(ITEM).json() == CITY
        with pytest.raises(ContractError, match="breaks the contract"):
            client.get("/v1/cities/2")
