"""The errors in the contract: one response for each status, with the kinds of problem that it may be."""

from collections.abc import Mapping
from typing import Any

from openapi.core.generation import headers
from openapi.core.generation.names import pascal
from openapi.core.problems import example
from serializers.core.problems import CATALOGUE, MEDIA_TYPE

Schema = dict[str, Any]
ORIGIN = "http://localhost:8000"

GROUPS: Mapping[str, tuple[str, ...]] = {
    "InvalidRequest": ("malformed-request", "invalid-parameters"),
    "InvalidBody": ("malformed-request", "invalid-parameters", "invalid-body"),
    "Authentication": ("not-authenticated", "authentication-pending", "reauthentication-required"),
    "NoAuthenticator": ("not-found",),
    **{pascal(slug): (slug,) for slug, kind in CATALOGUE.items() if kind.status != 400},
    "Conflict": ("conflict", "idempotency-key-in-use"),
}
"""The components of error responses, each with the kinds of problem that it may be; all of one status."""

SCHEMA_OF = {
    "Authentication": "AuthenticationProblem",
    "NoAuthenticator": "NoAuthenticatorProblem",
    "SessionGone": "AuthenticationProblem",
    "ChangesGone": "ChangesGoneProblem",
    "PreconditionFailed": "PreconditionFailedProblem",
}
"""Error responses with members of their own."""

OWN_HEADERS = {
    401: ("Authenticate",),
    409: ("RetryLater", "IdempotencyReplayed"),
    412: ("CurrentETag",),
    415: ("Accept", "AcceptPatch"),
    429: ("RetryAfter",),
    503: ("RetryAfter",),
}


def responses(*groups: str) -> dict[str, Schema]:
    """Refer to error responses, by status."""
    by_status = {status(name): {"$ref": f"#/components/responses/{name}"} for name in groups}
    return {code: by_status[code] for code in sorted(by_status)}


def status(group: str) -> str:
    """Return the status of an error response."""
    return str(CATALOGUE[GROUPS[group][0]].status)


def components() -> dict[str, Schema]:
    """Return every error response, by the name of its component."""
    return {name: _response(name) for name in GROUPS}


def _response(group: str) -> Schema:
    kinds = [CATALOGUE[slug] for slug in GROUPS[group]]
    return {
        "description": " ".join(f"[{kind.title}](/problems/{kind.slug})." for kind in kinds),
        "headers": headers.named(*OWN_HEADERS.get(kinds[0].status, ()), "NotStored", "Allow"),
        "content": {
            MEDIA_TYPE: {
                "schema": {"$ref": f"#/components/schemas/{SCHEMA_OF.get(group, 'Problem')}"},
                "examples": {kind.slug: {"summary": kind.title, "value": example(kind, ORIGIN)} for kind in kinds},
            }
        },
        "x-problem-types": [kind.slug for kind in kinds],
    }


PROBLEM: Schema = {
    "type": "object",
    "description": "An error (RFC 9457).",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {
            "type": "string",
            "format": "uri-reference",
            "description": "The kind of problem; the URL of a page that explains it.",
        },
        "title": {"type": "string", "description": "The same words for every problem of this kind."},
        "status": {"type": "integer", "minimum": 400, "maximum": 599, "description": "The status of the answer."},
        "detail": {"type": "string", "description": "What happened this time."},
        "instance": {"type": "string", "description": "The request's id."},
        "errors": {
            "type": "array",
            "description": "Everything that is wrong with the input.",
            "items": {"$ref": "#/components/schemas/Fault"},
        },
    },
}

FAULT: Schema = {
    "type": "object",
    "description": "One thing wrong with the input; `pointer`, `parameter` or `header` says where.",
    "required": ["code", "detail"],
    "properties": {
        "pointer": {
            "type": "string",
            "format": "json-pointer",
            "description": "The place in the body (RFC 6901).",
        },
        "parameter": {"type": "string", "description": "The name of the query parameter."},
        "header": {"type": "string", "description": "The name of the header."},
        "code": {"type": "string", "description": "What is wrong, for programs."},
        "detail": {"type": "string", "description": "What is wrong, for people."},
    },
}

CHANGES_GONE: Schema = {
    "description": "A cursor that leads nowhere any more, and another to begin again with.",
    "allOf": [
        {"$ref": "#/components/schemas/Problem"},
        {
            "type": "object",
            "required": ["cursor"],
            "properties": {"cursor": {"type": "string", "description": "Where the log ends now."}},
        },
    ],
}

PRECONDITION_FAILED: Schema = {
    "description": "A row that is not as the client knows it, and how it is.",
    "allOf": [
        {"$ref": "#/components/schemas/Problem"},
        {
            "type": "object",
            "required": ["current", "etag"],
            "properties": {
                "current": {"type": "object", "description": "The row as it is now, as a read of it shows it."},
                "etag": {"type": "string", "description": "Its ETag, for `If-Match`."},
            },
        },
    ],
}

SCHEMAS = {
    "Problem": PROBLEM,
    "Fault": FAULT,
    "ChangesGoneProblem": CHANGES_GONE,
    "PreconditionFailedProblem": PRECONDITION_FAILED,
}
