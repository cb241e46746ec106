"""The parameters that many operations have, each described once."""

from collections.abc import Mapping
from typing import Any, get_args

from api.core.changes.parameters import DEFAULT_LIMIT_OF_ROW, LIMIT_OF_ROW
from api.core.query.parameters.reader import DEFAULT_LIMIT, MOST_NUMBERED, MOST_ROWS, MOST_WORDS
from api.core.query.shape import Count
from api.core.views.explain_access import ACCESS, PLAN
from openapi.core.generation.schemas.registry import Schema

WORDS = rf"^\s*[^\s\x00]+(\s+[^\s\x00]+){{0,{MOST_WORDS - 1}}}\s*$"
# No `default`: generated clients send defaults along, and `limit` does not go with `page`.
ROWS = {"type": "integer", "minimum": 1, "maximum": MOST_ROWS}


def query(name: str, about: str, schema: Schema, **more: Any) -> Schema:
    """Describe a query parameter; lists are separated by commas."""
    style = {"style": "form", "explode": False} if schema.get("type") == "array" else {}
    return {"name": name, "in": "query", "description": about, **style, "schema": schema, **more}


def header(name: str, about: str, example: str) -> Schema:
    """Describe a header of requests."""
    return {"name": name, "in": "header", "description": about, "schema": {"type": "string"}, "example": example}


CURSOR: Schema = {"type": "string", "pattern": "^(0|[1-9][0-9]{0,18})-[0-9a-f]{1,16}$"}
"""A place in the log of changes."""

COMMON: Mapping[str, Schema] = {
    "Limit": query("limit", f"How many rows a page has at most; {DEFAULT_LIMIT} if not given.", ROWS),
    "Cursor": query(
        "cursor",
        "Where to go on: a cursor from `next` or `previous`, with the same filters, search and ordering.",
        {"type": "string", "minLength": 1},
    ),
    "HistoryLimit": query(
        "limit",
        f"How many changes are looked at, at most; {DEFAULT_LIMIT_OF_ROW} if not given.",
        {"type": "integer", "minimum": 1, "maximum": LIMIT_OF_ROW.most},
    ),
    "HistoryCursor": query(
        "cursor",
        "Where to go on: a cursor from `next`, or the `id` of an event, before which the page begins.",
        {"type": "string", "minLength": 1},
    ),
    "Page": query(
        "page",
        f"The number of a classic page, for tools that want them. They end at row {MOST_NUMBERED:,}. Does not go with "
        "`limit` and `cursor`.",
        {"type": "integer", "minimum": 1, "maximum": MOST_NUMBERED},
    ),
    "PageSize": query(
        "page_size",
        f"How many rows a classic page has; {DEFAULT_LIMIT} if not given. Does not go with `limit` and `cursor`.",
        ROWS,
    ),
    "Count": query(
        "count",
        "Also count the rows in all: `exact`, or `estimated`, which is quick on large tables. What takes too long to "
        "count has `count_exact`: false beside it.",
        {"type": "string", "enum": list(get_args(Count))},
    ),
    "Search": query(
        "search", f"Up to {MOST_WORDS} words, all of which must be found.", {"type": "string", "pattern": WORDS}
    ),
    "Explain": query(
        "explain",
        "In the place of rows, `access`: what the actor may do here and which rules decide it; for staff, and for keys "
        "with the scope `explain`. `plan`: how the database goes about this very request; for staff. For others there "
        "is no such parameter.",
        {"type": "string", "enum": [ACCESS, PLAN]},
    ),
    "ExplainActor": query(
        "actor",
        "With `explain=access`: about the person with this address instead. Staff ask about anybody, a key about its "
        "owner.",
        {"type": "string", "format": "email"},
    ),
    "Since": query(
        "since",
        "With `Accept: text/event-stream`: where to go on, the `id` of the last event that you have.",
        CURSOR,
    ),
    "Ticket": query(
        "ticket",
        "With `Accept: text/event-stream`, and for WebSockets: who asks, where no header says it (`POST /v1/tickets`).",
        {"type": "string", "minLength": 1},
    ),
    "LastEventId": header(
        "Last-Event-ID", "As `since`; `EventSource` sends it by itself when it was cut off.", "41007-5a1c0f2e9b7d4c36"
    ),
    "IfNoneMatch": header(
        "If-None-Match", "ETags the client has; 304 when one is still right.", '"1-0123456789abcdef"'
    ),
    "DryRun": query(
        "dry_run",
        "`true`: answer as if it were done, and keep nothing. Ids and times are examples.",
        {"type": "boolean"},
    ),
    "IfMatch": header(
        "If-Match",
        "ETags of the row, of any representation of it: 412 when none is of the version that is stored.",
        '"1-0123456789abcdef"',
    ),
    "RequiredIfMatch": {
        **header(
            "If-Match", "The ETag of the row: 412 when it has changed since, 428 without.", '"1-0123456789abcdef"'
        ),
        "required": True,
    },
    "Prefer": header("Prefer", "`return=minimal`: send no body back.", "return=minimal"),
    "IdempotencyKey": {
        **header(
            "Idempotency-Key",
            "A text of the client's own, best a UUID: a request that is sent again with it within 24 hours is done "
            "once, and answered as the first time. Not for the anonymous.",
            "5e3a6d0c-0d59-4d3c-8a4c-2f1f0a8d6e11",
        ),
        "schema": {"type": "string", "minLength": 1, "maxLength": 257, "pattern": "^[!-~]([ -~]*[!-~])?$"},
    },
}
