"""A refusal as bytes of HTTP/1, for requests that reach no application."""

import msgspec
from django.conf import settings
from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from resources.core.uuids import uuid7
from serializers.core.problems import MEDIA_TYPE, problem


def refusal(slug: str, detail: str, fields: list[tuple[bytes, bytes]]) -> bytes:
    """Write a problem as the answer to a request that reaches no application."""
    error, request_id = problem(slug, detail), str(uuid7())
    body = msgspec.json.encode(error.as_json(origin=settings.PUBLIC_URL, instance=request_id))
    fields = [
        *fields,
        (b"x-request-id", request_id.encode()),
        (b"cache-control", b"no-store"),
        (b"content-type", MEDIA_TYPE.encode()),
        (b"content-length", b"%d" % len(body)),
        (b"connection", b"close"),
    ]
    head = b"".join(b"%b: %b\r\n" % field for field in fields)
    return STATUS_LINE[error.kind.status] + head + b"\r\n" + body
