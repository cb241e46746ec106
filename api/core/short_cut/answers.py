"""The short cut itself: from an environ to an answer, by the functions that a view and its middleware would call.

It answers only where nothing else could: a plain GET, a key that is known, parameters that were read before, a
statement that is kept, headers that were met. Everything else, and every error, is Django's.
"""

from __future__ import annotations

import time
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple, Protocol

import structlog
from prometheus_client import Histogram

from api.core.http import errors
from api.core.http.compression import CODINGS, SMALLEST, coded
from api.core.http.metrics import timer
from api.core.http.request import accepted_id
from api.core.limits.visit import VISIT, Visit
from api.core.query.field_rules import grammar_for
from api.core.read.read import ReadRequest, Representation, read
from api.core.resource.resource_type import ResourceType
from api.core.server.handler import REFUSED
from api.core.short_cut.headers import AT_TIMES, Headers, HeaderTemplates
from api.core.short_cut.request import Client, PlainGet, plain_get
from resources.core.database.budget import is_over
from resources.core.policy import NONE
from serializers.core.problems import Refusal

log = structlog.get_logger("headwater")


class LeftToDjango(Exception):
    """A request that is not for the short cut."""


class QuickAnswer(NamedTuple):
    """An answer."""

    headers: Headers
    body: bytes
    status: int = 200


class PlainRequest(Protocol):
    """What of a request decides the headers of its answer."""

    @property
    def client(self) -> Client:
        """Return from where it came, and how it would be answered."""
        ...

    @property
    def id(self) -> str:
        """Return by which the client calls it."""
        ...

    @property
    def family(self) -> Hashable:
        """Return what decides most of the headers."""
        ...


@dataclass
class ShortCut:
    """Answers traced reads. It is told how Django answered the others, and takes their headers over."""

    templates: HeaderTemplates = field(default_factory=HeaderTemplates)

    def answer(self, environ: dict[str, Any]) -> QuickAnswer | None:
        """Answer a request; None where Django must."""
        began, get = time.perf_counter(), plain_get(environ)
        if get is None or get.family not in self.templates.families:
            return None
        try:
            answer = self._answer(get, environ)
        except Refusal as refusal:  # a cursor of another request, a limit that cannot be counted
            if refusal.problem.kind.status == 503:  # what has taken its time is not done again
                environ[REFUSED] = refusal.problem
            return None
        except Exception as error:  # Django meets the same fault, and tells it properly
            if is_over(error):  # what has taken its time is not done again
                environ[REFUSED] = errors.problem_of(error)
            else:
                log.warning("the short cut met a fault", path=environ["PATH_INFO"], exc_info=True)
            return None
        if answer is not None:
            timed(get.resource, get.key is None, "GET", 200).observe(time.perf_counter() - began)
        return answer

    def learn(self, environ: Mapping[str, Any], headers: Iterable[tuple[str, str]]) -> None:
        """Take over the headers of an answer of 200 that Django gave."""
        get = plain_get(environ)
        if get is not None:
            learn(self.templates, get.family, headers)

    def _answer(self, get: PlainGet, environ: dict[str, Any]) -> QuickAnswer | None:
        resource, actor, client = get.resource, get.actor, get.client
        visit = Visit(client.address)
        allowed = visit.begin(actor)
        environ[VISIT] = visit  # whatever comes now, the request is not counted again
        if not allowed:
            return None
        grammar = grammar_for(resource, actor)
        request = ReadRequest(resource.source(), grammar, actor, get.parameters, client.origin, get.path, get.key)
        found = read(request, traced=True)
        if found is None or (found.empty and resource.allowed("read", actor) is NONE):
            return None
        visit.end(len(found.body))
        return finish(self.templates, get, found, visit)


def finish(
    templates: HeaderTemplates, request: PlainRequest, representation: Representation, visit: Visit, status: int = 200
) -> QuickAnswer | None:
    """Finish an answer as the middleware would: its coding, its id, its headers; None where those are not known."""
    body, etag = representation.body, representation.etag
    large = len(body) >= SMALLEST
    coding = request.client.coding if large else None
    if coding is not None:
        body, etag = CODINGS[coding][0](body), coded(etag, coding)
    values = {"Content-Length": str(len(body)), "ETag": etag, "X-Request-ID": accepted_id(request.id)}
    if visit.decision is not None:
        values.update(visit.decision.headers)
    values.update(representation.headers)
    headers = templates.fill(request.family, (coding, large, *(name in values for name in AT_TIMES)), values)
    return None if headers is None else QuickAnswer(headers, body, status)


@cache
def timed(resource: ResourceType, collection: bool, method: str, status: int) -> Histogram:
    """Return what observes the seconds of a kind of answer."""
    return timer(resource.route("list" if collection else "detail"), method, status)


def learn(templates: HeaderTemplates, family: Hashable, headers: Iterable[tuple[str, str]]) -> None:
    """Take over the headers of an answer that Django gave."""
    headers = list(headers)
    named = dict(headers)
    there = (name in named for name in AT_TIMES)
    kind = (named.get("Content-Encoding"), "Accept-Encoding" in named.get("Vary", ""), *there)
    templates.learn(family, kind, headers)


SHORT_CUT = ShortCut()
"""That of this process."""
