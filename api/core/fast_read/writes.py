"""The short cut of writes: from an environ to an answer, by the functions that a view and its middleware would call.

A body that is plainly right makes a WritePlan, which is written and answered as in a view. Everything else, and every
refusal, is Django's: what was begun is rolled back, and Django finds the request as it came.
"""

from __future__ import annotations

import time
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote

import structlog
from django.db import DatabaseError
from django.http import Http404, QueryDict
from django.utils.http import RFC3986_SUBDELIMS
from prometheus_client import Histogram
from rest_framework.exceptions import APIException

from api.core.fast_read.answers import Found
from api.core.fast_read.headers import Learnt
from api.core.fast_read.write_request import WriteRequest, body_in, understand
from api.core.http import errors
from api.core.http.compression import CODINGS, SMALLEST, coded
from api.core.http.metrics import SECONDS
from api.core.http.request import REQUEST_ID
from api.core.limits import admission, work
from api.core.limits.admission import COUNTED
from api.core.limits.rates import Decision
from api.core.query.field_rules import grammar_for, guard_for
from api.core.query.grammar import Grammar
from api.core.query.parameters.reader import selection_of
from api.core.resource.readable import Readable
from api.core.server.handler import REFUSED
from api.core.views.actions import find_and_lock
from api.core.views.reading import WrittenRow
from api.core.views.resource_view import ResourceView
from api.core.views.writing import read_back
from api.core.write.plan import Author, WritePlan, insert_rows, update_row
from resources.core.database.budget import is_over
from resources.core.policy import ALL, NONE, Verb
from resources.core.uuids import uuid7_text
from serializers.core.fields import ADDRESSABLE
from serializers.core.json import Json
from serializers.core.problems import Refusal
from serializers.core.read.selection import Selection
from serializers.core.write.bulk_insert import is_heard
from serializers.core.write.values import Writer
from serializers.core.write.write_access import UNGUARDED

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

log = structlog.get_logger("headwater")


SAFE = f"{RFC3986_SUBDELIMS}/~:@"
"""What Django leaves as it is in the address of a row."""


class LeftToDjango(Exception):
    """A write that is not for the short cut."""


class CommitFailed(DatabaseError):
    """All was written, and whether it is stored is not known."""


