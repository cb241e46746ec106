"""The bridge from ASGI's protocol `http` to Django's synchronous handler.

A request costs one turn of a thread, taken when its body has arrived; a streamed answer costs a turn for each piece.
Whoever sends or reads slowly holds memory, never a thread; whoever waits for a lock to write keeps no reader waiting.
May refuse: 503 while the server stops, 408 when the rest of a body does not arrive.
"""

import asyncio
import contextlib
import io
import logging
from collections.abc import AsyncIterator, Iterable
from functools import partial

from api.core.http.event_stream import EVENTS, STREAMING
from api.core.server import LINGERING, ClientLeftError
from api.core.server.answer import Answer, answer, drop_answer, problem_answer
from api.core.server.asgi import HTTPScope, Receive, ResponseBody, ResponseEvent, ResponseStart, Send
from api.core.server.body import Body, discard, receive_body
from api.core.server.environ import Environ, environ
from api.core.server.event_stream import EventStream
from api.core.server.handler import REFUSED, Handler
from api.core.server.memory import pieces_of
from api.core.server.relay import END, Relay, send_message, send_pieces
from api.core.server.stream import Stream
from api.core.server.streams import Streams, empty
from api.core.server.threads import Threads
from serializers.core.problems import Problem, Refusal, problem, refuse

logger = logging.getLogger(__name__)

GRACE = 10.0
"""Seconds for requests under way when the server stops."""
STOPPING = problem("unavailable", "The server is stopping.", retry_after="1")
SAFE = frozenset(("GET", "HEAD", "OPTIONS"))
"""The methods that change nothing (RFC 9110, section 9.2.1)."""


class Bridge:
    """The ASGI application for `http`."""

    def __init__(self, threads: Threads, handler: Handler | None = None, streams: Streams | None = None) -> None:
        """Take who answers, whose middleware is loaded here, share the threads, and take who looks after streams."""
        self._handler = handler or Handler()
        self._threads = threads
        self._streams = streams or Streams(threads)
        self._relay = Relay(threads)
        self._writing = asyncio.Semaphore(threads.half)
        self._active = 0
        self._stopping = False

    async def __call__(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        self._active += 1
        endless = None
        try:
            endless = await self._exchange(scope, receive, send)
        except ClientLeftError:
            logger.debug("The client left: %s %s", scope["method"], scope["path"])
        finally:
            self._active -= 1
        if endless is not None and endless.feed is not None:
            feed, sending = endless.feed, send(endless.start)
            del endless  # a stream lives long, and keeps no more than it needs
            empty(scope)
            await self._streams.carry(EventStream(send), feed, sending, receive)

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """On leaving, take no more requests, and wait for those under way."""
        try:
            yield
        finally:
            self._stopping = True
            await self._streams.drain()
            await self._idle()

    async def _idle(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GRACE):
                while self._active:
                    await asyncio.sleep(0.02)

    async def _exchange(self, scope: HTTPScope, receive: Receive, send: Send) -> Answer | None:
        """Answer; return an answer that has no end."""
        try:
            body = await self._admit(scope, receive)
        except Refusal as refusal:
            await _send((await self._refuse(scope, refusal.problem)).messages, send)
            return None
        answer = await self._answer(scope, environ(scope, body.file, body.length) | {STREAMING: EVENTS})
        if answer.feed and self._streams.draining:
            drop_answer(answer)
            answer = await self._refuse(scope, STOPPING)
        if answer.feed:
            return answer
        if answer.stream:
            await self._stream(answer.start, answer.stream, scope, receive, send)
        elif answer.file:
            with answer.file:
                await send_pieces(answer.start, pieces_of(answer.file), send)
        elif body.too_large:
            await _send_early(answer, scope, receive, send)
        else:
            await _send(answer.messages, send)
        return None

    async def _admit(self, scope: HTTPScope, receive: Receive) -> Body:
        if self._stopping:
            raise Refusal(STOPPING)
        try:
            return await receive_body(scope, receive)
        except TimeoutError:
            raise refuse("request-timeout", "The rest of the body did not arrive in time.") from None

    async def _stream(
        self, start: ResponseStart, stream: Stream, scope: HTTPScope, receive: Receive, send: Send
    ) -> None:
        whole = scope["http_version"] == "1.0"
        try:
            await self._relay.carry(start, stream, receive, send, whole=whole)
        except Refusal as refusal:
            if not whole:  # it has begun: only breaking it off tells that this was not its end
                raise
            await _send((await self._refuse(scope, refusal.problem)).messages, send)
        finally:
            await asyncio.shield(self._threads.submit(stream.close, stream.context))

    async def _refuse(self, scope: HTTPScope, refusal: Problem) -> Answer:
        """Let a refusal pass through the middleware, as every answer does, while there are threads; it asks no view."""
        variables = environ(scope, io.BytesIO(), 0)
        return (
            problem_answer(refusal, variables)
            if self._threads.ended
            else await self._turn(scope, variables | {REFUSED: refusal})
        )

    async def _answer(self, scope: HTTPScope, variables: Environ) -> Answer:
        """Let a request have its turn; writes, which may wait for one another's locks, leave half the threads alone."""
        if scope["method"] in SAFE:
            return await self._turn(scope, variables)
        async with self._writing:  # or a crowd that waits for a lock would hold every thread, and reads wait behind it
            return await self._turn(scope, variables)

    async def _turn(self, scope: HTTPScope, variables: Environ) -> Answer:
        try:
            return await self._threads.submit(partial(answer, self._handler, variables), late=self._drop)
        except Exception:
            logger.exception("%s %s failed in a thread of the server", scope["method"], scope["path"])
            return problem_answer(problem("internal-error", "The server met a fault."), variables)

    def _drop(self, answer: Answer) -> None:
        if stream := answer.stream:
            self._threads.submit(stream.close, stream.context)
        if answer.file:
            answer.file.close()
        drop_answer(answer)


async def _send(messages: Iterable[ResponseEvent], send: Send) -> None:
    for message in messages:
        await send_message(send, message)


async def _send_early(answer: Answer, scope: HTTPScope, receive: Receive, send: Send) -> None:
    """Send the answer to a body that has not arrived, and end the connection; its client may come to the end of it."""
    if scope["http_version"].startswith("1"):
        answer = answer.closing()
    if _waits(scope) or LINGERING in (scope.get("extensions") or {}):
        return await _send(answer.messages, send)
    start, content = answer.messages
    unfinished: ResponseBody = {**content, "more_body": True}
    await _send([start, unfinished], send)
    await discard(receive)
    return await send_message(send, END)


def _waits(scope: HTTPScope) -> bool:
    """Whether the client sends its body only when variables to; having its answer, it may then send none of it."""
    return scope["http_version"].startswith("1") and any(name == b"expect" for name, _ in scope["headers"])
