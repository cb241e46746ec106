"""What does not come on: heads, bodies, and answers that nobody takes."""

import json
import time
from contextlib import ExitStack

import pytest

from tests.limits.conftest import MANY
from tests.limits.process import Limited, goes_on_until_closed, is_cut_off, unread

SOON = 5.0
"""Seconds in which a time-out of one has come, been looked for, and been answered."""
POST = ("POST /v1/trips HTTP/1.1", "Host: localhost", "Content-Type: application/json")


def test_a_connection_that_asks_nothing_is_closed(server: Limited) -> None:
    began = time.monotonic()
    with server.connect() as wire:
        assert wire.closed()
    assert time.monotonic() - began < SOON
    assert server.logs("nothing was asked")


@pytest.mark.parametrize("start", [b"G", b"GET / HTTP/1.1\r\nHost: localhost\r\n"])
def test_a_head_that_does_not_arrive_is_refused(server: Limited, start: bytes) -> None:
    began = time.monotonic()
    with server.connect() as wire:
        wire.socket.sendall(start)
        reply = wire.reply()
        assert (reply.status, json.loads(reply.body)["type"]) == (408, "/problems/request-timeout")
        assert wire.closed()
    assert time.monotonic() - began < SOON
    assert server.logs("a head did not arrive")


def test_a_head_that_dribbles_is_refused(server: Limited) -> None:
    with server.connect() as wire:
        wire.socket.sendall(b"GET / HTTP/1.1\r\n")
        assert goes_on_until_closed(wire, b"X: y\r\n") < SOON


@pytest.mark.parametrize("framing", ["Content-Length: 100", "Transfer-Encoding: chunked"])
def test_a_body_that_does_not_arrive_is_refused(server: Limited, framing: str) -> None:
    began = time.monotonic()
    with server.connect() as wire:
        wire.send(*POST, framing, body=b"5\r\n{")
        reply = wire.reply()
        assert (reply.status, json.loads(reply.body)["type"].rpartition("/")[2]) == (408, "request-timeout")
        assert wire.closed()
    assert time.monotonic() - began < SOON


def test_a_body_that_dribbles_is_refused(server: Limited) -> None:
    with server.connect() as wire:
        wire.send(*POST, "Content-Length: 100000")
        assert goes_on_until_closed(wire, b" ") < SOON


def test_a_body_that_comes_slowly_but_steadily_is_taken(server: Limited) -> None:
    """At four times the pace that is asked for, over twice the time-out."""
    with server.connect() as wire:
        wire.send(*POST, f"Content-Length: {20 * 1024}")
        for _ in range(20):
            wire.socket.sendall(b" " * 1024)
            time.sleep(0.1)
        assert wire.reply().status == 401


def test_answers_that_nobody_takes_are_not_held(server: Limited) -> None:
    """Twenty times an answer of over 200 KB: none is held for longer than its deadline, and all within the bound."""
    for _ in range(8):  # what is read for the first time is kept
        assert server.get("/v1/cities?limit=500&expand=country").status == 200
    before = server.memory
    with ExitStack() as stack:
        crowd = [stack.enter_context(unread(server.port)) for _ in range(MANY)]
        for connection in crowd:
            connection.sendall(b"GET /v1/cities?limit=500&expand=country HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert server.logs("an answer was not taken")
        assert server.memory - before < 24 * 2**20  # threads that had no turn yet fill their caches, too
        time.sleep(2)
        assert [is_cut_off(connection) for connection in crowd] == [True] * MANY
    assert server.get("/v1/countries").status == 200


def test_an_answer_that_is_taken_slowly_is_taken_whole(server: Limited) -> None:
    with unread(server.port) as connection:
        connection.sendall(
            b"GET /v1/cities?limit=500&expand=country HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        )
        found = b""
        while piece := connection.recv(2**13):
            found += piece
            time.sleep(0.02)
    _, _, body = found.partition(b"\r\n\r\n")
    assert len(json.loads(body)["results"]) == 500
