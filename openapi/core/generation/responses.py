"""The answers of a resource's operations: every status, with the headers and the bodies that it really has."""

from collections.abc import Callable
from typing import Any

from api.core.views.explain_access import MEDIA_TYPE
from openapi.core.generation import examples, names, policies, problems
from openapi.core.generation.headers import named
from openapi.core.generation.schemas.registry import Schema
from openapi.core.generation.schemas.rows import Rows

JSON, NDJSON, CSV = "application/json", "application/x-ndjson", "text/csv"

EXPLAINED: Schema = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Access"}}}
"""What `explain=access` answers, in a form of its own."""

ALWAYS = ("NotAuthenticated", "NotAcceptable", "TooManyRequests", "InternalError", "Unavailable")
WRITTEN = ("InvalidBody", "Forbidden", "Conflict", "ContentTooLarge", "RequestTimeout", "UnsupportedMediaType")
REFUSALS = {
    "list": ("InvalidRequest", "NotFound"),
    "retrieve": ("InvalidRequest", "NotFound"),
    "create": WRITTEN,
    "update": (*WRITTEN, "NotFound"),
    "partial_update": (*WRITTEN, "NotFound"),
    "destroy": ("InvalidRequest", "Forbidden", "NotFound", "Conflict"),
}
"""The error responses of each action, beside those that every one has."""


class Responses:
    """Describes the answers of one operation."""

    def __init__(self, inspector: Any) -> None:
        """Take drf-spectacular's inspector of the operation."""
        self.rows, self.view, self.method = Rows(inspector), inspector.view, inspector.method
        self.example = examples.row(self.view)

    def all(self) -> dict[str, Schema]:
        """Return every response of the view's action, by status."""
        return self._successes() | refusals(self.view, self.method)

    def _successes(self) -> dict[str, Schema]:
        makers: dict[str, Callable[[], dict[str, Schema]]] = {
            "list": self._list,
            "retrieve": self._item,
            "create": self._created,
            "destroy": lambda: {"204": {"description": "It is deleted.", "headers": named("CacheControl", "Allow")}},
        }
        return makers.get(self.view.action, self._changed)()

    def _list(self) -> dict[str, Schema]:
        content = {JSON: {"schema": self.rows.page(self.view)}, **self._streams(), **EXPLAINED}
        if self.example:
            content[JSON]["example"] = examples.page(self.example)
        kept = ("PageETag", "Link", "CacheControl", "Allow")
        return {
            "200": {
                "description": f"A page of {names.plural(self.view)}, or all of them as a stream.",
                "headers": named(*kept, "ContentDisposition"),
                "content": content,
            },
            "304": {"description": "The client has this page.", "headers": named("ETag", "Link", *kept[2:])},
        }

    def _streams(self) -> dict[str, Schema]:
        row = names.singular(self.view)
        streams = {
            NDJSON: {
                "schema": {"type": "string", "description": f"One JSON object a line, each {row} as in `results`."}
            },
            CSV: {
                "schema": {"type": "string", "description": f"A header line, then a line for each {row} (RFC 4180)."}
            },
        }
        if self.example:
            streams[NDJSON]["example"] = examples.ndjson(self.example)  # type: ignore[assignment]
            streams[CSV]["example"] = examples.csv(self.view, self.example)  # type: ignore[assignment]
        return streams

    def _item(self) -> dict[str, Schema]:
        shown = self._row(f"The {names.singular(self.view)}.", "ETag", "CacheControl")
        return {
            "200": {**shown, "content": {**shown["content"], **EXPLAINED}},
            "304": {"description": "The client has it.", "headers": named("ETag", "CacheControl", "Allow")},
        }

    def _created(self) -> dict[str, Schema]:
        about = f"The new {names.singular(self.view)}, or all of them; nothing with `Prefer: return=minimal`."
        made = self._row(about, "Location", "CreatedETag", "CacheControl", "PreferenceApplied")
        one_or_many = [*self.rows.alternatives(self.view), self.rows.rows(self.view)]
        made["content"][JSON]["schema"] = {"anyOf": one_or_many}
        return {"201": made}

    def _changed(self) -> dict[str, Schema]:
        return {
            "200": self._row(f"The {names.singular(self.view)} as it is now.", "ETag", "CacheControl"),
            "204": {
                "description": "It is changed; the answer to `Prefer: return=minimal`.",
                "headers": named("ETag", "CacheControl", "PreferenceApplied", "Allow"),
            },
        }

    def _row(self, about: str, *headers: str) -> Schema:
        shown = {"example": self.example} if self.example else {}
        content = {JSON: {"schema": self.rows.row(self.view), **shown}}
        return {"description": about, "headers": named(*headers, "Allow"), "content": content}


def refusals(view: Any, method: str) -> dict[str, Schema]:
    """Return the error responses of an operation, by status."""
    own = REFUSALS["retrieve"] if method == "GET" else (*WRITTEN, "NotFound")
    known = REFUSALS.get(view.action, own)
    hidden = ("Forbidden",) if view.permission_classes or not policies.is_public(view, method) else ()
    return problems.responses(*known, *hidden, *ALWAYS)


def of_an_own_action(response: Schema) -> Schema:
    """Complete a success that drf-spectacular described: with the headers that every answer has."""
    said = response.get("description") or "It is done."
    headers = {**named("CacheControl", "Allow"), **response.get("headers", {})}
    return {**response, "description": said, "headers": headers}
