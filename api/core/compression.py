"""Compression on request: zstd or gzip, for bodies over 1 KB, with an ETag for each coding."""

import gzip
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import zstandard
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.cache import patch_vary_headers

SMALLEST = 1024
NEVER = ("text/event-stream", "image/", "font/", "application/zip")
CODING = re.compile(r"\s*([a-z*]+)\s*(?:;\s*q\s*=\s*([01](?:\.[0-9]{0,3})?))?\s*", re.IGNORECASE)


def _zstd(body: bytes) -> bytes:
    return zstandard.ZstdCompressor(level=3).compress(body)


def _gzip(body: bytes) -> bytes:
    return gzip.compress(body, compresslevel=5, mtime=0)


def _zstd_stream() -> Any:
    return zstandard.ZstdCompressor(level=3).compressobj()


def _gzip_stream() -> Any:
    import zlib

    return zlib.compressobj(level=5, wbits=31)


CODINGS: dict[str, tuple[Callable[[bytes], bytes], Callable[[], Any]]] = {
    "zstd": (_zstd, _zstd_stream),
    "gzip": (_gzip, _gzip_stream),
}
"""The codings on offer, the preferred one first: how a whole body and how a stream is compressed."""


def coding_for(accepted: str) -> str | None:
    """Choose a coding from Accept-Encoding (RFC 9110, section 12.5.3), or None for none."""
    weights: dict[str, float] = {}
    for part in accepted.split(",") if accepted else ():
        match = CODING.fullmatch(part)
        if match:
            weights[match[1].lower()] = float(match[2] or 1)
    wanted = {name: weights.get(name, weights.get("*", 0.0)) for name in CODINGS}
    best = max(wanted, key=lambda name: wanted[name])
    return best if wanted[best] > 0 else None


class Compression:
    """Compresses answers for clients that ask for it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Take what answers."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, compressed where that is asked for and worth it."""
        response = self.get_response(request)
        if not _compressible(response):
            return response
        patch_vary_headers(response, ("Accept-Encoding",))
        coding = coding_for(request.headers.get("Accept-Encoding", ""))
        return response if coding is None else compressed(response, coding)


def _compressible(response: HttpResponseBase) -> bool:
    if response.has_header("Content-Encoding") or response.get("Content-Type", "").startswith(NEVER):
        return False
    if isinstance(response, StreamingHttpResponse):
        return True
    return isinstance(response, HttpResponse) and len(response.content) >= SMALLEST


def compressed(response: HttpResponseBase, coding: str) -> HttpResponseBase:
    """Compress a response; its ETag becomes that of the compressed form (RFC 9110, section 8.8.3)."""
    whole, stream = CODINGS[coding]
    if isinstance(response, StreamingHttpResponse):
        response.streaming_content = _compress(response.streaming_content, stream())  # type: ignore[arg-type]
        del response["Content-Length"]
    elif isinstance(response, HttpResponse):
        response.content = whole(response.content)
        response["Content-Length"] = str(len(response.content))
    response["Content-Encoding"] = coding
    if response.has_header("ETag"):
        response["ETag"] = f'{response["ETag"][:-1]}-{coding}"'
    return response


def _compress(chunks: Iterable[bytes], compressor: Any) -> Iterator[bytes]:
    for chunk in chunks:
        data = compressor.compress(chunk)
        if data:
            yield data
    yield compressor.flush()
