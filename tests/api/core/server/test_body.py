"""How bodies arrive: framings, lies, limits, and clients that stop half-way."""

import pytest

LIMIT = 2 * 2**20


def chunked(*pieces: bytes) -> bytes:
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


@pytest.mark.parametrize("length", [0, 1, 2**16 + 1, 2**18 - 1, 2**18, 2**18 + 1, 2**20, LIMIT])
def test_a_body_of_any_length_within_the_limit(client, length):
    assert client.post("/length", content=b"x" * length).json() == {"length": length}


def test_bytes_arrive_as_they_were_sent(client):
    body = bytes(range(256)) * 2**11
    assert client.post("/echo", content=body).json()["body"].encode("latin-1") == body


def test_a_chunked_body_has_a_length(wire):
    with wire() as connection:
        connection.send("POST /echo HTTP/1.1", "Host: x", "Transfer-Encoding: chunked", body=chunked(b"ab", b"cde"))
        assert b'"CONTENT_LENGTH": "5"' in connection.reply().body


def test_trailers_are_ignored(wire):
    with wire() as connection:
        trailers = b"3\r\nabc\r\n0\r\nX-Trailer: 1\r\n\r\n"
        connection.send("POST /echo HTTP/1.1", "Host: x", "Transfer-Encoding: chunked", body=trailers)
        assert b"TRAILER" not in connection.reply().body
        connection.send("GET /unread HTTP/1.1", "Host: x")
        assert connection.reply().body == b"unread"


@pytest.mark.parametrize("length", [LIMIT + 1, 10**12])
def test_a_declared_length_over_the_limit_is_refused_before_the_body(wire, length):
    with wire() as connection:
        connection.send("POST /length HTTP/1.1", "Host: x", f"Content-Length: {length}")
        assert connection.reply().status == 413


def test_a_chunked_body_over_the_limit_is_refused_before_its_end(wire):
    with wire() as connection:
        connection.send("POST /length HTTP/1.1", "Host: x", "Transfer-Encoding: chunked")
        connection.socket.sendall(chunked(*[b"x" * 2**16] * 33)[:-5])
        assert connection.reply().status == 413


def test_a_large_upload_gets_its_413_and_the_connection_ends(client):
    for _ in range(2):
        answer = client.post("/length", content=b"x" * 4 * LIMIT)
        assert (answer.status_code, answer.headers["connection"]) == (413, "close")
    assert client.get("/unread").status_code == 200


def test_a_view_that_does_not_read_a_large_body_answers(client):
    assert client.post("/unread", content=b"x" * 2 * LIMIT).text == "unread"


def test_a_client_that_waits_is_told_to_go_on(wire):
    with wire() as connection:
        connection.send("POST /length HTTP/1.1", "Host: x", "Content-Length: 3", "Expect: 100-continue")
        assert connection.reply().status == 100
        connection.socket.sendall(b"abc")
        assert connection.reply().body == b'{"length": 3}'


def test_a_client_that_waits_with_too_much_never_sends_it(wire):
    with wire() as connection:
        connection.send("POST /length HTTP/1.1", "Host: x", f"Content-Length: {LIMIT + 1}", "Expect: 100-continue")
        reply = connection.reply()
        assert (reply.status, reply["connection"]) == (413, "close")
        assert connection.closed()


def test_a_length_that_is_too_short_begins_another_request(wire):
    with wire() as connection:
        connection.send(
            "POST /length HTTP/1.1", "Host: x", "Content-Length: 3", body=b"abcGET /unread HTTP/1.1\r\n\r\n"
        )
        assert connection.reply().body == b'{"length": 3}'
        assert connection.reply().body == b"unread"


def test_a_length_that_is_too_short_for_what_is_no_request_ends_the_connection(wire):
    with wire() as connection:
        connection.send("POST /length HTTP/1.1", "Host: x", "Content-Length: 3", body=b"abcdef")
        assert connection.reply().body == b'{"length": 3}'
        assert connection.reply().status == 400
        assert connection.closed()


@pytest.mark.parametrize("framing", ["Content-Length: 100", "Transfer-Encoding: chunked"])
def test_a_client_that_leaves_half_way_reaches_no_view(wire, client, framing):
    before = client.get("/journal").json()
    with wire() as connection:
        connection.send("POST /slow?name=half-way HTTP/1.1", "Host: x", framing, body=b"3\r\nabc\r\n")
        client.get("/unread")  # meanwhile the other has arrived
    assert [client.get("/journal").json() for _ in range(10)] == [before] * 10


def test_slow_uploads_hold_no_thread(wire, client):
    """A hundred bodies are half-way at once, and two threads answer everybody else."""
    from contextlib import ExitStack

    with ExitStack() as stack:
        crowd = [stack.enter_context(wire()) for _ in range(100)]
        for connection in crowd:
            connection.send("POST /length HTTP/1.1", "Host: x", "Content-Length: 6", body=b"abc")
        assert [client.get("/unread").text for _ in range(20)] == ["unread"] * 20
        for connection in crowd:
            connection.socket.sendall(b"def")
        assert {connection.reply().body for connection in crowd} == {b'{"length": 6}'}
