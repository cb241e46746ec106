"""The catalogue of problems: every error a client can meet, with its stable type, and how one becomes JSON.

RFC 9457. A kind's slug is part of the contract: `/problems/<slug>` is the page behind a problem's `type`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import islice

MEDIA_TYPE = "application/problem+json"
UNNAMED = "about:blank"
"""The type of a problem that says no more than its status does (RFC 9457, section 4.2.1)."""
MOST_FAULTS = 1000
"""Faults that one answer tells: a body of 10 MB, all of it unknown members, would make an answer of 66 MB."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of problem.

    Attributes:
        slug: its stable name, the last part of its `type`.
        status: the HTTP status it is answered with.
        title: the same words for every problem of this kind.
        why: when it happens, in Markdown.
        mend: what the client can do, in Markdown.
    """

    slug: str
    status: int
    title: str
    why: str
    mend: str


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with the input: what, and where.

    Exactly one of `pointer` (RFC 6901, into the body), `parameter` and `header` is given. `is_conflict` says that
    nothing is wrong with the value but that another row has it.
    """

    code: str
    detail: str
    pointer: str | None = None
    parameter: str | None = None
    header: str | None = None
    is_conflict: bool = False

    def as_json(self) -> dict[str, str]:
        """Return the members of one entry of `errors`."""
        places = {"pointer": self.pointer, "parameter": self.parameter, "header": self.header}
        return {name: place for name, place in places.items() if place is not None} | {
            "code": self.code,
            "detail": self.detail,
        }


