"""What a client sends: requests in waiting, heads, and all that stands in and around a body."""

import json
from contextlib import ExitStack

import pytest

from tests.limits.conftest import BODY, HEAD
from tests.limits.process import Limited, goes_on_until_closed, push

HELD = 2**20
"""Bytes by which a process may grow under one connection; what it must not hold is several times that."""
SOON = 4.0
"""Seconds in which a connection is closed after its refusal: two are for the client to read it."""
GET = ("GET /v1/countries?limit=1 HTTP/1.1", "Host: localhost")
POST = ("POST /v1/trips HTTP/1.1", "Host: localhost", "Content-Type: application/json")
CHUNKED = "Transfer-Encoding: chunked"
HANDSHAKE = (
    "GET /v1/nowhere HTTP/1.1",
    "Host: localhost",
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
)


def test_requests_in_waiting_are_all_answered_in_order(server: Limited) -> None:
    def act() -> None:
        with server.connect() as wire:
            for number in range(1, 401):
                wire.send(f"GET /v1/countries?limit={number % 9 + 1}&fields=id HTTP/1.1", "Host: localhost")
            lengths = [len(json.loads(wire.reply().body)["results"]) for _ in range(400)]
        assert lengths == [number % 9 + 1 for number in range(1, 401)]

    assert server.grows_less(HELD, act)


def test_no_more_is_read_while_enough_waits(server: Limited) -> None:
    """What goes off is what the two systems keep; the process neither reads it nor grows."""
    processor = server.processor
    with ExitStack() as stack:

        def act() -> None:
            wire = stack.enter_context(server.connect())
            assert push(wire, "\r\n".join([*GET, "", ""]).encode() * 200, most=2**25) < 2**25

        assert server.grows_less(HELD, act)
        assert server.processor - processor < 5


@pytest.mark.parametrize(
    ("start", "more", "status"),
    [
        pytest.param(("GET / HTTP/1.1",), b"X-More: of it\r\n" * 100, 400, id="head"),
        pytest.param(("GET / HTTP/1.1", "X-Long: "), b"x" * 1400, 400, id="header"),
        pytest.param((*POST, CHUNKED, "", "1"), b"x" * 1400, 400, id="size of a chunk"),
        pytest.param((*POST, CHUNKED, "", "1;x="), b"x" * 1400, 400, id="extension of a chunk"),
        pytest.param((*POST, CHUNKED, "", "1", "a", "0"), b"X-Trailer: of it\r\n" * 80, 400, id="trailers"),
    ],
)
def test_what_has_no_end_is_refused_and_the_connection_closed(
    server: Limited, start: tuple[str, ...], more: bytes, status: int
) -> None:
    def act() -> None:
        with server.connect() as wire:
            wire.socket.sendall("\r\n".join(start).encode() + (b"" if more.startswith(b"x") else b"\r\n"))
            for _ in range(2 * HEAD // len(more) + 1):
                wire.socket.sendall(more)
            reply = wire.reply()
            assert (reply.status, reply["connection"]) == (status, "close")
            assert goes_on_until_closed(wire, more) < SOON

    assert server.grows_less(HELD, act)


@pytest.mark.parametrize(
    ("framing", "more"),
    [(f"Content-Length: {2**30}", b"x" * 2**14), (CHUNKED, b"4000\r\n" + b"x" * 2**14 + b"\r\n")],
    ids=["length", "chunks"],
)
def test_a_body_over_the_bound_is_dropped_and_the_connection_closed(server: Limited, framing: str, more: bytes) -> None:
    def act() -> None:
        with server.connect() as wire:
            wire.send(*POST, framing)
            for _ in range(BODY // 2**14 + 1):
                wire.socket.sendall(more)
            reply = wire.reply()
            assert (reply.status, reply["connection"]) == (401, "close")  # the view is asked first, and told who asks
            assert goes_on_until_closed(wire, more) < SOON

    assert server.grows_less(HELD, act)


def test_a_body_within_the_bound_is_answered_and_the_connection_goes_on(server: Limited) -> None:
    with server.connect() as wire:
        for _ in range(3):
            wire.send(*POST, f"Content-Length: {BODY}", body=b"x" * BODY)
            assert wire.reply().status == 401


def test_what_follows_a_handshake_is_dropped(server: Limited) -> None:
    def act() -> None:
        with server.connect() as wire:
            wire.send(*HANDSHAKE, body=b"\x82\x7e\xff\xff" + b"x" * 2**16)
            assert goes_on_until_closed(wire, b"x" * 2**14) < SOON

    assert server.grows_less(HELD, act)


def test_a_handshake_is_answered(server: Limited) -> None:
    with server.connect() as wire:
        wire.send(*HANDSHAKE)
        assert wire.reply().status == 404
        assert wire.closed()


def test_a_handshake_with_a_body_is_refused(server: Limited) -> None:
    with server.connect() as wire:
        wire.send(*HANDSHAKE, "Content-Length: 100", body=b"x")
        assert wire.reply().status == 400
        assert goes_on_until_closed(wire, b"x") < SOON


def refusals(server: Limited, length: int, times: int) -> float:
    """Return the seconds of a processor that refusing a head costs, whose many headers are one and the same."""
    line = "Q: 1"
    began = server.processor
    for _ in range(times):
        with server.connect() as wire:
            wire.send("GET /v1/nowhere HTTP/1.1", "Host: localhost", *[line] * (length // (len(line) + 2)))
            assert wire.reply().status == 404
    return server.processor - began


def test_a_refusal_costs_a_small_multiple_of_its_length(database: str, tmp_path_factory) -> None:
    """Sixteen times the length costs no more than sixteen times as much, and by far not 256 times."""
    from tests.limits.process import limited

    with limited(database, tmp_path_factory.mktemp("cost")) as server:
        refusals(server, 1000, 50)
        short, long = refusals(server, 3750, 150), refusals(server, 60_000, 150)
        assert long < 32 * max(short, 0.05)


def test_bytes_one_by_one_cost_little(server: Limited) -> None:
    """A head in as many packets as it has bytes is looked through once, not once for each."""
    head = ("GET /v1/nowhere HTTP/1.1\r\nHost: localhost\r\nX-Long: " + "x" * 3500 + "\r\n\r\n").encode()
    began = server.processor
    with server.connect() as wire:
        wire.socket.setsockopt(6, 1, 1)  # TCP_NODELAY
        for byte in head:
            wire.socket.sendall(bytes((byte,)))
        assert wire.reply().status == 404
    assert server.processor - began < 1
