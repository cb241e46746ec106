"""The forms a collection is served in, and how each is written: JSON pages, NDJSON and CSV streams."""

from collections.abc import Iterator, Mapping
from itertools import batched, chain, islice
from typing import Protocol

import msgspec
from django.http import StreamingHttpResponse
from rest_framework.renderers import BaseRenderer

from api.core.http.event_stream import MEDIA_TYPE as EVENT_STREAM
from serializers.core.json import encode
from serializers.core.kinds import Serializer
from serializers.core.read.tabular import Table, declares_members

AT_ONCE = 500
"""Rows that are decoded together: so many stay in the processor's caches until their lines are written."""


class Collection(Protocol):
    """What is written as a stream: all rows that a request leaves."""

    def chunks(self) -> Iterator[list[str]]:
        """Read the JSON of every row, a bounded number at a time."""
        ...

    def serializer(self) -> Serializer:
        """Return what shows the rows."""
        ...


class JSONRenderer(BaseRenderer):
    """JSON, for what viewsets answer with DRF's own Response."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self,
        data: object,  # what a view answers may be anything
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, object] | None = None,
    ) -> bytes:
        """Write the data; an answer without data has no body."""
        return b"" if data is None else encode(data)


class NDJSONRenderer(JSONRenderer):
    """One JSON object a line."""

    media_type = "application/x-ndjson"
    format = "ndjson"

    @staticmethod
    def stream(rows: Collection) -> Iterator[bytes]:
        """Write a collection, chunk by chunk."""
        for chunk in rows.chunks():
            yield ("\n".join(chunk) + "\n").encode()


class CSVRenderer(JSONRenderer):
    """Comma-separated values (RFC 4180), with a header line."""

    media_type = "text/csv"
    format = "csv"

    @staticmethod
    def stream(rows: Collection) -> Iterator[bytes]:
        """Write a collection, chunk by chunk; expanded objects become columns such as `country.name`.

        Where custom code says which members rows have, they are read twice: for the header, and for the lines.
        """
        table = CSVRenderer._table(rows)
        header = table.header()
        for chunk in rows.chunks():
            decoded = (msgspec.json.decode(f"[{','.join(some)}]") for some in batched(chunk, AT_ONCE))
            yield b"".join((header, *map(table.lines, decoded)))
            header = b""
        if header:
            yield header

    @staticmethod
    def _table(rows: Collection) -> Table:
        serializer = rows.serializer()
        if declares_members(serializer):
            return Table.of(serializer)
        return Table.of_rows(serializer, (msgspec.json.decode(row) for chunk in rows.chunks() for row in chunk))


class EventRenderer(JSONRenderer):
    """Events without end: a live list, or changes as they happen."""

    media_type = EVENT_STREAM
    format = "events"


STREAMS: dict[str, type[NDJSONRenderer] | type[CSVRenderer]] = {
    renderer.media_type: renderer for renderer in (NDJSONRenderer, CSVRenderer)
}


def streamed(media_type: str, chunks: Iterator[bytes], name: str) -> StreamingHttpResponse:
    """Answer with a stream; a browser saves it under the resource's name.

    The first chunk is read at once, so that what is wrong with the request or the database is still a problem and
    not half an answer.
    """
    first = tuple(islice(chunks, 1))
    response = StreamingHttpResponse(chain(first, chunks), content_type=f"{media_type}; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.{STREAMS[media_type].format}"'
    response["X-Accel-Buffering"] = "no"
    return response