@dataclass(frozen=True, slots=True)
class Problem:
    """An error as a client sees it, before it has a request's id and an address.

    Attributes:
        kind: which kind it is.
        detail: what happened this time.
        faults: what is wrong with the input, all of it at once.
        headers: what the answer's headers must say (`Allow`, `Retry-After`, `WWW-Authenticate`).
        members: further members, for programs (RFC 9457, section 3.2).
    """

    kind: Kind
    detail: str
    faults: tuple[Fault, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    members: Mapping[str, object] = field(default_factory=dict)

    def as_json(self, *, origin: str = "", instance: str | None = None) -> dict[str, object]:
        """Return the members of the problem's JSON object (RFC 9457, section 3.1).

        Args:
            origin: scheme and host in front of the type's path; empty where no host can be trusted.
            instance: the request's id.
        """
        body: dict[str, object] = {
            "type": self.kind.slug if self.kind.slug == UNNAMED else f"{origin}/problems/{self.kind.slug}",
            "title": self.kind.title,
            "status": self.kind.status,
            "detail": self.detail,
        }
        if instance is not None:
            body["instance"] = instance
        if self.faults:
            body["errors"] = [fault.as_json() for fault in self.faults]
        return {**body, **self.members}


class Refusal(Exception):
    """Raised wherever a request cannot be answered as asked; carries the problem that is answered instead."""

    def __init__(self, problem: Problem) -> None:
        """Take the problem."""
        super().__init__(problem.detail)
        self.problem = problem


_KINDS = (
    Kind(
        "malformed-request",
        400,
        "The request could not be understood",
        "The path, the query string, a header or the body is not well formed: broken UTF-8, a NUL character, "
        "JSON that does not parse or is nested too deeply, a number beyond 64 bits.",
        "Read `detail` and `errors`: they name the place. Encode query values as UTF-8 and percent-encode them.",
    ),
    Kind(
        "invalid-parameters",
        400,
        "Some parameters are not valid",
        "A query parameter is unknown, stands twice, or has a value that does not parse. "
        "Nothing is silently ignored, so that a misspelt filter never returns the whole table.",
        "`errors` names every parameter at fault and suggests the nearest known one.",
    ),
    Kind(
        "invalid-body",
        400,
        "Some members are not valid",
        "The body parses, but members are unknown, missing, read-only or have values that are not allowed.",
        "`errors` lists everything at once; each `pointer` (RFC 6901) leads to the member in the body you sent.",
    ),
    Kind(
        "not-authenticated",
        401,
        "A valid identity is needed",
        "The request names nobody, or its key or token is unknown, expired or revoked.",
        "Send `Authorization: Bearer` with a key or an access token. People log in at `/auth` and make keys with "
        "`POST /v1/keys`; an operator makes the first one with `python manage.py createkey EMAIL`.",
    ),
    Kind(
        "authentication-pending",
        401,
        "A step of the log-in is left",
        "What was sent is right, and does not suffice yet: a code that was mailed, or a second factor, is missing. "
        "Signing up and logging in are answered so while a step is left.",
        "`data.flows` names the step that `is_pending`. Take it with the same cookie or, in an app, with the session "
        "token in `meta.session_token`.",
    ),
    Kind(
        "reauthentication-required",
        401,
        "Show once more that it is you",
        "You are logged in, but this needs somebody who has shown who they are within the last five minutes.",
        "`data.flows` lists the ways: `reauthenticate` takes the password, `mfa_reauthenticate` a code or a passkey. "
        "Then send the same request again.",
    ),
    Kind(
        "forbidden",
        403,
        "This is not yours to do",
        "You are known, and may know that the row exists, but not do this with it.",
        "Ask for a role or a key whose scopes allow it.",
    ),
    Kind(
        "not-found",
        404,
        "There is nothing here",
        "No such route or row exists, or you may not know of it: the answer is the same.",
        "Check the address and the id. Rows of others that are not shared with you are not found, either.",
    ),
    Kind(
        "method-not-allowed",
        405,
        "This method is not offered here",
        "The resource exists but does not offer this method.",
        "`Allow` lists the methods on offer.",
    ),
    Kind(
        "not-acceptable",
        406,
        "No representation on offer suits",
        "`Accept` asks for media types that this resource is not served as.",
        "`detail` lists the types on offer; leave `Accept` out for JSON.",
    ),
    Kind(
        "request-timeout",
        408,
        "The request did not arrive in time",
        "The head of the request, or its body, came too slowly: a connection is not kept for what does not arrive. "
        "It is closed, and nothing of the request was done.",
        "Send the request again, on a new connection.",
    ),
    Kind(
        "conflict",
        409,
        "This conflicts with what is stored",
        "Nothing is wrong with the request by itself, but a unique value is taken, or a row is still referred to.",
        "Choose another value, or change what refers to the row first.",
    ),
    Kind(
        "idempotency-key-in-use",
        409,
        "The first request with this key is under way",
        "A request with the same `Idempotency-Key` was still running after five seconds, so that there is no answer "
        "yet to give again.",
        "Send the same request again, with the same key, after the seconds in `Retry-After`.",
    ),
    Kind(
        "session-gone",
        410,
        "This session has ended",
        "The session token is unknown: somebody logged out, ended the session, changed the password, or it expired.",
        "Forget the token and log in again.",
    ),
    Kind(
        "changes-gone",
        410,
        "These changes are not to be had any more",
        "The cursor is older than what is kept of changes; or the database was restored, or another server took over, "
        "and what followed the cursor is not what followed it then; or a whole table was changed at once.",
        "Keep the `cursor` of the problem, read again the lists that you keep a copy of, and go on with "
        "`since=` that cursor: what is changed meanwhile comes then.",
    ),
    Kind(
        "precondition-failed",
        412,
        "The row is not as you know it",
        "`If-Match` names versions of the row of which none is the stored one: it was changed since. Or "
        "`If-None-Match` names the stored one, or says that there be none.",
        "`current` is the row as it is, `etag` its ETag: look whether your change still makes sense, and send it with "
        "that in `If-Match`.",
    ),
    Kind(
        "content-too-large",
        413,
        "The body is too large",
        "The body, or the number of items in it, is over the limit. It is not read to its end.",
        "`detail` says the limit. Send several requests.",
    ),
    Kind(
        "unsupported-media-type",
        415,
        "This type of body is not understood",
        "`Content-Type` or `Content-Encoding` names a form that this operation does not read.",
        "Send `Content-Type: application/json`; `detail` lists the types on offer.",
    ),
    Kind(
        "idempotency-key-reused",
        422,
        "This key was used for another request",
        "An `Idempotency-Key` stands for one request for 24 hours: its method, address, content type, body, and the "
        "API key that it was sent with. This request differs in one of these.",
        "Make a new key for every new request, such as a UUID. Send the same key only with the same request.",
    ),
    Kind(
        "precondition-required",
        428,
        "Say which version this is about",
        "Rows of this resource are changed with `If-Match` only, so that nobody overwrites what somebody else has just "
        "changed.",
        "Read the row and send its `ETag` in `If-Match`.",
    ),
    Kind(
        "too-many-requests",
        429,
        "Too many requests",
        "There were more requests, or more tries to log in, than are allowed in a while. `RateLimit-Policy` says how "
        "many are, and `RateLimit` how many are left.",
        "Try again after the seconds in `Retry-After`. Show a key or log in: who is known may ask more often.",
    ),
    Kind(
        "internal-error",
        500,
        "Something went wrong on our side",
        "A fault of the server. It is logged under the request's id, and nothing of the request was kept.",
        "Try again later; tell the operator the `instance` of the problem, which is the request's id.",
    ),
    Kind(
        "unavailable",
        503,
        "The service is away for a moment",
        "The database is out of reach or busy, the request took longer than it may, or the server is restarting.",
        "Try again after the seconds in `Retry-After`. Nothing of the request was kept. Where the request took longer "
        "than it may, narrow what `errors` names: what takes too long twice is refused at once for a while.",
    ),
)

CATALOGUE: Mapping[str, Kind] = {kind.slug: kind for kind in _KINDS}
BY_STATUS: Mapping[int, Kind] = {kind.status: kind for kind in reversed(_KINDS)}


def kind_of(status: int) -> Kind:
    """Return the kind of problem for a status; one that no kind is named after says what HTTP says."""
    return BY_STATUS.get(status) or Kind(UNNAMED, status, HTTPStatus(status).phrase, "", "")


def problem(slug: str, detail: str, faults: Iterable[Fault] = (), **headers: str) -> Problem:
    """Make a problem that tells up to `MOST_FAULTS` faults; `retry_after="1"` becomes the header `Retry-After`."""
    fields = tuple((name.replace("_", "-").title(), text) for name, text in headers.items())
    return Problem(CATALOGUE[slug], detail, tuple(islice(faults, MOST_FAULTS)), fields)


def refuse(slug: str, detail: str, faults: Iterable[Fault] = (), **headers: str) -> Refusal:
    """Make the exception that answers with a problem, to be raised."""
    return Refusal(problem(slug, detail, faults, **headers))
