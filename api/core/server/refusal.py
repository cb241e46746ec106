"""A refusal as it stands on the wire of HTTP/1, where no application is asked for it."""

import msgspec
from django.conf import settings
from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from resources.core.uuids import uuid7
from serializers.core.problems import MEDIA_TYPE, problem


def refusal(slug: str, detail: str, fields: list[tuple[bytes, bytes]]) -> bytes:
    """Write a problem as an answer that no application is asked for."""
    told, request = problem(slug, detail), str(uuid7())
    body = msgspec.json.encode(told.as_json(origin=settings.PUBLIC_URL, instance=request))
    fields = [
        *fields,
        (b"x-request-id", request.encode()),
        (b"cache-control", b"no-store"),
        (b"content-type", MEDIA_TYPE.encode()),
        (b"content-length", b"%d" % len(body)),
        (b"connection", b"close"),
    ]
    head = b"".join(b"%b: %b\r\n" % field for field in fields)
    return STATUS_LINE[told.kind.status] + head + b"\r\n" + body
