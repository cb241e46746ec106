"""What `manage.py journey` measures: the way of one request through our own code, warm and in process.

A reader who follows a request has to hold every function and file of it in the head; this counts them.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from types import CodeType
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection, transaction
from django.test.utils import CaptureQueriesContext

from api.core.short_cut.handler import QuickHandler
from serializers.core.json import Json

OURS = tuple(str(Path(settings.ROOT) / layer) + "/" for layer in ("api", "openapi", "resources", "serializers"))
WARMING = 4
"""Requests before the one that is counted: compiled, traced, headers learnt, and one by the short cut."""
TIMED = 21
TRANSACTION_CONTROL = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


@dataclass(frozen=True, slots=True)
class Journey:
    """The way of a request.

    Attributes:
        status: of the answer.
        body: of the answer.
        calls: the functions of ours that were called, in turn, each with its file.
        statements: sent to the database, transaction control left out.
        microseconds: the median of some more requests, uncounted.
    """

    status: str
    body: bytes
    calls: tuple[tuple[str, str], ...]
    statements: tuple[str, ...]
    microseconds: float

    @property
    def functions(self) -> int:
        """How many different functions were called."""
        return len(set(self.calls))

    @property
    def files(self) -> Mapping[str, int]:
        """The files passed through, in the order in which they were met, each with its calls."""
        return Counter(file for file, _ in self.calls)

    @property
    def changes(self) -> int:
        """How often a call was in another file than the one before it."""
        files = [file for file, _ in self.calls]
        return sum(one != other for one, other in pairwise(files))


def journey(method: str, target: str, body: Json = None, headers: Mapping[str, str] | None = None) -> Journey:
    """Follow a request, which leaves nothing behind: each is rolled back.

    Args:
        method: of HTTP.
        target: path and query.
        body: a JSON value, or None for no body.
        headers: of the request, by their names.
    """
    sent = b"" if body is None else json.dumps(body).encode()
    environ = _environ(method, target, sent, headers or {})
    for _ in range(WARMING):
        _send(environ, sent)
    with CaptureQueriesContext(connection) as captured, _recorded() as calls:
        status, answer = _send(environ, sent)
    statements = (query["sql"] for query in captured.captured_queries)
    return Journey(
        status,
        answer,
        tuple((_short(code), code.co_qualname) for code in calls),
        tuple(sql for sql in statements if not sql.startswith(TRANSACTION_CONTROL)),
        statistics.median(_timed(environ, sent) for _ in range(TIMED)),
    )


def _environ(method: str, target: str, body: bytes, headers: Mapping[str, str]) -> dict[str, object]:
    """Write a request as a server would (PEP 3333), from this machine."""
    url = urlsplit(target)
    fields = {f"HTTP_{name.upper().replace('-', '_')}": text for name, text in headers.items()}
    return {
        "REQUEST_METHOD": method,
        "PATH_INFO": unquote(url.path, encoding="latin-1"),
        "QUERY_STRING": url.query,
        "CONTENT_TYPE": fields.pop("HTTP_CONTENT_TYPE", "application/json" if body else ""),
        "CONTENT_LENGTH": str(len(body)),
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": str(settings.PORT),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": f"127.0.0.1:{settings.PORT}",
        "HTTP_ACCEPT": "*/*",
        "wsgi.url_scheme": "http",
        "wsgi.errors": sys.stderr,
        **fields,
    }


def _send(environ: Mapping[str, object], sent: bytes) -> tuple[str, bytes]:
    """Send a request in a transaction that is rolled back, and return status and body."""
    status: list[str] = []
    handler = QuickHandler()
    with transaction.atomic(), _connection_stays():
        answer = handler({**environ, "wsgi.input": BytesIO(sent)}, lambda line, headers: status.append(line))
        body = b"".join(answer)
        answer.close()
        transaction.set_rollback(True)
    return status[0], body


@contextmanager
def _connection_stays() -> Iterator[None]:
    """Keep the connection, and with it the transaction: Django would close it around a request."""
    signals = (request_started, request_finished)
    connected = [signal for signal in signals if signal.disconnect(close_old_connections)]
    try:
        yield
    finally:
        for signal in connected:
            signal.connect(close_old_connections)


def _timed(environ: Mapping[str, object], sent: bytes) -> float:
    began = time.perf_counter()
    _send(environ, sent)
    return (time.perf_counter() - began) * 1e6


@contextmanager
def _recorded() -> Iterator[list[CodeType]]:
    """Record every call of a function of ours (PEP 669), a generator's once."""
    calls: list[CodeType] = []
    tool, events = sys.monitoring.PROFILER_ID, sys.monitoring.events

    def started(code: CodeType, offset: int) -> object:  # what Python calls DISABLE, or None
        if not code.co_filename.startswith(OURS):
            return sys.monitoring.DISABLE
        if code.co_filename != __file__:
            calls.append(code)
        return None

    sys.monitoring.use_tool_id(tool, "headwater")
    sys.monitoring.register_callback(tool, events.PY_START, started)
    sys.monitoring.set_events(tool, events.PY_START)
    try:
        yield calls
    finally:
        sys.monitoring.set_events(tool, events.NO_EVENTS)
        sys.monitoring.register_callback(tool, events.PY_START, None)
        sys.monitoring.free_tool_id(tool)
        sys.monitoring.restart_events()


def _short(code: CodeType) -> str:
    return str(Path(code.co_filename).relative_to(settings.ROOT))


def table(way: Journey, *, write: Callable[[str], object], files: bool = False, statements: bool = False) -> None:
    """Write what was counted, a line at a time; each file with its calls, and each statement, where asked for."""
    write(f"{way.status}, {len(way.body)} bytes, {way.microseconds:.0f} us warm")
    write(f"{len(way.calls)} own calls of {way.functions} functions in {len(way.files)} files")
    write(f"{way.changes} changes of file, {len(way.statements)} statements")
    for file, count in way.files.items() if files else ():
        write(f"  {count:4}  {file}")
    for sql in way.statements if statements else ():
        write(f"  {sql}")