@dataclass
class WriteShortCut:
    """Answers plain writes. It is told how Django answered others, and learns from it."""

    learnt: Learnt = field(default_factory=Learnt)

    def answer(self, environ: WSGIEnvironment) -> Found | None:
        """Answer a request; None where Django must, and nothing is written."""
        began = time.perf_counter()
        request = understand(environ)
        body = None if request is None or _family(request) not in self.learnt.met else body_in(environ)
        if request is None or type(body) is not dict or not body or not body.keys() <= request.prepared.members:
            return None
        decision = admission.of_actor(request.actor)
        environ[COUNTED] = request.actor, decision  # whatever comes now, the request is not counted again
        if not (decision is None or decision.allowed):
            return None
        work.known()
        try:
            answer = self._write(request, body, decision)
        except (LeftToDjango, Refusal, APIException, Http404):  # which Django refuses in words
            return None
        except DatabaseError as error:
            # Whether a commit that failed has been done is not known, and what took its time is not done again.
            failed = isinstance(error, CommitFailed)
            if failed or is_over(error):
                environ[REFUSED] = errors.problem_of((failed and error.__cause__) or error)
            else:
                log.warning("the short cut met a fault", path=environ["PATH_INFO"], exc_info=True)
            return None
        _timer(request.resource.route("list" if request.key is None else "detail"), request.key is None).observe(
            time.perf_counter() - began
        )
        return answer

    def learn(self, environ: WSGIEnvironment, status: int, headers: Iterable[tuple[str, str]]) -> None:
        """Learn the headers of an answer that Django gave."""
        request = understand(environ)
        if request is not None and status == _status(request):
            named = dict(found := list(headers))
            kind = (named.get("Content-Encoding"), "Accept-Encoding" in named.get("Vary", ""), "Location" in named)
            self.learnt.learn(_family(request), kind, found)

    def _write(self, request: WriteRequest, body: Json, decision: Decision | None) -> Found:
        """Write what is asked for, in one transaction, within which all is done that Django might have to do instead.

        Raises:
            LeftToDjango: it is not plainly right; nothing is written.
            Refusal, APIException, Http404: it is refused, as in a view.
            DatabaseError: the database is away, or would not commit.
        """
        resource, actor, changes = request.resource, request.actor, request.key is not None
        verb: Verb = "update" if changes else "create"
        grammar = grammar_for(resource, actor)
        source = resource.source()
        assert isinstance(source, ResourceView)  # noqa: S101 - since a viewset was found at the address
        author = Author(resource, verb, actor, grammar.unseen)
        if author.allowed is NONE or not _is_free(request, verb) or is_heard(resource.model):
            raise LeftToDjango
        writers: dict[str, Writer] = {}
        answer: Found | None = None
        try:
            with author.transaction(writers):
                row = (
                    find_and_lock(source, actor, request.key, verb, author.allowed) if request.key is not None else None
                )
                writer = request.prepared.validate(body, {}, row, ask=not request.prepared.has_constraints)
                if writer is None:
                    raise LeftToDjango
                writers[""] = writer
                plan = WritePlan(author, writers, update_row(_leave) if changes else insert_rows)
                [saved] = plan.write()
                shown = read_back(source, plan, saved, _selection(grammar), request.sender.origin)
                if shown is None or not (changes or ADDRESSABLE.match(str(saved.key))):
                    raise LeftToDjango
                location = (
                    "" if changes else f"{request.sender.origin}{request.path}/{quote(str(saved.key), safe=SAFE)}"
                )
                if cost := work.further(len(shown.body)):
                    decision = admission.of_actor(actor, cost)
                answer = self._finish(request, shown, location, decision.headers if decision else ())
        except DatabaseError as error:
            if answer is None:
                raise
            raise CommitFailed from error
        return answer

    def _finish(
        self, request: WriteRequest, shown: WrittenRow, location: str, limits: Iterable[tuple[str, str]]
    ) -> Found:
        """Finish an answer as the middleware would: its coding, its id, its headers.

        Raises:
            LeftToDjango: its headers are not known.
        """
        body, etag = shown.body, shown.etag
        big = len(body) >= SMALLEST
        coding = request.sender.coding if big else None
        if coding is not None:
            body, etag = CODINGS[coding][0](body), coded(etag, coding)
        identity = request.id if REQUEST_ID.fullmatch(request.id) else uuid7_text()
        values = dict(limits, **{"Content-Length": str(len(body)), "ETag": etag, "X-Request-ID": identity})
        if location:
            values["Location"] = location
        headers = self.learnt.headers(_family(request), (coding, big, bool(location)), values)
        if headers is None:
            raise LeftToDjango
        return Found(headers, body, _status(request))


def _is_free(request: WriteRequest, verb: Verb) -> bool:
    """Whether the actor may write every member, and refer to every row."""
    guard = guard_for(request.resource, request.actor, verb)
    readable = Readable(request.actor).condition
    return guard == UNGUARDED and all(readable(each) is ALL for each in request.prepared.references)


@lru_cache(maxsize=1024)
def _selection(grammar: Grammar) -> Selection:
    """Return what is shown where nothing else is asked for."""
    return selection_of(grammar, QueryDict())


def _leave(_: Writer) -> None:
    raise LeftToDjango


def _status(request: WriteRequest) -> int:
    return 201 if request.key is None else 200


def _family(request: WriteRequest) -> Hashable:
    """Return what decides most of an answer's headers."""
    return (request.resource, request.key is None, request.sender.origin)


@cache
def _timer(route: str, new: bool) -> Histogram:
    return SECONDS.labels(route, "POST" if new else "PATCH", 201 if new else 200)


WRITE_SHORT_CUT = WriteShortCut()
"""That of this process."""
