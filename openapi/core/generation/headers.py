"""The headers of answers, as components: each described once, and named where it really occurs."""

from collections.abc import Mapping
from typing import Any

Schema = dict[str, Any]


def header(about: str, schema: Schema, *, always: bool = True) -> Schema:
    """Describe a header."""
    return {"description": about, **({"required": True} if always else {}), "schema": schema}


TEXT: Schema = {"type": "string"}
ETAG = {"type": "string", "pattern": '^"[^"]+"$'}
URL = {"type": "string", "format": "uri"}

HEADERS: Mapping[str, tuple[str, Schema]] = {
    "RequestId": ("X-Request-ID", header("The request's id: its own `X-Request-ID`, or one that was made.", TEXT)),
    "ETag": (
        "ETag",
        header("The version of the row and of this representation of it, for `If-None-Match` and `If-Match`.", ETAG),
    ),
    "CurrentETag": ("ETag", header("The version of the row as it is now.", ETAG)),
    "PageETag": ("ETag", header("A digest of the page, for `If-None-Match`. A stream has none.", ETAG, always=False)),
    "Link": (
        "Link",
        header(
            "The neighbours of the page, `next` and `prev` (RFC 8288). A page without any has none, nor has a stream.",
            TEXT,
            always=False,
        ),
    ),
    "CacheControl": ("Cache-Control", header("Who may keep the answer, and that they must ask again.", TEXT)),
    "NotStored": ("Cache-Control", header("Errors are not kept.", {"type": "string", "const": "no-store"})),
    "Vary": ("Vary", header("The request headers that this answer depends on.", TEXT, always=False)),
    "Allow": ("Allow", header("The methods on offer here.", TEXT, always=False)),
    "Accept": ("Accept", header("The types of body that are read here (RFC 9110).", TEXT, always=False)),
    "AcceptPatch": ("Accept-Patch", header("The types of patch that are read here (RFC 5789).", TEXT, always=False)),
    "Policy": ("Content-Security-Policy", header("What a page may load; on pages only.", TEXT, always=False)),
    "ContentDisposition": (
        "Content-Disposition",
        header("A file's name, on streams, so that a browser saves them.", TEXT, always=False),
    ),
    "Location": ("Location", header("The URL of the new row; not on an answer to many.", URL, always=False)),
    "CreatedETag": ("ETag", header("The version of the new row; not on a bare answer to many.", ETAG, always=False)),
    "PreferenceApplied": (
        "Preference-Applied",
        header(
            "The preference that was honoured (RFC 7240).", {"type": "string", "const": "return=minimal"}, always=False
        ),
    ),
    "IdempotencyReplayed": (
        "Idempotency-Replayed",
        header(
            "That this is what the first request with the same `Idempotency-Key` was answered; not there on the first.",
            {"type": "string", "const": "true"},
            always=False,
        ),
    ),
    "Authenticate": ("WWW-Authenticate", header("How to show who you are (RFC 6750).", TEXT)),
    "RateLimit": (
        "RateLimit",
        header(
            "What is left of the limit that counts here: so many requests (`r`), and all of them after so many seconds "
            '(`t`), as in `"actor";r=4999;t=1` (draft-ietf-httpapi-ratelimit-headers-11). Not where limits are off.',
            TEXT,
            always=False,
        ),
    ),
    "RateLimitPolicy": (
        "RateLimit-Policy",
        header(
            'That limit: its quota (`q`) and its window in seconds (`w`): `"actor";q=5000;w=60`. It refills evenly.',
            TEXT,
            always=False,
        ),
    ),
    "ServerTiming": (
        "Server-Timing",
        header(
            "Milliseconds of each step of a read (`parse`, `plan`, `sql`, `render`), and how rows were read (`level`).",
            TEXT,
            always=False,
        ),
    ),
    "Deprecation": (
        "Deprecation",
        header(
            "That the answer shows, or the request names, what is going to go: since when, in seconds; `@0` where "
            "nobody says (RFC 9745). Not there where nothing is.",
            {"type": "string", "pattern": "^@[0-9]+$"},
            always=False,
        ),
    ),
    "Sunset": (
        "Sunset",
        header("Until when that is there (RFC 8594); of several, the first that goes.", TEXT, always=False),
    ),
    "RetryLater": (
        "Retry-After",
        header(
            "Seconds after which to try again, where the first request with the same key is under way.",
            {"type": "integer", "minimum": 0},
            always=False,
        ),
    ),
    "RetryAfter": ("Retry-After", header("Seconds after which to try again.", {"type": "integer", "minimum": 0})),
}
"""By the name of its component: a header's name, and what it says."""


def named(*components: str) -> Schema:
    """Refer to some headers, in the form that a response has them."""
    everywhere = (*components, "Vary", "ServerTiming", "RateLimit", "RateLimitPolicy", "RequestId")
    return {HEADERS[name][0]: {"$ref": f"#/components/headers/{name}"} for name in everywhere}


def components() -> dict[str, Schema]:
    """Return every header, by the name of its component."""
    return {name: header for name, (_, header) in HEADERS.items()}
