"""The short cut itself: from an environ to an answer, by the functions that a view and its middleware would call.

It answers only where nothing else could: a plain GET, a key that is known, parameters that were understood before, a
statement that is kept, headers that were learnt. Everything else, and every error, is Django's.
"""

from __future__ import annotations

import time
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

import structlog

from api.core.fast_read.form_cache import parse
from api.core.fast_read.headers import Headers, Learnt
from api.core.fast_read.request import Asked, understand
from api.core.http import errors
from api.core.http.compression import CODINGS, SMALLEST, coded
from api.core.http.metrics import SECONDS
from api.core.http.request import REQUEST_ID
from api.core.http.timing import Stopwatch
from api.core.limits import admission, work
from api.core.limits.admission import COUNTED
from api.core.limits.rates import Admission
from api.core.query.field_rules import grammar_for
from api.core.query.keys import key_fits
from api.core.read.pipeline import Pipeline
from api.core.read.plan import plan
from api.core.read.strategies import Level, Reading, item
from api.core.server.handler import REFUSED
from api.core.views.reading import write_page, write_row
from resources.core.database.budget import is_over
from resources.core.policy import NONE
from resources.core.uuids import uuid7_text
from serializers.core.problems import Refusal

log = structlog.get_logger("headwater")


class Found(NamedTuple):
    """An answer."""

    headers: Headers
    body: bytes
    status: int = 200


class Read(NamedTuple):
    """What was read, as it is sent."""

    body: bytes
    etag: str
    link: str
    timing: Mapping[str, str]


@dataclass
class ShortCut:
    """Answers traced reads. It is told how Django answered the others, and learns from it."""

    learnt: Learnt = field(default_factory=Learnt)

    def answer(self, environ: dict[str, Any]) -> Found | None:
        """Answer a request; None where Django must."""
        began, watch = time.perf_counter(), Stopwatch()
        asked = understand(environ)
        if asked is None or _family(asked) not in self.learnt.met:
            return None
        try:
            found = self._found(asked, environ, watch)
        except Refusal:  # a cursor of another request, a limit that cannot be counted
            return None
        except Exception as error:  # Django meets the same fault, and tells it properly
            if is_over(error):  # what has taken its time is not done again
                environ[REFUSED] = errors.problem_of(error)
                return None
            log.warning("the short cut met a fault", path=environ["PATH_INFO"], exc_info=True)
            return None
        if found is not None:
            _timer(_route(asked)).observe(time.perf_counter() - began)
        return found

    def learn(self, environ: Mapping[str, Any], headers: Iterable[tuple[str, str]]) -> None:
        """Learn the headers of an answer of 200 that Django gave."""
        asked = understand(environ)
        if asked is not None:
            named = dict(found := list(headers))
            kind = (named.get("Content-Encoding"), "Accept-Encoding" in named.get("Vary", ""), "Link" in named)
            self.learnt.learn(_family(asked), kind, found)

    def _found(self, asked: Asked, environ: dict[str, Any], watch: Stopwatch) -> Found | None:
        decision = _counted(asked)
        environ[COUNTED] = asked.actor, decision  # whatever comes now, the request is not counted again
        if not (decision is None or decision.allowed):
            return None
        if not asked.actor.anonymous:
            work.recognize()
        read = _page(asked, watch) if asked.key is None else _item(asked, watch)
        if read is None:
            return None
        if cost := work.further(len(read.body)):
            decision = _counted(asked, cost)
        return self._written(asked, read, decision.headers if decision else ())

    def _written(self, asked: Asked, read: Read, limits: Iterable[tuple[str, str]]) -> Found | None:
        """Finish an answer as the middleware would: its coding, its id, its headers."""
        body, etag, link, timing = read
        big = len(body) >= SMALLEST
        coding = asked.coding if big else None
        if coding is not None:
            body, etag = CODINGS[coding][0](body), coded(etag, coding)
        values = dict(limits, **{"Content-Length": str(len(body)), "ETag": etag, "X-Request-ID": _id(asked)})
        if link:
            values["Link"] = link
        values |= timing
        headers = self.learnt.headers(_family(asked), (coding, big, bool(link)), values)
        return None if headers is None else Found(headers, body)


def _family(asked: Asked) -> Hashable:
    """Return what decides most of an answer's headers."""
    return (asked.resource, asked.key is None, asked.actor.anonymous, asked.origin)


def _route(asked: Asked) -> str:
    return asked.resource.route("list" if asked.key is None else "detail")


@cache
def _timer(route: str) -> Any:
    return SECONDS.labels(route, "GET", 200)


def _id(asked: Asked) -> str:
    return asked.id if REQUEST_ID.fullmatch(asked.id) else uuid7_text()


def _counted(asked: Asked, cost: int = 1) -> Admission | None:
    if asked.actor.anonymous:
        return admission.of_address(asked.address, cost)
    return admission.of_actor(asked.actor, cost)


def _page(asked: Asked, watch: Stopwatch) -> Read | None:
    grammar = grammar_for(asked.resource, asked.actor)
    query = parse(grammar, asked.pairs)
    if query is None or query.shape.count == "estimated":
        return None
    watch.lap("parse")
    found = plan(asked.resource.source(), grammar, query, asked.actor, asked.origin)
    watch.lap("plan")
    page = found.kept_page()
    if page is None or (not page.rows and asked.resource.allowed("read", asked.actor) is NONE):
        return None
    watch.lap("sql")
    written = write_page(page, asked.origin + asked.path, asked.pairs)
    watch.lap("render")
    return Read(*written, watch.header(page.level))


def _item(asked: Asked, watch: Stopwatch) -> Read | None:
    grammar, column = grammar_for(asked.resource, asked.actor), asked.resource.key
    query = parse(grammar, asked.pairs, item=True)
    if query is None or not key_fits(column, asked.key):
        return None
    watch.lap("parse")
    pipeline = Pipeline(asked.resource.source(), grammar, query.shape, asked.actor)
    reading = Reading(pipeline, item(column.name, asked.key), asked.origin)
    watch.lap("plan")
    rows = reading.kept_rows(1)
    watch.lap("sql")
    if not rows:
        return None
    [(json, version)] = rows
    body, etag, level = write_row(json, version, Level.TRACED)
    watch.lap("render")
    return Read(body, etag, "", watch.header(level))


SHORT_CUT = ShortCut()
"""That of this process."""
