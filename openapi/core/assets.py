"""The static files of the pages: served from this server, compressed once, cacheable for ever under their digest."""

import gzip
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import zstandard
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import patch_vary_headers

from api.core.http.compression import coding_for
from openapi.core import views
from serializers.core.problems import refuse

FOLDER = Path(__file__).parent / "assets"
TYPES: Mapping[str, str] = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
FILES = {path.relative_to(FOLDER).as_posix(): path for path in FOLDER.rglob("*") if path.suffix in TYPES}
# Each asset is compressed once per process: at these levels, 4.4 MB become 1.1 MB in a quarter of a second.
CODINGS: Mapping[str, Callable[[bytes], bytes]] = {
    "zstd": lambda content: zstandard.ZstdCompressor(level=9).compress(content),
    "gzip": lambda content: gzip.compress(content, 6, mtime=0),
}
_FOR_EVER = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"


@dataclass(frozen=True, slots=True)
class Asset:
    """One file: its name below the folder, its media type, and a digest of its bytes."""

    name: str
    type: str
    digest: str


@lru_cache(maxsize=64)
def find(name: str) -> Asset:
    """Return a file by its name.

    Raises:
        KeyError: when there is no such file, or it is of a type that is not served.
    """
    path = FILES[name]
    return Asset(name, TYPES[path.suffix], hashlib.sha256(path.read_bytes()).hexdigest()[:16])


def url(name: str) -> str:
    """Return the address of a file; it changes with the file's content."""
    return reverse("docs-asset", args=[find(name).digest, name])


@lru_cache(maxsize=32)
def content(name: str, coding: str) -> bytes:
    """Return a file's bytes in a coding of `CODINGS`, or as they are for `identity`."""
    whole = FILES[name].read_bytes()
    return CODINGS[coding](whole) if coding in CODINGS else whole


class AssetView(views.PageView):
    """`/docs/static/<digest>/<name>`: a file, unchanging under its digest."""

    def get(self, request: HttpRequest, digest: str, name: str) -> HttpResponse:
        """Send the file in the best coding the client takes, or 304 when it has it.

        A digest of another version is answered with this version, not to be kept: while a new version is rolled
        out, pages of one process ask for files of another.

        Raises:
            Refusal: there is no such file.
        """
        try:
            asset = find(name)
        except KeyError:
            raise refuse("not-found", f"There is no file {name[:100]!r}.") from None
        coding = coding_for(request.headers.get("Accept-Encoding", "")) or "identity"
        response = HttpResponse(content(name, coding), content_type=asset.type)
        response["Cache-Control"] = _FOR_EVER if digest == asset.digest else _ASK_AGAIN
        patch_vary_headers(response, ["Accept-Encoding"])
        response["ETag"] = f'"{asset.digest}"'
        if coding in CODINGS:
            response["ETag"] = f'"{asset.digest}-{coding}"'
            response["Content-Encoding"] = coding
        return views.versioned(response)
