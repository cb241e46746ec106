"""What is recorded of a request."""

import zlib
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import zstandard

from .normal import Normal

UNPACK = {
    "gzip": lambda packed: zlib.decompressobj(31).decompress(packed),
    "zstd": lambda packed: zstandard.ZstdDecompressor().decompressobj().decompress(packed),
}


@dataclass(slots=True)
class Exchange:
    """A request and its answer, everything in normal form.

    Attributes:
        in_order: False where a thread of the test's has sent it, beside others.
        statements: in turn, with places for values.
        locks: of rows, in turn: how, in which table, and the ids that the statement names.
        levels: at which rows were read: traced, compiled, interpreted.
    """

    method: str
    target: str
    in_order: bool
    status: int = 0
    headers: list[str] = field(default_factory=list)
    body: str = ""
    statements: list[str] = field(default_factory=list)
    locks: list[str] = field(default_factory=list)
    levels: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, environ: dict[str, Any], normal: Normal, in_order: bool) -> "Exchange":
        """Begin with a request, as Django's test client is given it."""
        query = environ.get("QUERY_STRING", "")
        target = environ.get("PATH_INFO", "/") + (f"?{query}" if query else "")
        return cls(environ.get("REQUEST_METHOD", "GET"), normal.text(unquote(target)), in_order)

    def alone(self) -> "Exchange":
        """Return the request alone: who wins among several at once differs each time."""
        return Exchange(self.method, self.target, self.in_order)


def unpacked(body: bytes, coding: str | None) -> bytes:
    """Return a body as it was before it was compressed."""
    return UNPACK[coding](body) if body and coding in UNPACK else body
