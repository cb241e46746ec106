"""The short cut of repeats: a request whose `Idempotency-Key` is known is answered without Django's handler.

Only by a kind of answer that Django has given again before, whose headers are known; all else is Django's.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple

import structlog
from django.http import HttpResponseBase

from api.core.http.compression import CODINGS, SMALLEST, coded
from api.core.http.request import accepted_id
from api.core.limits.visit import VISIT, Visit
from api.core.resource.resource_type import ResourceType
from api.core.server.body import limit
from api.core.server.handler import BODILESS
from api.core.short_cut.answers import LeftToDjango, QuickAnswer, timed
from api.core.short_cut.headers import VARYING, HeaderTemplates
from api.core.short_cut.request import LEFT_TO_DJANGO, Client, actor_behind, client_in, place_of
from api.core.write.idempotency import IN_ENVIRON, UNSAFE, KeyedRequest, Replay, StoredResponse, UsedElsewhere
from resources.core.actor import Actor
from serializers.core.problems import Refusal

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

    from api.core.read.read import Item

log = structlog.get_logger("headwater")

MOST = 65_536
"""Bytes of a body: a longer one is read by Django."""
MOST_KINDS = 1024
"""Kinds of answers whose headers are remembered: actions may answer with headers of their own."""
KEYED = "headwater.keyed"
"""Where in an environ stands what was made of its key."""
MOST_SEEN = 100_000
"""Keys of which is remembered that they came before; each takes some 100 bytes."""
OF_THE_WAY = frozenset(("Content-Length", "X-Request-ID", "RateLimit", "RateLimit-Policy", "Content-Encoding"))
"""The headers that an answer gets on its way, each its own."""


class Repeat(NamedTuple):
    """A request that may have been answered before.

    Attributes:
        resource: whose, at its address.
        collection: whether that is the address of all, and not of one.
        actor: who asks.
        client: from where, and how it would be answered.
    """

    resource: ResourceType
    collection: bool
    actor: Actor
    client: Client

    @property
    def family(self) -> Hashable:
        """Return what decides most of the headers of its answer."""
        return (self.resource, self.collection, self.client.origin)


@dataclass
class Replays:
    """Answers repeats. It is told how Django answered others, and takes their headers over."""

    templates: HeaderTemplates = field(default_factory=HeaderTemplates)
    seen: OrderedDict[int, None] = field(default_factory=OrderedDict)
    """Of the keys that came to this process before, the hashes, the oldest first: others are not looked for here. Of
    this kind of dict a thread takes the oldest in one step, whatever others put into it meanwhile."""

    def answer(self, environ: WSGIEnvironment) -> QuickAnswer | None:
        """Answer a request; None where Django must, or it is the first."""
        text = environ.get(IN_ENVIRON)
        if not text or environ["REQUEST_METHOD"] not in UNSAFE or self._is_new(text, environ):
            return None
        began, repeat = time.perf_counter(), repeat_in(environ)
        if repeat is None or repeat.family not in self.templates.families:
            return None
        try:
            keyed = keyed_request(environ, repeat.actor)
            original = None if keyed is None else keyed.find()
        except (LeftToDjango, Refusal, UsedElsewhere):
            return None
        except Exception:  # Django meets the same fault, and tells it properly
            log.warning("the short cut met a fault", path=environ["PATH_INFO"], exc_info=True)
            return None
        if original is None:
            return None
        visit = Visit(repeat.client.address)
        allowed = visit.begin(repeat.actor)
        environ[VISIT] = visit  # whatever comes now, the request is not counted again
        answer = self._finish(repeat, original, environ, visit) if allowed else None
        if answer is not None:
            elapsed = time.perf_counter() - began
            timed(repeat.resource, repeat.collection, environ["REQUEST_METHOD"], original.status).observe(elapsed)
        return answer

    def _is_new(self, text: str, environ: WSGIEnvironment) -> bool:
        """Whether a key comes for the first time: a write finds out anyway whether another process knows it."""
        mark = hash((text, environ.get("HTTP_AUTHORIZATION")))
        if mark in self.seen:
            return False
        self.seen[mark] = None
        if len(self.seen) > MOST_SEEN:
            self.seen.popitem(last=False)
        return True

    def learn(self, environ: WSGIEnvironment, response: HttpResponseBase) -> None:
        """Take over the headers of a repeat that Django answered."""
        original = response.original if isinstance(response, Replay) else None
        repeat = None if original is None else repeat_in(environ)
        if original is None or repeat is None or len(self.templates.kinds) >= MOST_KINDS:
            return
        own = {name for name, _ in original.headers if name != "Vary"} | VARYING
        template = [(name, None if name in own else value) for name, value in response.items()]
        kind = _kind(repeat, original)
        self.templates.kinds[repeat.family, kind] = template, frozenset(name for name, _ in template if name in own)
        self.templates.families.add(repeat.family)

    def _finish(
        self, repeat: Repeat, original: StoredResponse, environ: WSGIEnvironment, visit: Visit
    ) -> QuickAnswer | None:
        """Finish an answer as the middleware would; None where its headers are not known."""
        body, values = original.body, {name: text for name, text in original.headers if name != "Vary"}
        coding = _coding(repeat, original)
        if coding is not None:
            body = CODINGS[coding][0](body)
            if "ETag" in values:
                values["ETag"] = coded(values["ETag"], coding)
        if original.status not in BODILESS:
            values["Content-Length"] = str(len(body))
        values["X-Request-ID"] = accepted_id(environ.get("HTTP_X_REQUEST_ID", ""))
        visit.end(len(original.body))
        if visit.decision is not None:
            values.update(visit.decision.headers)
        headers = self.templates.fill(repeat.family, _kind(repeat, original), values)
        return None if headers is None else QuickAnswer(headers, body, original.status)


def _coding(repeat: Repeat, original: StoredResponse) -> str | None:
    return repeat.client.coding if len(original.body) >= SMALLEST else None


def _kind(repeat: Repeat, original: StoredResponse) -> Hashable:
    """Return what else decides the headers of an answer."""
    names, varies = tuple(name for name, _ in original.headers), dict(original.headers).get("Vary")
    return original.status, names, varies, _coding(repeat, original), len(original.body) >= SMALLEST


def repeat_in(environ: WSGIEnvironment) -> Repeat | None:
    """Return who asks where, if it may be a repeat; None where Django must answer."""
    client, place = client_in(environ), place_of(environ["PATH_INFO"])
    if client is None or place is None or any(map(environ.get, LEFT_TO_DJANGO)):
        return None
    actor = actor_behind(environ.get("HTTP_AUTHORIZATION", ""))
    return None if actor is None else Repeat(place[0], place[2] is None, actor, client)


def keyed_request(environ: WSGIEnvironment, actor: Actor) -> KeyedRequest | None:
    """Return the key of a request and what it asks for; None where it has none.

    Raises:
        LeftToDjango: its body is long, or nobody asks.
        Refusal: what it has is no key.
    """
    text = environ.get(IN_ENVIRON)
    if text is None:
        return None
    if actor.anonymous:
        raise LeftToDjango
    known: KeyedRequest | None = environ.get(KEYED)
    if known is None:
        known = environ[KEYED] = KeyedRequest.of(text, environ, _body_in(environ), actor)
    return known


@contextmanager
def done_once(keyed: KeyedRequest | None) -> Iterator[Callable[[QuickAnswer, Item], None]]:
    """Claim the key of a request, in the transaction that is open, and give what stores its answer.

    Raises:
        LeftToDjango, UsedElsewhere, InFlightError: it is not the first with its key.
    """
    if keyed is not None and keyed.claim(wait=False) is not None:
        raise LeftToDjango

    def store(answer: QuickAnswer, shown: Item) -> None:
        if keyed is not None:
            keyed.store(_response_to_store(answer, shown))

    yield store


def _response_to_store(answer: QuickAnswer, shown: Item) -> StoredResponse:
    """Return what is stored of an answer, as it was before it was compressed."""
    fields = [(name, shown.etag if name == "ETag" else text) for name, text in answer.headers if name not in OF_THE_WAY]
    return StoredResponse.of(answer.status, tuple(fields), shown.body)


def _body_in(environ: WSGIEnvironment) -> bytes:
    """Read a short body, and leave it to be read again."""
    length = environ.get("CONTENT_LENGTH") or "0"
    if not (length.isascii() and length.isdigit() and int(length) <= min(MOST, limit())):
        raise LeftToDjango
    text: bytes = environ["wsgi.input"].read(int(length))
    environ["wsgi.input"] = BytesIO(text)
    return text


REPLAYS = Replays()
"""Those of this process."""
