"""The answers of a resource's operations: every status, with the headers and the bodies that it really has."""

from collections.abc import Callable
from typing import Any

from api.core.views import explain_access, explain_plan
from api.core.views.actions import SAFE
from openapi.core.generation import changes, examples, names, policies, problems
from openapi.core.generation.headers import named
from openapi.core.generation.schemas.registry import Schema
from openapi.core.generation.schemas.rows import Rows

JSON, NDJSON, CSV, EVENTS = "application/json", "application/x-ndjson", "text/csv", "text/event-stream"

EXPLANATION: Schema = {
    explain_access.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Access"}},
    explain_plan.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Plan"}},
}
"""What `explain=access` and `explain=plan` answer, each in a form of its own."""

GOING = ("Deprecation", "Sunset")
"""The headers of answers that show what is going to go."""
REPLAYED = "IdempotencyReplayed"
WRITTEN = ("CacheControl", "Allow", REPLAYED)
ALWAYS = ("NotAuthenticated", "NotAcceptable", "TooManyRequests", "InternalError", "Unavailable")
OF_WRITING = (
    *("InvalidBody", "Forbidden", "Conflict", "ContentTooLarge", "RequestTimeout", "UnsupportedMediaType"),
    "IdempotencyKeyReused",
)
REFUSALS = {
    "list": ("InvalidRequest", "NotFound"),
    "retrieve": ("InvalidRequest", "NotFound"),
    names.HISTORY: ("InvalidRequest", "NotFound"),
    "create": OF_WRITING,
    "update": (*OF_WRITING, "NotFound"),
    "partial_update": (*OF_WRITING, "NotFound"),
    "destroy": ("InvalidRequest", "Forbidden", "NotFound", "Conflict", "IdempotencyKeyReused"),
}
"""The error responses of each action, beside those that every one has."""


LIVE = (
    "A live list: `snapshot` events with the rows there are (`results`), `ready`, and then `enter` and `change`, each "
    "with a row, and `leave`, with the `id` of one. With `limit` it is the first rows; without it all, 10,000 at most."
)
"""What a list is as a stream."""


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
            names.HISTORY: self._history,
            "destroy": lambda: {"204": {"description": "It is deleted.", "headers": named(*WRITTEN)}},
        }
        return makers.get(self.view.action, self._changed)()

    def _list(self) -> dict[str, Schema]:
        content = {JSON: {"schema": self.rows.page(self.view)}, **self._streams(), **EXPLANATION}
        if self.example:
            content[JSON]["example"] = examples.page(self.example)
        headers = ("PageETag", "Link", "CacheControl", "Allow", *GOING)
        return {
            "200": {
                "description": f"A page of {names.plural(self.view)}, or all of them as a stream.",
                "headers": named(*headers, "ContentDisposition"),
                "content": content,
            },
            "304": {"description": "The client has this page.", "headers": named("ETag", "Link", *headers[2:])},
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
            EVENTS: {"schema": {"type": "string", "description": LIVE}},
        }
        if self.example:
            streams[NDJSON]["example"] = examples.ndjson(self.example)  # type: ignore[assignment]
            streams[CSV]["example"] = examples.csv(self.view, self.example)  # type: ignore[assignment]
        return streams

    def _item(self) -> dict[str, Schema]:
        response = self._row(f"The {names.singular(self.view)}.", "ETag", "CacheControl")
        return {
            "200": {**response, "content": {**response["content"], **EXPLANATION}},
            "304": {"description": "The client has it.", "headers": named("ETag", "CacheControl", "Allow", *GOING)},
        }

    def _history(self) -> dict[str, Schema]:
        headers = named("ETag", "Link", "CacheControl", "Allow")
        content = {JSON: {"schema": changes.history(self.rows, self.view)}}
        about = f"Changes of the {names.singular(self.view)}, the newest first."
        return {
            "200": {"description": about, "headers": headers, "content": content},
            "304": {"description": "The client has them.", "headers": headers},
        }

    def _created(self) -> dict[str, Schema]:
        about = f"The new {names.singular(self.view)}, or all of them; nothing with `Prefer: return=minimal`."
        response = self._row(about, "Location", "CreatedETag", "CacheControl", "PreferenceApplied", REPLAYED)
        one_or_many = [*self.rows.alternatives(self.view), self.rows.rows(self.view)]
        response["content"][JSON]["schema"] = {"anyOf": one_or_many}
        return {"201": response}

    def _changed(self) -> dict[str, Schema]:
        return {
            "200": self._row(f"The {names.singular(self.view)} as it is now.", "ETag", "CacheControl", REPLAYED),
            "204": {
                "description": "It is changed; the answer to `Prefer: return=minimal`.",
                "headers": named("ETag", "PreferenceApplied", *WRITTEN),
            },
        }

    def _row(self, about: str, *headers: str) -> Schema:
        example = {"example": self.example} if self.example else {}
        content = {JSON: {"schema": self.rows.row(self.view), **example}}
        return {"description": about, "headers": named(*headers, "Allow", *GOING), "content": content}


def refusals(view: Any, method: str) -> dict[str, Schema]:
    """Return the error responses of an operation, by status."""
    usual = REFUSALS["retrieve"] if method == "GET" else (*OF_WRITING, "NotFound")
    changing = view.detail and method not in SAFE
    required = ("PreconditionRequired",) if view.detail and view.require_if_match else ()
    conditions = ("PreconditionFailed", *required) if changing else ()
    groups = (*REFUSALS.get(view.action, usual), *conditions)
    forbidden = ("Forbidden",) if view.permission_classes or not policies.is_public(view, method) else ()
    return problems.responses(*groups, *forbidden, *ALWAYS)


def of_custom_action(response: Schema, method: str) -> Schema:
    """Complete a success that drf-spectacular described: with the headers that every answer has."""
    description = response.get("description") or "It is done."
    usual = named("CacheControl", "Allow") if method in SAFE else named(*WRITTEN)
    headers = {**usual, **response.get("headers", {})}
    return {**response, "description": description, "headers": headers}
