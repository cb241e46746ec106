"""The short cut of writes: from an environ to an answer, by the functions that a view and its middleware would call.

A body that is plainly right makes a WritePlan, which is written and answered as in a view. Everything else, and every
refusal, is Django's: what was begun is rolled back, and Django finds the request as it came.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import structlog
from django.db import IntegrityError
from django.http import Http404, QueryDict
from rest_framework.exceptions import APIException

from api.core.http import errors
from api.core.http.request import accepted_id
from api.core.limits.visit import VISIT, Visit
from api.core.query.field_rules import grammar_for, guard_for
from api.core.query.grammar import Grammar
from api.core.query.parameters.reader import selection_of
from api.core.read.announcements import announcements_of_rows
from api.core.read.read import Representation
from api.core.resource.readable import Readable
from api.core.server.handler import REFUSED
from api.core.short_cut.answers import LeftToDjango, QuickAnswer, finish, learn, timed
from api.core.short_cut.headers import HeaderTemplates
from api.core.short_cut.replays import done_once, keyed_request
from api.core.short_cut.write_request import PlainWrite, body_in, plain_write
from api.core.views.actions import find_and_lock
from api.core.views.resource_view import ResourceView
from api.core.views.writing import write_one
from api.core.write.idempotency import KeyedRequest, Overtaken, UsedElsewhere
from api.core.write.plan import Author, WritePlan, insert_rows, update_row
from resources.core.database.budget import is_over
from resources.core.idempotency.in_flight import InFlightError
from resources.core.policy import ALL, NONE
from serializers.core.fields import ADDRESSABLE
from serializers.core.json import Json
from serializers.core.problems import Problem, Refusal, problem
from serializers.core.read.selection import Selection
from serializers.core.write.bulk_insert import is_heard
from serializers.core.write.values import Writer
from serializers.core.write.write_access import UNGUARDED

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

log = structlog.get_logger("headwater")


LEFT = (LeftToDjango, Overtaken, UsedElsewhere, InFlightError)
"""What is not plainly right, or not plainly the first with its Idempotency-Key."""


class CommitFailed(Exception):
    """All was written, and whether it is stored is not known."""


@dataclass
class WriteShortCut:
    """Answers plain writes. It is told how Django answered others, and takes their headers over."""

    templates: HeaderTemplates = field(default_factory=HeaderTemplates)

    def answer(self, environ: WSGIEnvironment) -> QuickAnswer | None:
        """Answer a request; None where Django must, and nothing is written."""
        if VISIT in environ:  # a repeat that was found, and is Django's: it is counted
            return None
        began, request = time.perf_counter(), plain_write(environ)
        if request is None or request.family not in self.templates.families:
            return None
        body = body_in(environ)
        if type(body) is not dict or not body or not body.keys() <= request.prepared.members:
            return None
        visit = Visit(request.client.address)
        allowed = visit.begin(request.actor)
        environ[VISIT] = visit  # whatever comes now, the request is not counted again
        if not allowed:
            return None
        try:
            answer = self._write(request, body, keyed_request(environ, request.actor), visit)
        except (*LEFT, Refusal, APIException, Http404):  # which Django refuses in words
            return None
        except Exception as error:  # Django meets the same fault, and tells it properly
            # Whether a commit that failed has been done is not known, and what took its time is not done again.
            failed = isinstance(error, CommitFailed)
            if failed or is_over(error):
                cause = (failed and error.__cause__) or error
                environ[REFUSED] = errors.problem_of(cause) or fault(environ["PATH_INFO"], cause)
            else:
                log.warning("the short cut met a fault", path=environ["PATH_INFO"], exc_info=True)
            return None
        elapsed = time.perf_counter() - began
        timed(request.resource, request.key is None, request.method, request.status).observe(elapsed)
        return answer

    def learn(self, environ: WSGIEnvironment, status: int, headers: Iterable[tuple[str, str]]) -> None:
        """Take over the headers of an answer that Django gave."""
        request = plain_write(environ)
        if request is not None and status == request.status:
            learn(self.templates, request.family, headers)

    def _write(self, request: PlainWrite, body: Json, keyed: KeyedRequest | None, visit: Visit) -> QuickAnswer:
        """Write what is asked for, in one transaction, within which all is done that Django might have to do instead.

        Raises:
            LeftToDjango, Overtaken, UsedElsewhere, InFlightError: it is not plainly right, or not plainly the first
                with its Idempotency-Key; nothing is written.
            Refusal, APIException, Http404: it is refused, as in a view.
            CommitFailed: what has followed upon all this failed.
        """
        resource, actor, key, verb = request.resource, request.actor, request.key, request.verb
        grammar = grammar_for(resource, actor)
        source = resource.source()
        assert isinstance(source, ResourceView)  # noqa: S101 - since a viewset was found at the address
        request = replace(request, id=accepted_id(request.id))  # which the answer and the journal name
        author = Author(resource, verb, actor, grammar.unseen, request.id)
        if author.allowed is NONE or not _is_free(request) or is_heard(resource.model):
            raise LeftToDjango
        writers: dict[str, Writer] = {}
        answer: QuickAnswer | None = None
        try:
            with author.transaction(writers), done_once(keyed) as done:
                row = None if key is None else find_and_lock(source, actor, key, verb, author.allowed)
                writer = request.prepared.validate(body, {}, row, ask=not request.prepared.has_constraints)
                if writer is None:
                    raise LeftToDjango
                writers[""] = writer
                plan = WritePlan(author, writers, insert_rows if key is None else update_row(_leave))
                selection = _selection(grammar)
                saved, row_shown = write_one(source, plan, selection, request.client.origin)
                headers = {"Location": request.address(saved.key)} if key is None else {}
                headers |= announcements_of_rows(grammar, selection)
                if row_shown is None or (key is None and not ADDRESSABLE.match(str(saved.key))):
                    raise LeftToDjango
                visit.end(len(row_shown.body))
                representation = Representation(row_shown.body, row_shown.etag, headers)
                finished = finish(self.templates, request, representation, visit, request.status)
                if finished is None:
                    raise LeftToDjango
                done(finished, row_shown)
                answer = finished
        except Exception as error:
            # A constraint that was deferred refuses at the commit: nothing is stored, and Django says why.
            if answer is None or (isinstance(error, Refusal) and isinstance(error.__cause__, IntegrityError)):
                raise
            raise CommitFailed from error
        return answer


def fault(path: str, error: BaseException) -> Problem:
    """Log a fault of ours, and return what a client is told of it."""
    log.error("fault", path=path, exc_info=error)
    return problem("internal-error", "The server met a fault. It has been logged.")


def _is_free(request: PlainWrite) -> bool:
    """Whether the actor may write every member, and refer to every row."""
    guard = guard_for(request.resource, request.actor, request.verb)
    readable = Readable(request.actor).condition
    return guard == UNGUARDED and all(readable(each) is ALL for each in request.prepared.references)


@lru_cache(maxsize=1024)
def _selection(grammar: Grammar) -> Selection:
    """Return what is shown where nothing else is asked for."""
    return selection_of(grammar, QueryDict())


def _leave(_: Writer) -> None:
    raise LeftToDjango


WRITE_SHORT_CUT = WriteShortCut()
"""That of this process."""
