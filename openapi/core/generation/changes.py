"""`/v1/changes` in the contract: events of every resource, each with a schema of its own (CloudEvents 1.0)."""

from typing import Any

from api.core.changes import participants
from api.core.changes.parameters import DEFAULT_LIMIT, MOST_CHANGES
from openapi.core.generation import names, problems, security
from openapi.core.generation.common_parameters import COMMON, CURSOR, query
from openapi.core.generation.headers import named
from openapi.core.generation.schemas.columns import key_schema
from openapi.core.generation.schemas.registry import Schema, described
from openapi.core.generation.schemas.rows import Rows

TAG = {"name": "Changes", "description": "What was changed: delta sync, as CloudEvents 1.0."}
NDJSON = "application/x-ndjson"
STREAM = (
    "Events as they happen, `ready` when all since `since` have been sent, and `reset` with the `resources` whose "
    "lists are to be read again. With `watch`, the events of live lists: `subscription` beside `data` says of which."
)
EXAMPLE = "41007-5a1c0f2e9b7d4c36"


def event(rows: Rows, view: Any) -> Schema:
    """Return the schema of an event of a resource."""
    name = rows.name(view)
    return rows.components.schema(f"{name}Event", lambda: _event(rows, view))


def history(rows: Rows, view: Any) -> Schema:
    """Return the schema of a page of the history of a row."""
    return rows.components.schema(f"{rows.name(view)}History", lambda: _history(rows, view))


def _history(rows: Rows, view: Any) -> Schema:
    url = {"type": ["string", "null"], "format": "uri"}
    members = {
        "next": described(url, "Earlier changes; null at the end."),
        "previous": {"type": "null", "description": "Always null: begin again for later changes."},
        "results": {"type": "array", "items": event(rows, view)},
    }
    about = f"Changes of {names.with_article(names.singular(view))}, the newest first."
    return {"type": "object", "description": about, "required": [*members], "properties": members}


def _event(rows: Rows, view: Any) -> Schema:
    resource, one = view.resource_type(), names.singular(view)
    gone = {
        "type": "object",
        "description": f"What names {names.with_article(one)} that is gone.",
        "required": ["id"],
        "properties": {"id": key_schema(resource.key)},
        "additionalProperties": False,
    }
    [whole, _] = rows.alternatives(view)
    types = [f"{resource.plural}.{kind}" for kind in ("created", "updated", "deleted")]
    members: dict[str, Schema] = {
        "specversion": {"type": "string", "const": "1.0", "description": "The version of CloudEvents."},
        "id": described(CURSOR, "A cursor: `since` takes it. With `source` it names the event."),
        "source": {"type": "string", "format": "uri", "description": "The URL of the collection."},
        "type": {
            "type": "string",
            "enum": types,
            "description": "What it is to whoever reads it: a row that they cannot read any more is deleted.",
        },
        "subject": {"type": "string", "minLength": 1, "description": f"What names the {one} in its address."},
        "time": {"type": "string", "format": "date-time", "description": "When it was written."},
        "datacontenttype": {"type": "string", "const": "application/json", "description": "What `data` is."},
        "actor": {
            "type": "string",
            "description": "The key of the person who did it; told to themselves and to staff.",
        },
        "data": {
            "anyOf": [whole, gone],
            "description": f"The {one} as it was after the change; its `id` if it is gone.",
        },
    }
    required = [name for name in members if name != "actor"]
    about = f"A change of {names.with_article(one)} (CloudEvents 1.0)."
    return {"type": "object", "description": about, "required": required, "properties": members}


def events(paths: Schema, schemas: Schema) -> list[Schema]:
    """Return references to the events of all resources, by the histories of their rows."""
    pages = [
        item["get"]["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        for path, item in paths.items()
        if path.endswith("}/history") and changes_of_row(item)
    ]
    return [schemas[name]["properties"]["results"]["items"] for name in dict.fromkeys(pages)]


def changes_of_row(item: Schema) -> bool:
    """Whether a path is that of Headwater's own history, and not of an action of that name."""
    return str(item.get("get", {}).get("operationId", "")).endswith("History")


def operation(events: list[Schema]) -> Schema:
    """Return the operation of delta sync."""
    followed = participants.followed()
    page: Schema = {
        "type": "object",
        "description": "Some of what was changed.",
        "required": ["next", "more", "results"],
        "properties": {
            "next": described(CURSOR, "From where to go on: the next `since`."),
            "more": {"type": "boolean", "description": "Whether there is more to be read at once."},
            "reset": {
                "type": "array",
                "items": {"type": "string", "enum": followed},
                "description": "Resources whose lists are to be read again, if there are any: others of their rows may "
                "be read now, though these did not change. The results have no events of theirs.",
            },
            "results": {"type": "array", "items": {"anyOf": events}, "description": "In the order of the log."},
        },
    }
    headers = named("ETag", "Link", "CacheControl", "Allow")
    names_ = {"type": "string", "enum": followed}
    return {
        "operationId": "listChanges",
        "summary": "List changes since a cursor",
        "description": "What was changed, as far as it may be read: delta sync. Without `since` it begins now: there "
        "are no results, and `next` is where to go on. Events are those of the list of each resource, shown without "
        "a parameter.\n\nWho may: anyone, of the rows that they may read.",
        "tags": [TAG["name"]],
        "x-who-may": "anyone, of the rows that they may read",
        "security": [{}, *security.known("GET")],
        "parameters": [
            query("since", "Where to go on: `next` of an earlier answer, or the `id` of an event.", CURSOR),
            query(
                "resource",
                "Of which resources; all that may be read, if not given.",
                {"type": "array", "minItems": 1, "items": names_},
            ),
            query(
                "limit",
                f"How many changes are looked at, at most; {DEFAULT_LIMIT} if not given. Those that may not be read "
                "count, too: an answer without results may have `more`.",
                {"type": "integer", "minimum": 1, "maximum": MOST_CHANGES},
            ),
            query(
                "watch",
                "With `Accept: text/event-stream`, in the place of changes: the address of a list that is to be live, "
                "such as `/v1/cities?country=FR`. It may stand up to 50 times.",
                {"type": "string", "minLength": 1},
            ),
            COMMON["Ticket"],
            COMMON["LastEventId"],
            {"$ref": "#/components/parameters/IfNoneMatch"},
        ],
        "responses": {
            "200": {
                "description": "Events, and from where to go on.",
                "headers": headers,
                "content": {
                    "application/json": {
                        "schema": page,
                        "example": {"next": EXAMPLE, "more": False, "results": []},
                    },
                    NDJSON: {
                        "schema": {"type": "string", "description": "An event a line; where to go on says `Link`."}
                    },
                    "text/event-stream": {"schema": {"type": "string", "description": STREAM}},
                },
            },
            "304": {"description": "Nothing was changed since.", "headers": headers},
        }
        | problems.responses(
            "InvalidRequest", "NotAuthenticated", "Forbidden", "NotAcceptable", "ChangesGone", "TooManyRequests",
            "InternalError", "Unavailable",
        ),
    }  # fmt: skip
