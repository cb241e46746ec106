"""The client of the tests sends what a client would send, and holds each answer to the contract."""

import datetime
import json
import uuid
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.urls import path

from tests.client import Client
from tests.contract import Contract, ContractError

URL = "/echo"
ECHO: dict[str, Any] = {"schema": {"type": "object"}}
METHODS = ("get", "post", "put", "patch", "delete")
DOCUMENT = {
    "paths": {
        URL: {
            method: {
                "parameters": [{"name": "any", "in": "query", "schema": {"type": "object"}}],
                "requestBody": {"content": {"application/json": {}, "text/plain": {}}},
                "responses": {"200": {"description": "What was sent.", "content": {"application/json": ECHO}}},
            }
            for method in METHODS
        }
    }
}
ROWS = [{"id": number} for number in range(5)]


def echo(request: HttpRequest) -> HttpResponse:
    sent = {
        "method": request.method,
        "query": request.GET.dict(),
        "body": request.body.decode(),
        "type": request.content_type,
        "key": request.headers.get("Authorization"),
        "accept": request.headers.get("Accept"),
        "prefer": request.headers.get("Prefer"),
    }
    return JsonResponse(sent, headers={"Link": '<http://x/2>; rel="next", <http://x/0>; rel="prev"'})


def undocumented(request: HttpRequest) -> HttpResponse:
    return JsonResponse({})


def stream(request: HttpRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse([b'{"id": 1}\n', b'{"id": 2}\n'], content_type="application/x-ndjson")


def pages(request: HttpRequest) -> HttpResponse:
    start = int(request.GET.get("start", 0))
    following = f"http://testserver/pages?start={start + 2}" if start + 2 < len(ROWS) else None
    return JsonResponse({"next": following, "results": ROWS[start : start + 2]})


urlpatterns = [
    path("echo", echo),
    path("undocumented", undocumented),
    path("stream", stream),
    path("pages", pages),
]

pytestmark = pytest.mark.urls(__name__)


@pytest.fixture(autouse=True)
def _no_middleware(settings: Any) -> None:
    settings.MIDDLEWARE = []


@pytest.fixture
def client() -> Client:
    return Client(Contract(DOCUMENT))


@pytest.mark.parametrize("method", METHODS)
def test_it_works(client: Client, method: str) -> None:
    answer = getattr(client, method)(URL, color="red")
    assert answer.status == 200
    assert answer.json["method"] == method.upper()
    assert answer.json["query"] == {"color": "red"}
    assert answer.json["body"] == ""


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (3, "3"),
        (Decimal("1.50"), "1.50"),
        (["FR", "DE"], "FR,DE"),
        ({"or": [{"a": 1}]}, '{"or": [{"a": 1}]}'),
        (datetime.date(2026, 11, 22), "2026-11-22"),
        (datetime.datetime(2026, 11, 22, 10, tzinfo=datetime.UTC), "2026-11-22T10:00:00Z"),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        ("a&b=c d", "a&b=c d"),
    ],
)
def test_values_are_written_as_the_contract_has_them(client: Client, value: Any, text: str) -> None:
    assert client.get(URL, value=value).json["query"] == {"value": text}


def test_a_value_without_a_form_is_an_error_of_the_test(client: Client) -> None:
    with pytest.raises(TypeError, match="has no form"):
        client.get(URL, value=None)


def test_a_query_joins_that_of_the_url(client: Client) -> None:
    assert client.get(f"{URL}?a=1", b=2).json["query"] == {"a": "1", "b": "2"}


def test_a_body_is_sent_as_json_and_bytes_as_they_are(client: Client) -> None:
    answer = client.post(URL, {"day": datetime.date(2026, 11, 22), "none": None})
    assert json.loads(answer.json["body"]) == {"day": "2026-11-22", "none": None}
    assert answer.json["type"] == "application/json"
    raw = client.post(URL, b"{", content_type="text/plain")
    assert (raw.json["body"], raw.json["type"]) == ("{", "text/plain")


def test_who_asks(client: Client) -> None:
    keyed = client.with_key("hw_1")
    assert keyed.get(URL).json["key"] == "Bearer hw_1"
    assert keyed.anonymous().get(URL).json["key"] is None
    assert client.get(URL).json["key"] is None


def test_headers(client: Client) -> None:
    answer = client.with_headers(Prefer="return=minimal").get(URL, accept="application/json")
    assert (answer.json["prefer"], answer.json["accept"]) == ("return=minimal", "application/json")
    assert answer.headers["CONTENT-TYPE"] == "application/json"
    assert answer.links == {"next": "http://x/2", "prev": "http://x/0"}


def test_what_is_not_documented_fails_the_test(client: Client) -> None:
    with pytest.raises(ContractError, match="the path is not documented"):
        client.get("/undocumented")
    assert client.unchecked().get("/undocumented").status == 200


def test_a_stream_is_read_or_left(client: Client) -> None:
    unchecked = client.unchecked()
    assert unchecked.get("/stream").lines == [{"id": 1}, {"id": 2}]
    left = unchecked.get("/stream", read=False)
    assert left.exchange.body is None
    assert isinstance(left.response, StreamingHttpResponse)


def test_a_walk_yields_every_row(client: Client) -> None:
    rows: Iterator[Any] = client.unchecked().walk("/pages")
    assert list(rows) == ROWS
