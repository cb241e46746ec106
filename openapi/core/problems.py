"""The pages behind the `type` of every problem: what it means, why it happens and how to mend it."""

import json
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.safestring import mark_safe

from api.core.http.links import origin_of
from openapi.core import highlighting, markdown, pages, views
from serializers.core.problems import CATALOGUE, MEDIA_TYPE, Fault, Kind, Problem, refuse

_TYPES = ["text/html", "application/json"]
_INSTANCE = "0199d3a2-6f0e-7c41-9a35-2f6c1f0b7d11"

# What an answer of each kind says, as an example: its `detail` and its `errors`.
_REUSED = "This Idempotency-Key was used for another request. Take a new key for each, and the same to repeat one."
EXAMPLES: Mapping[str, tuple[str, tuple[Fault, ...]]] = {
    "malformed-request": ("The body is not JSON: unexpected end of data.", ()),
    "invalid-parameters": (
        "There is no parameter 'contry'. Did you mean 'country'?",
        (Fault("unknown", "There is no parameter 'contry'. Did you mean 'country'?", parameter="contry"),),
    ),
    "invalid-body": (
        "2 members are not valid.",
        (
            Fault("unknown", "There is no member 'arives_at'. Did you mean 'arrives_at'?", pointer="/0/arives_at"),
            Fault("min_value", "Positions count from 1.", pointer="/1/position"),
        ),
    ),
    "not-authenticated": ("This key is unknown, expired or revoked.", ()),
    "authentication-pending": ("Left to do: verify_email.", ()),
    "reauthentication-required": ("Show once more that it is you: reauthenticate.", ()),
    "forbidden": ("You do not have permission to perform this action.", ()),
    "not-found": ("There is no city '1'.", ()),
    "method-not-allowed": ('Method "DELETE" not allowed.', ()),
    "not-acceptable": ("This is served as application/json; collections as NDJSON and CSV, too.", ()),
    "request-timeout": ("The rest of the body did not arrive in time.", ()),
    "conflict": (
        "A row with this id exists.",
        (Fault("unique", "A row with this id exists.", pointer="/id"),),
    ),
    "idempotency-key-in-use": (
        "Another request with this Idempotency-Key is under way. Send this one again in a moment.",
        (),
    ),
    "idempotency-key-reused": (
        _REUSED,
        (
            Fault(
                "reused",
                _REUSED,
                header="Idempotency-Key",
            ),
        ),
    ),
    "precondition-failed": (
        "The row has changed since: `current` is how it is now.",
        (Fault("moved_on", "The row has changed since: `current` is how it is now.", header="If-Match"),),
    ),
    "precondition-required": (
        "Say in If-Match which version of the row this is about: read it first, and send its ETag.",
        (
            Fault(
                "required",
                "Say in If-Match which version of the row this is about: read it first, and send its ETag.",
                header="If-Match",
            ),
        ),
    ),
    "session-gone": ("The session token is unknown, or its session has ended.", ()),
    "changes-gone": (
        "The log does not hold what followed this cursor any more. Keep the cursor 41007-5a1c0f2e9b7d4c36, read the "
        "lists anew, and go on from it:  since=41007-5a1c0f2e9b7d4c36",
        (),
    ),
    "content-too-large": ("At most 1000 rows can be created at once.", ()),
    "unsupported-media-type": ('Unsupported media type "text/plain" in request.', ()),
    "too-many-requests": ("More than 60 requests in 60 seconds. Try again in 1 s.", ()),
    "internal-error": ("The server met a fault. It has been logged.", ()),
    "unavailable": ("The database is out of reach or busy.", ()),
}

MEMBERS: Mapping[str, Mapping[str, Any]] = {
    "authentication-pending": {
        "data": {"flows": [{"id": "login"}, {"id": "verify_email", "is_pending": True}]},
        "meta": {"is_authenticated": False, "session_token": "7kunhnz6mbexu3kye7cq3q1wqc8nc6uk"},
    },
    "reauthentication-required": {
        "data": {"flows": [{"id": "reauthenticate"}]},
        "meta": {"is_authenticated": True},
    },
    "precondition-failed": {
        "current": {"id": "EUR", "name": "Euro", "revision": 3},
        "etag": '"3-9f86d081884c7d65"',
    },
    "changes-gone": {"cursor": "41007-5a1c0f2e9b7d4c36"},
}
"""Further members of the examples."""


def example(kind: Kind, origin: str = "") -> dict[str, Any]:
    """Return the body of an answer of a kind."""
    detail, faults = EXAMPLES[kind.slug]
    problem = Problem(kind, detail, faults, members=MEMBERS.get(kind.slug, {}))
    return problem.as_json(origin=origin, instance=_INSTANCE)


class IndexView(views.PageView):
    """`/problems`: all kinds of problems, by status."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """List them, as a page or as JSON."""
        kinds = sorted(CATALOGUE.values(), key=lambda kind: kind.status)
        if _wants_json(request):
            return _as_json({"results": [_described(kind, origin_of(request)) for kind in kinds]})
        return _varied(pages.respond("problems.html", {"here": "problems", "kinds": kinds}))


class ProblemView(views.PageView):
    """`/problems/<slug>`: one kind of problem."""

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        """Explain it, as a page or as JSON.

        Raises:
            Refusal: there is no such kind.
        """
        if slug not in CATALOGUE:
            raise refuse("not-found", f"There is no problem {slug!r}.")
        kind = CATALOGUE[slug]
        if _wants_json(request):
            return _as_json(_described(kind, origin_of(request)))
        body = json.dumps(example(kind, origin_of(request)), indent=2)
        context = {
            "here": "problems",
            "kind": kind,
            "media_type": MEDIA_TYPE,
            "why": _html(kind.why),
            "mend": _html(kind.mend),
            "example": mark_safe(highlighting.highlight(body, "json")),  # noqa: S308 - escaped by highlight
        }
        return _varied(pages.respond("problem.html", context))


def _described(kind: Kind, origin: str) -> dict[str, Any]:
    """Return what the page of a kind says, as JSON."""
    return {
        "type": f"{origin}/problems/{kind.slug}",
        "title": kind.title,
        "status": kind.status,
        "why": kind.why,
        "mend": kind.mend,
        "example": example(kind, origin),
    }


def _html(source: str) -> str:
    return mark_safe(markdown.render(source, prefix=pages.prefix()).html)  # noqa: S308 - raw HTML is escaped


def _wants_json(request: HttpRequest) -> bool:
    return request.get_preferred_type(_TYPES) == "application/json"


def _as_json(content: Mapping[str, Any]) -> HttpResponse:
    response = HttpResponse(json.dumps(content), content_type="application/json", headers={"Cache-Control": "no-cache"})
    return _varied(views.versioned(response))


def _varied(response: HttpResponse) -> HttpResponse:
    patch_vary_headers(response, ["Accept"])
    return response
