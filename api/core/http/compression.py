"""Compression on request: zstd or gzip, for bodies over 1 KB, with an ETag for each coding, and 304 for who has it.

The two belong together: only with the coding is it known which representation the client would get, and what
is not sent need not be compressed.
"""

import gzip
import re
import zlib
from collections.abc import Callable, Iterator
from typing import Protocol

import zstandard
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.cache import patch_vary_headers

from api.core.http.conditional import has_it, not_modified

SMALLEST = 1024
NEVER = ("text/event-stream", "image/", "font/", "application/zip")
CODING = re.compile(r"\s*([a-z*]+)\s*(?:;\s*q\s*=\s*([01](?:\.[0-9]{0,3})?))?\s*", re.IGNORECASE)


class Compressor(Protocol):
    """Compresses a stream, piece by piece."""

    def compress(self, data: bytes, /) -> bytes:
        """Take a piece; return what is ready."""
        ...

    def flush(self) -> bytes:
        """Return the rest."""
        ...


def _zstd(body: bytes) -> bytes:
    return zstandard.ZstdCompressor(level=3).compress(body)


def _gzip(body: bytes) -> bytes:
    return gzip.compress(body, compresslevel=5, mtime=0)


def _zstd_stream() -> Compressor:
    return zstandard.ZstdCompressor(level=3).compressobj()


def _gzip_stream() -> Compressor:
    return zlib.compressobj(level=5, wbits=31)


CODINGS: dict[str, tuple[Callable[[bytes], bytes], Callable[[], Compressor]]] = {
    "zstd": (_zstd, _zstd_stream),
    "gzip": (_gzip, _gzip_stream),
}
"""The codings on offer, the preferred one first: how a whole body and how a stream is compressed."""


def coding_for(header: str) -> str | None:
    """Choose a coding from Accept-Encoding (RFC 9110, section 12.5.3), or None for the body as it is."""
    weights: dict[str, float] = {}
    for part in header.split(",") if header else ():
        match = CODING.fullmatch(part)
        if match:
            weights[match[1].lower()] = float(match[2] or 1)
    qualities = {name: weights.get(name, weights.get("*", 0.0)) for name in CODINGS}
    best = max(qualities, key=lambda name: qualities[name])
    return best if qualities[best] > 0 and qualities[best] >= weights.get("identity", 0) else None


class Compression:
    """Compresses answers for clients that ask for it, and sends nobody what they have."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Take what answers."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, compressed where that is asked for and worth it."""
        response = self.get_response(request)
        coding = None
        if _compressible(response):
            patch_vary_headers(response, ("Accept-Encoding",))
            coding = coding_for(request.headers.get("Accept-Encoding", ""))
        if coding and response.has_header("ETag"):
            response["ETag"] = coded(response["ETag"], coding)
        if has_it(request, response):
            return not_modified(response)
        return compress(response, coding) if coding else response


def _compressible(response: HttpResponseBase) -> bool:
    if response.has_header("Content-Encoding") or response.get("Content-Type", "").startswith(NEVER):
        return False
    if isinstance(response, StreamingHttpResponse):
        return True
    return isinstance(response, HttpResponse) and len(response.content) >= SMALLEST


def coded(etag: str, coding: str) -> str:
    """Return the ETag of the compressed form: `"abc"` becomes `"abc-gzip"` (RFC 9110, section 8.8.3)."""
    return f'{etag[:-1]}-{coding}"'


def compress(response: HttpResponseBase, coding: str) -> HttpResponseBase:
    """Compress the body of a response."""
    whole, stream = CODINGS[coding]
    if isinstance(response, StreamingHttpResponse):
        chunks = response.streaming_content
        assert isinstance(chunks, Iterator)  # noqa: S101 - no view here streams asynchronously
        response.streaming_content = _compress_stream(chunks, stream())
        del response["Content-Length"]
    elif isinstance(response, HttpResponse):
        response.content = whole(response.content)
        response["Content-Length"] = str(len(response.content))
    response["Content-Encoding"] = coding
    return response


def _compress_stream(chunks: Iterator[bytes], compressor: Compressor) -> Iterator[bytes]:
    for chunk in chunks:
        data = compressor.compress(chunk)
        if data:
            yield data
    yield compressor.flush()
