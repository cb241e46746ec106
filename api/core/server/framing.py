"""Where the messages of HTTP/1 begin and end: cuts what a client sends into pieces for a parser.

A piece is a whole head, or a part of one body; no piece holds more than one message. So a parser, whichever it is,
never has more than one request to answer, never sees half a head, and never joins one from a thousand packets.
May refuse: a head, or what stands around a body, that is too long.

RFC 9112, sections 2.1 (a head ends with an empty line) and 7.1 (so does a chunked body, after its trailers).
"""

END = b"\r\n\r\n"
LINE = 2**12
"""Bytes of a chunked body that are passed on without waiting for the end of their line."""


class TooLongError(Exception):
    """What a client sends has no end where it must have one."""


class Framing:
    """The bytes of one connection that its parser has not had.

    Whoever uses it says what the parser has met: `follows` when a head is over and a body comes, `ends` when that
    has ended.
    """

    def __init__(self, most: int) -> None:
        """Take the bytes that a head may have, and that may stand around a body."""
        self._most = most
        self._buffer = bytearray()
        self._search_start = 0  # no head ends in the bytes before
        self._remaining: int | None = 0  # bytes of the body; None where it is chunked
        self._body = False
        self._last = b""  # the end of the piece before
        self._overhead = 0  # bytes of a chunked body's pieces beyond its content

    def __len__(self) -> int:
        """Return how many bytes wait."""
        return len(self._buffer)

    def take(self, data: bytes) -> None:
        """Take what has arrived."""
        self._buffer += data

    def drop(self) -> None:
        """Drop the bytes that wait."""
        self._buffer = bytearray()

    def follows(self, length: int | None) -> None:
        """Expect a body of a length; None for one in chunks."""
        self._body, self._remaining, self._last, self._overhead = True, length, b"", 0

    def ends(self) -> None:
        """Expect another head."""
        self._body, self._search_start = False, 0

    def content(self, length: int) -> None:
        """Hear how many bytes of content a piece of a chunked body had.

        A chunk of one byte has five around it; where more is spent on them, and more than a head may have, it is not
        for the content's sake.
        """
        self._overhead = max(-self._most, self._overhead - 9 * length)

    def piece(self) -> bytes:
        """Return the next piece; nothing where it has not arrived.

        Raises:
            TooLongError: there is no end to it.
        """
        if self._body and self._overhead > self._most:
            raise TooLongError(f"There are over {self._most} bytes around the body's content.")
        if not self._buffer:
            return b""
        if not self._body:
            return self._head()
        if self._remaining is None:
            return self._chunks()
        piece = self._cut(self._remaining)
        self._remaining -= len(piece)
        return piece

    def _head(self) -> bytes:
        buffer = self._buffer
        if buffer.startswith(b"\r\n"):  # empty lines before a request are passed over (RFC 9112, section 2.2)
            self._buffer = buffer = buffer.lstrip(b"\r\n")
            self._search_start = 0
        end = buffer.find(END, max(0, self._search_start - 3))
        if end >= 0 and end + 4 <= self._most:
            return self._cut(end + 4)
        if end >= 0 or len(buffer) > self._most:
            raise TooLongError(f"The request line and the headers are over {self._most} bytes together.")
        if buffer and (not buffer[:1].isupper() or buffer.find(b"\n\n", max(0, self._search_start - 1)) >= 0):
            return self._cut(len(buffer))  # no head at all, as the parser will say
        self._search_start = len(buffer)
        return b""

    def _chunks(self) -> bytes:
        buffer, last = self._buffer, self._last
        over = (last + buffer[:3]).find(END)
        end = over + 4 - len(last) if over >= 0 else buffer.find(END) + 4
        if end < 4 and over < 0:
            end = buffer.rfind(b"\n") + 1
        if not end and len(buffer) >= LINE:
            end = len(buffer)
        piece = self._cut(end)
        self._last = (last + piece)[-3:]
        self._overhead += len(piece)
        return piece

    def _cut(self, length: int) -> bytes:
        piece = bytes(self._buffer[:length])
        del self._buffer[:length]
        return piece


class Trailers(list[tuple[bytes, bytes]]):
    """The headers of a request whose head is over.

    What the parser adds after a chunked body are trailers, which no proxy has checked: they must not pass for headers
    (RFC 9110, section 6.5.1), and nobody reads them.
    """

    def append(self, field: tuple[bytes, bytes], /) -> None:
        """Drop a trailer."""
