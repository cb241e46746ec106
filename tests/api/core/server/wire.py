"""Speaks HTTP/1 byte by byte, for what a well-behaved client never sends."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True)
class Reply:
    """One response, as it stood on the wire."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def __getitem__(self, name: str) -> str | None:
        return dict(self.headers).get(name)


class Wire:
    """A connection."""

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        self._file = connection.makefile("rb")

    def send(self, *lines: str, body: bytes = b"") -> None:
        """Send a request's lines and its body."""
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode("latin-1") + body)

    def reply(self, *, head: bool = False) -> Reply:
        """Read one response.

        Raises:
            EOFError: the server closed the connection before its end.
        """
        status = int(self._line().split(" ")[1])
        headers = [(name.lower(), text) for name, _, text in (line.partition(": ") for line in self._lines())]
        bodiless = head or status in (204, 304) or status < 200
        return Reply(status, headers, b"" if bodiless else self._body(dict(headers)))

    def closed(self) -> bool:
        """Whether the server has closed the connection; waits for the next byte."""
        return self._file.read(1) == b""

    def close(self) -> None:
        """Let go of the file as well: a socket stays open as long as a file of it is."""
        self._file.close()
        self.socket.close()

    def _body(self, headers: dict[str, str]) -> bytes:
        if headers.get("transfer-encoding") == "chunked":
            return b"".join(self._chunks())
        if "content-length" in headers:
            return self._exactly(int(headers["content-length"]))
        return self._file.read()

    def _chunks(self) -> Iterator[bytes]:
        while size := int(self._line(), 16):
            yield self._exactly(size)
            self._line()
        self._line()

    def _lines(self) -> Iterator[str]:
        while line := self._line():
            yield line

    def _line(self) -> str:
        line = self._file.readline()
        if not line.endswith(b"\r\n"):
            raise EOFError(line)
        return line[:-2].decode("latin-1")

    def _exactly(self, size: int) -> bytes:
        data = self._file.read(size)
        if len(data) < size:
            raise EOFError(data)
        return data


@contextmanager
def connected(port: int, seconds: float = 60) -> Iterator[Wire]:
    """Open a connection to a server of this machine; every wait on it is bounded."""
    wire = Wire(socket.create_connection(("127.0.0.1", port), timeout=seconds))
    try:
        yield wire
    finally:
        wire.close()
