"""What an orchestrator asks, answered by the event loop of an ASGI server: when no thread and no database answers, too.

`health` holds the views of the same addresses, for WSGI servers and for whatever else is asked there. What stands in
the headers of every answer is learnt from them, once.
"""

import asyncio
import io
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextlib import suppress
from threading import Thread

from django.conf import settings
from django.db import connections

from api.core.diagnostics.health import AWAY, databases_answer
from api.core.http.metrics import SECONDS
from api.core.http.request import Request, id_of
from api.core.server import ALIVE
from api.core.server.answer import Answer, answer, problem_answer
from api.core.server.asgi import HTTPApplication, HTTPScope, Receive, Send
from api.core.server.environ import environ
from api.core.server.handler import Handler

READY = "/readyz"
PATIENCE = 1.5
"""Seconds after which a database that has not answered is taken to be away."""
OF_ONE_ANSWER = frozenset((b"content-length", b"content-type", b"x-request-id"))


class Readiness:
    """Whether the databases answer: looked at by one thread at a time, however many ask, and however long it takes."""

    def __init__(self, check: Callable[[], bool] = databases_answer) -> None:
        """Take what looks."""
        self._check = check
        self._look_under_way: Future[bool] | None = None

    async def within(self, seconds: float) -> bool:
        """Say whether they have answered after so many seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                return await asyncio.shield(asyncio.wrap_future(self._look()))
        return False

    def _look(self) -> Future[bool]:
        if self._look_under_way is None or self._look_under_way.done():
            self._look_under_way = Future()
            Thread(target=self._answer, args=(self._look_under_way,), name="headwater-readiness", daemon=True).start()
        return self._look_under_way

    def _answer(self, future: Future[bool]) -> None:
        try:
            future.set_result(self._check())
        except Exception as error:
            future.set_exception(error)
        finally:
            connections.close_all()


class Probes:
    """Stands before an application of the protocol `http`, and answers plain questions about the process."""

    def __init__(self, application: HTTPApplication, handler: Handler) -> None:
        """Take what answers all else, and the handler whose headers are learnt."""
        self._application = application
        self._readiness = Readiness()
        self._alive = answer(handler, environ(_plain_scope(), io.BytesIO(), 0))
        self._usual = [field for field in self._alive.headers if field[0] not in OF_ONE_ANSWER]

    async def __call__(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        """Answer."""
        if scope["path"] not in (ALIVE, READY) or not self._is_plain(scope):
            return await self._application(scope, receive, send)
        began = time.perf_counter()
        response = await self._response(scope)
        SECONDS.labels(scope["path"][1:], scope["method"], response.status).observe(time.perf_counter() - began)
        for message in response.messages:
            await send(message)
        return None

    def _is_plain(self, scope: HTTPScope) -> bool:
        """Whether nothing about a request makes its answer another one, as an origin and a body do."""
        names = {name for name, _ in scope["headers"]}
        odd = names & {b"origin", b"content-length", b"transfer-encoding"}
        return scope["method"] in ("GET", "HEAD") and not odd and self._alive.status == 200

    async def _response(self, scope: HTTPScope) -> Answer:
        variables = environ(scope, io.BytesIO(), 0)
        if scope["path"] == ALIVE or await self._readiness.within(PATIENCE):
            body = self._alive.body if scope["path"] == ALIVE else self._alive.body.replace(b"alive", b"ready")
            fields = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
            response = Answer(200, [*fields, (b"x-request-id", id_of(Request(variables)).encode())], body)
        else:
            response = problem_answer(AWAY, variables)
        headers = _join(response.headers, self._usual)
        return Answer(response.status, headers, b"" if scope["method"] == "HEAD" else response.body)


def _join(fields: Iterable[tuple[bytes, bytes]], usual: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    return list((dict(usual) | dict(fields)).items())


def _plain_scope() -> HTTPScope:
    host = next((name.lstrip(".") for name in settings.ALLOWED_HOSTS if name != "*"), "localhost")
    return {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": ALIVE,
        "raw_path": ALIVE.encode(),
        "headers": [(b"host", host.encode())],
    }
