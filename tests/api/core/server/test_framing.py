"""What a client sends is cut into whole heads and parts of one body, however it arrives."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.core.server.framing import Framing, TooLongError

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
MOST = 100


def framing(*pieces: bytes) -> Framing:
    made = Framing(MOST)
    for piece in pieces:
        made.take(piece)
    return made


def chunked(*pieces: bytes) -> Framing:
    made = framing(*pieces)
    made.follows(None)
    return made


def test_it_works() -> None:
    made = framing(GET + GET)
    assert (made.piece(), made.piece(), made.piece()) == (GET, GET, b"")


def test_a_head_in_single_bytes_is_one_piece() -> None:
    made = framing()
    for byte in GET[:-1]:
        made.take(bytes((byte,)))
        assert made.piece() == b""
    made.take(GET[-1:])
    assert made.piece() == GET


def test_empty_lines_before_a_head_are_passed_over() -> None:
    assert framing(b"\r\n\r\n\r\n" + GET).piece() == GET


@pytest.mark.parametrize("start", [b"\x16\x03\x01", b"get / HTTP/1.1\r\n", b"GET / HTTP/1.1\nHost: x\n\n"])
def test_what_is_no_head_is_not_waited_for(start: bytes) -> None:
    assert framing(start).piece() == start


@pytest.mark.parametrize("end", [b"", b"\r\n\r\n"])
def test_a_head_that_is_too_long_is_refused(end: bytes) -> None:
    with pytest.raises(TooLongError, match="over 100 bytes"):
        framing(b"GET /" + b"x" * MOST + end).piece()


def test_a_head_of_just_the_bound_is_not() -> None:
    head = b"GET /".ljust(MOST - 4, b"x") + b"\r\n\r\n"
    assert framing(head).piece() == head


def test_a_body_of_a_length_ends_there() -> None:
    made = framing(b"abcde", GET)
    made.follows(5)
    assert made.piece() == b"abcde"
    made.ends()
    assert made.piece() == GET


@given(st.lists(st.integers(1, 60)))
def test_a_chunked_body_ends_where_it_ends_however_it_arrives(cuts: list[int]) -> None:
    """Its content holds empty lines, and what looks like a request."""
    body = b"9\r\nab\r\n\r\nGET\r\n20;x=y\r\n" + GET + b"123456\r\n0\r\nX-Trailer: 1\r\n\r\n"
    sent, made, parsed = body + GET + GET, chunked(), b""
    for start, end in zip([0, *_sums(cuts)], [*_sums(cuts), len(sent)], strict=True):
        made.take(sent[start:end])
        while len(parsed) < len(body) and (piece := made.piece()):
            parsed += piece
    assert parsed == body


def _sums(cuts: list[int]) -> list[int]:
    return [sum(cuts[: place + 1]) for place in range(len(cuts))]


def test_a_line_of_a_chunked_body_is_not_waited_for_without_end() -> None:
    assert len(chunked(b"x" * 5000).piece()) == 5000
    assert chunked(b"x" * 50).piece() == b""


def test_what_stands_around_a_body_is_bounded() -> None:
    made = chunked(b"1\r\na\r\n0\r\n" + b"X-Trailer: 1\r\n" * 20)
    made.piece()
    made.content(1)
    with pytest.raises(TooLongError, match="over 100 bytes around"):
        made.piece()


def test_small_chunks_are_not_too_much() -> None:
    made = chunked()
    for _ in range(1000):
        made.take(b"1\r\na\r\n")
        assert made.piece()
        made.content(1)


def test_much_content_does_not_pay_for_trailers_without_end() -> None:
    made = chunked(b"x" * 4096)
    made.piece()
    made.content(4096)
    made.take(b"X-Trailer: 1\r\n" * 20)
    made.piece()
    with pytest.raises(TooLongError):
        made.piece()
