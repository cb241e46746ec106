"""The last step: a Page or a row becomes status, headers and bytes. `compression` makes the 304 of it."""

import hashlib
from collections.abc import Mapping, Sequence

import msgspec
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import patch_vary_headers
from xxhash import xxh3_64_hexdigest

JSON = "application/json"
IDENTITIES = ("Authorization", "Cookie", "X-Session-Token")
"""The headers that may say who asks."""
VARY = ("Accept", "Origin", *IDENTITIES)


def body_digest(body: bytes) -> str:
    """Return 16 hexadecimal digits of a body by XXH3, in a twentieth of the time of SHA-256; nothing is kept secret."""
    return xxh3_64_hexdigest(body)


def page_body(
    rows: Sequence[str], following: str | None, preceding: str | None, count: int | None, *, exact: bool = True
) -> bytes:
    """Write the envelope of a list, whose rows are JSON."""
    about: dict[str, str | int | None] = {"next": following, "previous": preceding}
    if count is not None:
        about["count"] = count
    if not exact:
        about["count_exact"] = False
    return b'%s,"results":[%s]}' % (msgspec.json.encode(about)[:-1], ",".join(rows).encode())


def link_header(**links: str | None) -> str:
    """Write the Link header (RFC 8288)."""
    return ", ".join([f'<{url}>; rel="{name}"' for name, url in links.items() if url])


def answer(request: HttpRequest, body: bytes, etag: str, headers: Mapping[str, str], status: int = 200) -> HttpResponse:
    """Answer with a body and its strong ETag."""
    response = HttpResponse(body, status=status, content_type=JSON)
    for name, text in {**headers, "ETag": etag}.items():
        response[name] = text
    return with_cache_headers(request, response)


def nothing(request: HttpRequest, status: int, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """Answer without a body, and so without a type of one."""
    response = HttpResponse(status=status, headers=headers)
    del response["Content-Type"]
    return with_cache_headers(request, response)


def with_cache_headers[R: HttpResponseBase](request: HttpRequest, response: R) -> R:
    """Say who may keep an answer: nobody what an identity was shown for, anybody the rest, after asking again."""
    private = any(map(request.headers.get, IDENTITIES))
    response["Cache-Control"] = "private, no-cache" if private else "public, no-cache"
    patch_vary_headers(response, VARY)
    return response


def item_etag(version: int | str, body: bytes) -> str:
    """Return `"<version>-<digest>"`: the row's version and the digest of this representation of it.

    The version is the row's revision or, where its model counts none, the text of all its columns.
    """
    return f'"{_stored_digest(version) if isinstance(version, str) else version}-{body_digest(body)}"'


def _stored_digest(columns: str) -> str:
    """Return 16 hexadecimal digits of all that a row holds; by SHA-256, as writes are held to it (`If-Match`)."""
    return hashlib.sha256(columns.encode(), usedforsecurity=False).hexdigest()[:16]
