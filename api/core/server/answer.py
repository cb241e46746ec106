"""The answer that one turn of a thread makes: its start, and its body or the stream of it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from io import BytesIO, IOBase
from typing import IO, TYPE_CHECKING

from django.http import StreamingHttpResponse

from api.core.http.event_stream import EventStreamResponse, Feed, Identity
from api.core.http.request import Request
from api.core.server.asgi import ResponseBody, ResponseStart
from api.core.server.bounds import ANSWER
from api.core.server.environ import Environ
from api.core.server.handler import Handler, problem_response
from api.core.server.memory import MEMORY
from api.core.server.stream import Stream
from serializers.core.problems import Problem

if TYPE_CHECKING:
    from _typeshed import OptExcInfo


@dataclass(frozen=True, slots=True)
class Answer:
    """A finished answer, or (`stream`) one whose body is still to be made; a long body is read from a `file`.

    With a `feed` it has no end, and its `identity` is who asked for it.
    """

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes = b""
    stream: Stream | None = None
    file: IO[bytes] | None = None
    feed: Feed | None = None
    identity: Identity | None = None

    @property
    def start(self) -> ResponseStart:
        """The first ASGI message of the answer."""
        return {"type": "http.response.start", "status": self.status, "headers": self.headers}

    def closing(self) -> "Answer":
        """Return the same, for a connection that must end with it."""
        return replace(self, headers=[*self.headers, (b"connection", b"close")])

    @property
    def messages(self) -> tuple[ResponseStart, ResponseBody]:
        """All ASGI messages of an answer whose body is there."""
        return self.start, {"type": "http.response.body", "body": self.body, "more_body": False}


def answer(handler: Handler, environ: Environ) -> Answer:
    """Let Django answer. Runs in a thread."""
    headers: list[tuple[str, str]] = []

    def start_response(
        status: str, fields: list[tuple[str, str]], exc_info: "OptExcInfo | None" = None, /
    ) -> Callable[[bytes], object]:
        headers.extend(fields)
        return BytesIO().write  # of PEP 3333, which Django does not call

    response = handler(environ, start_response)
    body_of_request = environ["wsgi.input"]
    if isinstance(body_of_request, IOBase):
        response._resource_closers.append(body_of_request.close)  # type: ignore[attr-defined]  # closed with the answer
    if isinstance(response, StreamingHttpResponse):
        return Answer(response.status_code, _encode(headers), stream=stream_of(response))
    try:
        if isinstance(response, EventStreamResponse):
            feed = response.take_feed() if environ["REQUEST_METHOD"] == "GET" else None
            return Answer(response.status_code, _encode(headers), feed=feed, identity=response.identity)
        body: bytes = response.content  # type: ignore[attr-defined]
        if len(body) > ANSWER:
            return Answer(response.status_code, _encode(headers), file=MEMORY.keep(body))
        return Answer(response.status_code, _encode(headers), body)
    finally:
        response.close()


def drop_answer(answer: Answer) -> None:
    """Let go of a feed that nobody waits for any more."""
    if answer.feed is not None:
        answer.feed.close()


def stream_of(response: StreamingHttpResponse) -> Stream:
    """Begin a stream; a response whose first piece fails is closed here."""
    try:
        return Stream(response)
    except BaseException:
        response.close()
        raise


def problem_answer(refusal: Problem, environ: Environ) -> Answer:
    """Write a problem as an answer, past Django's handler."""
    response = problem_response(refusal, Request(environ))
    return Answer(response.status_code, _encode(response.items()), response.content)


def _encode(headers: Iterable[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    return [(_name(name), value.encode("latin-1")) for name, value in headers]


@lru_cache(maxsize=256)
def _name(name: str) -> bytes:
    return name.lower().encode("ascii")
