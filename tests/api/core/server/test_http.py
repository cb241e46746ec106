"""The bridge over real sockets: requests and answers."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.api.core.server.conftest import in_journal, site_served
from tests.api.core.server.wire import connected


def test_it_works(client):
    answer = client.get("/echo", params={"name": "é"})
    assert answer.status_code == 200
    assert answer.json()["query"] == {"name": "é"}


def test_a_path_that_is_not_utf8_reaches_django_as_it_was_sent(client):
    assert client.get("/echo/%E9").json()["path"] == "/echo/%E9"


def test_head_has_the_headers_of_get_and_no_body(wire):
    with wire() as connection:
        connection.send("GET /unread HTTP/1.1", "Host: x")
        get = connection.reply()
        connection.send("HEAD /unread HTTP/1.1", "Host: x")
        head = connection.reply(head=True)
        connection.send("GET /unread HTTP/1.1", "Host: x")
        assert connection.reply().body == b"unread"
    different = {"date"}
    assert [field for field in head.headers if field[0] not in different] == [
        field for field in get.headers if field[0] not in different
    ]


@pytest.mark.parametrize("code", [204, 304])
def test_statuses_without_a_body_have_no_length(wire, code):
    with wire() as connection:
        connection.send(f"GET /status/{code} HTTP/1.1", "Host: x")
        reply = connection.reply()
        assert (reply.status, reply["content-length"], reply["transfer-encoding"]) == (code, None, None)
        connection.send("GET /unread HTTP/1.1", "Host: x")
        assert connection.reply().body == b"unread"


def test_a_client_of_http_1_0_gets_a_length_and_an_end(wire):
    with wire() as connection:
        connection.send("GET /stream?count=10000&size=100 HTTP/1.0")
        reply = connection.reply()
        assert reply["transfer-encoding"] is None
        assert (len(reply.body), reply["content-length"]) == (1_000_000, "1000000")
        assert connection.closed()


def test_pipelined_requests_are_answered_in_their_order(wire, client):
    with wire() as connection:
        for path in ("/slow?name=first", "/unread", "/echo/last"):
            connection.send(f"GET {path} HTTP/1.1", "Host: x")
        assert in_journal(client, "begun first")
        assert client.get("/open?gate=first").text == "open"
        assert [connection.reply().body[:20] for _ in range(3)] == [b"slow", b"unread", b'{"method": "GET", "p']


def test_what_one_request_changes_is_not_seen_by_the_next(client):
    clean = client.get("/state").json()
    for _ in range(4):
        littered = client.get("/leave-behind").json()
        assert (littered["language"], littered["zone"], littered["colour"]) == ("fr", "Asia/Tokyo", "red")
    after = [client.get("/state").json() for _ in range(6)]
    assert {state.pop("thread") for state in [clean, *after]} <= {"headwater-0", "headwater-1"}
    assert after == [clean] * 6


@pytest.mark.parametrize("path", ["/fail", "/quit"])
def test_what_escapes_django_is_a_problem_and_the_server_goes_on(client, path):
    answer = client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert answer.json() == {
        "type": f"{client.base_url}/problems/internal-error",
        "title": "Something went wrong on our side",
        "status": 500,
        "detail": "The server met a fault.",
        "instance": answer.headers["x-request-id"],
    }
    assert client.get("/unread").status_code == 200


def test_a_view_goes_on_when_its_client_leaves(wire, client):
    with wire() as connection:
        connection.send("GET /slow?name=left-alone HTTP/1.1", "Host: x")
        assert in_journal(client, "begun left-alone")
    client.get("/open?gate=left-alone")
    assert in_journal(client, '"left-alone"')


def test_half_closing_is_leaving(wire, client):
    """uvicorn takes the end of what a client sends as its leaving, as nginx does."""
    with wire() as connection:
        connection.send("GET /slow?name=half-closed HTTP/1.1", "Host: x")
        connection.socket.shutdown(1)
        assert connection.closed()
    client.get("/open?gate=half-closed")
    assert in_journal(client, '"half-closed"')


def test_many_clients_at_once(site):
    async def crowd():
        async with httpx.AsyncClient(base_url=site.url, timeout=60) as client:
            return await asyncio.gather(*(client.get(f"/echo/{number}") for number in range(200)))

    assert [answer.json()["path"] for answer in asyncio.run(crowd())] == [f"/echo/{number}" for number in range(200)]


def test_both_threads_work(site):
    with ThreadPoolExecutor(2) as pool:
        answers = pool.map(lambda _: httpx.get(f"{site.url}/meet", timeout=60), range(2))
        assert [answer.text for answer in answers] == ["met", "met"]


@pytest.mark.parametrize(
    ("lines", "detail"),
    [
        (["GARBAGE"], "Invalid HTTP request received."),
        (["GET /unread HTTP/1.1", "Host: x", "Content-Length: 1", "Transfer-Encoding: chunked"], "Invalid HTTP"),
        (["FOO /unread HTTP/1.1", "Host: x"], "Invalid HTTP"),
    ],
)
def test_what_is_not_http_is_a_problem(wire, lines, detail):
    with wire() as connection:
        connection.send(*lines)
        reply = connection.reply()
        assert (reply.status, reply["content-type"]) == (400, "application/problem+json")
        assert json.loads(reply.body)["detail"].startswith(detail)
        assert (json.loads(reply.body)["instance"], reply["cache-control"]) == (reply["x-request-id"], "no-store")
        assert connection.closed()


def test_a_head_without_end_is_refused(wire):
    with wire() as connection:
        connection.socket.sendall(b"GET /unread HTTP/1.1\r\nHost: x\r\nX-Long: ")
        for _ in range(9):
            connection.socket.sendall(b"x" * 2**13)
        reply = connection.reply()
        assert (reply.status, json.loads(reply.body)["type"]) == (400, "/problems/malformed-request")


def test_what_is_refused_before_there_is_a_request_leads_to_the_public_address(tmp_path):
    with site_served(tmp_path, SITE_PUBLIC_URL="https://api.example.org") as site, connected(site.port) as connection:
        connection.send("nonsense")
        assert json.loads(connection.reply().body)["type"] == "https://api.example.org/problems/malformed-request"


def test_a_long_head_of_many_requests_is_not_counted_together(wire):
    with wire() as connection:
        for _ in range(4):
            connection.send("GET /unread HTTP/1.1", "Host: x", "X-Long: " + "x" * 30_000)
            assert connection.reply().status == 200
