"""`Idempotency-Key`: a request that is sent again is answered as the first time, and what it asks for is done once.

The answer is stored in the transaction of what was written (`resources.core.idempotency`). May refuse: a key that is no
key, that belongs to nobody, that was used for another request, or whose first request is still under way.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

import msgspec
from django.http import HttpResponse, HttpResponseBase
from rest_framework.exceptions import NotAuthenticated

from api.core.http.preferences import applied
from resources.core.actor import Actor
from resources.core.idempotency import answers
from resources.core.idempotency.in_flight import InFlightError
from resources.core.idempotency.key import IdempotencyKey
from serializers.core.problems import Fault, Refusal, refuse

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
IN_ENVIRON = "HTTP_IDEMPOTENCY_KEY"
UNSAFE = frozenset(("POST", "PUT", "PATCH", "DELETE"))
KEY = re.compile(r"[!-~](?:[ -~]{0,253}[!-~])?")
"""What a key looks like: up to 255 printable characters of ASCII, none of them a space at its ends."""
MOST_BYTES = 2**20
"""Of the body of an answer that is stored as it is."""
OF_THE_BODY = frozenset(("content-type", "content-encoding", "etag", "preference-applied"))
OF_EACH_ANSWER = frozenset(
    ("content-length", "ratelimit", "ratelimit-policy", "server-timing", "x-request-id", REPLAYED.lower())
)
"""The headers that an answer gets on its way, the replay its own."""

type HeaderFields = tuple[tuple[str, str], ...]


class StoredResponse(NamedTuple):
    """An answer, as far as it is stored.

    Attributes:
        status: its status.
        headers: those that are not each answer's own.
        body: before it is compressed.
    """

    status: int
    headers: HeaderFields
    body: bytes

    @classmethod
    def of(cls, status: int, headers: HeaderFields, body: bytes) -> StoredResponse:
        """Return what is stored of an answer; of a long one what `Prefer: return=minimal` leaves, and the ids."""
        fields = tuple((name, text) for name, text in headers if name.lower() not in OF_EACH_ANSWER)
        if len(body) <= MOST_BYTES:
            return cls(status, fields, body)
        ids = _ids(body)
        gone = OF_THE_BODY - {"content-type"} if ids else OF_THE_BODY
        short = tuple((name, text) for name, text in fields if name.lower() not in gone)
        return cls(status, (*short, *applied("return=minimal").items()), ids)


class UsedElsewhere(Exception):
    """A key was used for another request."""


class Overtaken(Exception):
    """Another request with the key was answered meanwhile: what was written here is to be rolled back."""


def bare_key(text: str) -> str:
    """Return the key in a header, without the quotes of a structured field (RFC 9651).

    Raises:
        Refusal: it is none.
    """
    bare = text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text
    if not KEY.fullmatch(bare):
        raise _wrong("invalid", f"{HEADER} takes up to 255 printable characters of ASCII, such as a UUID.")
    return bare


@dataclass(frozen=True, slots=True)
class KeyedRequest:
    """A request with an Idempotency-Key.

    Attributes:
        key: its key.
        fingerprint: of what it asks for.
    """

    key: IdempotencyKey
    fingerprint: bytes

    @classmethod
    def of(cls, text: str, environ: Mapping[str, object], body: bytes, actor: Actor) -> KeyedRequest:
        """Read the header.

        Args:
            text: the header.
            environ: of the request.
            body: as it was sent.
            actor: who asks.

        Raises:
            Refusal: it is no key.
            NotAuthenticated: it belongs to nobody.
        """
        bare = bare_key(text)
        if actor.id is None:
            raise NotAuthenticated(f"An {HEADER} belongs to a person: show who you are, or leave the header out.")
        key = IdempotencyKey(bare, actor.id)
        named = ("REQUEST_METHOD", "PATH_INFO", "QUERY_STRING", "CONTENT_TYPE")
        parts = (*(str(environ.get(name) or "") for name in named), str(actor.key))
        return cls(key, key.fingerprint((*(part.encode("utf-8", "surrogatepass") for part in parts), body)))

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Wait until no other request with the key is under way, as far as that can be known before a transaction is.

        Raises:
            Refusal: `idempotency-key-in-use`.
        """
        try:
            with answers.waiting(self.key):
                yield
        except InFlightError as error:
            raise in_use() from error

    def find(self) -> StoredResponse | None:
        """Return the answer that is stored.

        Raises:
            UsedElsewhere: to another request.
        """
        return self._opened(answers.find(self.key))

    def claim(self, *, wait: bool = True) -> StoredResponse | None:
        """Return the answer that is stored; where none is, the work is to be done in the transaction that is open.

        Raises:
            UsedElsewhere: the answer is to another request.
            InFlightError: another is under way.
        """
        return self._opened(answers.claim(self.key, wait=wait))

    def _opened(self, sealed: answers.SealedAnswer | None) -> StoredResponse | None:
        if sealed is None:
            return None
        if sealed.request != self.fingerprint:
            raise UsedElsewhere
        return msgspec.msgpack.decode(self.key.unseal(sealed.answer), type=StoredResponse)

    def store(self, response: StoredResponse) -> None:
        """Store an answer, in the transaction that is open.

        Raises:
            Overtaken: one is stored by now.
        """
        if not answers.store(self.key, self.fingerprint, msgspec.msgpack.encode(response)):
            raise Overtaken


def in_use() -> Refusal:
    """Return the problem of a key under which another request is under way."""
    detail = f"Another request with this {HEADER} is under way. Send this one again in a moment."
    return refuse("idempotency-key-in-use", detail, retry_after="1")


def used_elsewhere() -> Refusal:
    """Return the problem of a key that was used for another request."""
    detail = f"This {HEADER} was used for another request. Take a new key for each, and the same to repeat one."
    return refuse("idempotency-key-reused", detail, [Fault("reused", detail, header=HEADER)])


class Replay(HttpResponse):
    """An answer that is given again.

    Attributes:
        original: the first answer, of which it is made; the short cut learns from both.
    """

    original: StoredResponse


def replay_of(original: StoredResponse) -> Replay:
    """Return the answer to a request that was answered before."""
    response = Replay(original.body, status=original.status)
    del response["Content-Type"]
    for name, text in (*original.headers, (REPLAYED, "true")):
        response[name] = text
    response.original = original
    return response


def response_to_store(response: HttpResponseBase) -> StoredResponse:
    """Return what is stored of an answer; of one that is streamed, all but its body."""
    whole = isinstance(response, HttpResponse)
    body = response.content if isinstance(response, HttpResponse) else b""
    fields = tuple(response.items())
    if not whole:
        fields = tuple(each for each in fields if each[0] != "Content-Type")
    return StoredResponse.of(response.status_code, fields, body)


def _ids(body: bytes) -> bytes:
    """Return the ids of the rows of a long answer, as a list; nothing where it is no list of rows."""
    try:
        rows = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return b""
    named = isinstance(rows, list) and all(isinstance(row, dict) and "id" in row for row in rows)
    return msgspec.json.encode([{"id": row["id"]} for row in rows]) if named else b""


def _wrong(code: str, detail: str) -> Refusal:
    return refuse("malformed-request", detail, [Fault(code, detail, header=HEADER)])
