"""Streamed answers: in turns, no faster than the client, closed whatever happens."""

import json
import re
import socket
from contextlib import ExitStack

import httpx
import pytest

from api.core.server.uvicorn import NOTSENT_LOWAT
from tests.api.core.server.conftest import in_journal


def test_it_works(client):
    answer = client.get("/stream?count=4&name=whole")
    assert (answer.text, answer.headers["transfer-encoding"]) == ("0:1:2:3:", "chunked")
    assert in_journal(client, "closed whole in headwater")


def test_a_long_stream_is_whole(client):
    assert len(client.get("/stream?count=300&size=20000").content) == 300 * 20_000


def test_pieces_are_sent_as_they_are_made(client):
    with client.stream("GET", "/stream?count=3&pause=0.01&gate=paced") as answer:
        pieces = answer.iter_raw()
        assert next(pieces) == b"0:"
        client.get("/open?gate=paced")  # before that there is no other
        assert b"".join(pieces) == b"1:2:"


def test_a_piece_keeps_the_surroundings_of_its_request_in_whatever_thread(client):
    states = [json.loads(line) for line in client.get("/states?count=6").text.splitlines()]
    assert [(state["language"], state["zone"], state["colour"]) for state in states] == [
        ("fr", "Asia/Tokyo", "red")
    ] * 6
    assert client.get("/state").json()["language"] == "en-us"


def test_each_piece_may_query(client):
    assert client.get("/rows").text.split() == ["1", "2", "3", "4", "5"]


def test_a_transaction_held_between_two_pieces_is_an_error_and_is_not_left_to_the_next_request(client):
    for _ in range(4):
        with pytest.raises(httpx.RemoteProtocolError, match="incomplete"):
            client.get("/in-transaction")
    assert [client.get("/state").json()["transaction"] for _ in range(8)] == [False] * 8


def test_a_fault_before_the_first_piece_is_answered(client):
    assert client.get("/stream?count=0&fault=0").status_code == 200
    answer = client.get("/stream?count=1&fault=0&name=at-once")
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert in_journal(client, "closed at-once")


def test_a_fault_later_on_breaks_the_answer_off(client):
    with pytest.raises(httpx.RemoteProtocolError, match="incomplete"):
        client.get("/stream?count=9&pause=0.01&fault=3&name=broken")
    assert in_journal(client, "closed broken")


def test_a_client_that_leaves_ends_the_stream(wire, client):
    with wire() as connection:
        connection.send("GET /stream?count=100000&size=1000&name=deserted HTTP/1.1", "Host: x")
        connection.socket.recv(100)
    assert in_journal(client, "closed deserted in headwater")


def test_a_client_that_leaves_unread_bytes_behind_ends_the_stream(wire, client):
    with wire() as connection:
        connection.send("GET /stream?count=100000&size=10000&name=stuffed HTTP/1.1", "Host: x")
        connection.socket.recv(20_000, socket.MSG_PEEK | socket.MSG_WAITALL)
    assert in_journal(client, "closed stuffed in headwater")


def test_head_makes_no_piece(wire, client):
    with wire() as connection:
        connection.send("HEAD /stream?name=headless HTTP/1.1", "Host: x")
        assert connection.reply(head=True).status == 200
        connection.send("GET /unread HTTP/1.1", "Host: x")
        assert connection.reply().body == b"unread"
    assert "closed headless" not in client.get("/journal").text


def test_an_asynchronous_body_runs_in_the_event_loop(client):
    with ExitStack() as stack:
        streams = [stack.enter_context(client.stream("GET", f"/ticks?name={name}")) for name in range(10)]
        assert {next(stream.iter_lines()) for stream in streams} == {"tick MainThread red"}
        assert client.get("/unread").text == "unread"
    assert in_journal(client, "closed 9 in MainThread")


def test_slow_readers_hold_no_thread(wire, client):
    """A hundred clients ask for 50 MB each and read nothing, and two threads answer everybody else."""
    with ExitStack() as stack:
        for number in range(100):
            connection = stack.enter_context(wire())
            connection.send(f"GET /stream?count=800&size=65536&name=reader-{number} HTTP/1.1", "Host: x")
        assert [client.get("/unread").text for _ in range(20)] == ["unread"] * 20
    assert in_journal(client, "closed reader-99")


@pytest.mark.skipif(NOTSENT_LOWAT is None, reason="this system keeps of an answer what it likes")
def test_a_stream_is_made_little_further_than_its_client_reads(wire, client):
    """Of 50 MB that nobody reads, less than a megabyte is made; the system would keep several."""
    with wire() as connection:
        connection.send("GET /stream?count=800&size=65536&name=ahead HTTP/1.1", "Host: x")
        asked = [client.get("/made?name=ahead").text for _ in range(5)]
        while len(set(asked[-50:])) > 1 or len(asked) < 50:  # until it is not made any further
            asked.append(client.get("/made?name=ahead").text)
    assert in_journal(client, "for ahead")
    made = re.search(r"made (\d+) for ahead", client.get("/journal").text)
    assert 1 <= int(made[1]) <= 16, made


def test_streams_never_take_all_threads(site, client):
    """Ten streams whose next piece takes for ever leave a thread to those who ask for little."""
    with ExitStack() as stack:
        for _ in range(10):
            reader = stack.enter_context(httpx.Client(base_url=site.url, timeout=60))
            stack.enter_context(reader.stream("GET", "/stream?count=50&pause=0.01&gate=long"))
        assert [client.get("/unread").text for _ in range(10)] == ["unread"] * 10
        client.get("/open?gate=long")
