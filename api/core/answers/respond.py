"""The last step: a Page or a row becomes status, headers and bytes. `compression` makes the 304 of it."""

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import patch_vary_headers

from serializers.core.json import encode

JSON = "application/json"
VARY = ("Accept", "Authorization", "Origin")


def body_digest(body: bytes) -> str:
    """Return 16 hexadecimal digits of a body."""
    return hashlib.blake2b(body, digest_size=8).hexdigest()


def page_body(rows: Any, following: str | None, preceding: str | None, count: int | None) -> bytes:
    """Write the envelope of a list."""
    counted = {} if count is None else {"count": count}
    return encode({"next": following, "previous": preceding, **counted, "results": rows})


def link_header(**links: str | None) -> str:
    """Write the Link header (RFC 8288)."""
    return ", ".join(f'<{url}>; rel="{name}"' for name, url in links.items() if url)


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
    """Say who may keep an answer: nobody what a key was shown for, anybody the rest, after asking again."""
    private = "Authorization" in request.headers
    response["Cache-Control"] = "private, no-cache" if private else "public, no-cache"
    patch_vary_headers(response, VARY)
    return response


def item_etag(row: Any, body: bytes) -> str:
    """Return `"<version>-<digest>"`: the row's version and the digest of this representation of it."""
    return f'"{version_of(row)}-{body_digest(body)}"'


def version_of(row: Any) -> str:
    """Return the row's revision, or a digest of its stored columns where the model counts none."""
    revision = getattr(row, "revision", None)
    if revision is not None:
        return str(revision)
    stored = [str(getattr(row, column.attname)) for column in row._meta.concrete_fields]
    return body_digest(msgspec.json.encode(stored))
