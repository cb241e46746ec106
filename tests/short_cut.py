"""Every read of the suite goes both ways: through Django, and by the short cut, which must answer alike to the byte."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any
from unittest.mock import patch

from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.http import HttpResponseBase
from django.test import override_settings

from api.core.server.handler import Handler
from api.core.short_cut.answers import SHORT_CUT
from api.core.short_cut.handler import QuickHandler
from api.core.short_cut.request import is_plain, plain_get, resource_at

UNLIMITED = {"LIMIT_ANONYMOUS": None, "LIMIT_LOOPBACK": None, "LIMIT_ACTOR": None}
"""A limit that the test has used up refuses neither way; what limits are left is told by tests of their own."""
MOST = 8
"""Reads of one test that are sent again."""
ENOUGH = 3
"""Requests after which a shape is traced and its headers are learnt: compiled, traced, and one to learn from."""


PATIENT = 60.0
"""Seconds for which a key is trusted meanwhile: on a busy machine the short cut might have to ask again."""

READS: dict[str, HttpResponseBase] = {}
"""What the running test has read, by its address: the last answer each."""


def note(method: str, target: str, response: HttpResponseBase) -> None:
    """Remember a read, to be sent again when its test has ended."""
    if method == "GET" and response.status_code == 200:
        READS[target] = response


def hold_all_both_ways() -> None:
    """Send what the test has read again."""
    forget()
    reads = [READS.popitem()[1] for _ in range(min(MOST, len(READS)))]
    READS.clear()
    with override_settings(**UNLIMITED):
        for response in reads:
            hold_both_ways(response)
    forget()


def forget() -> None:
    """Forget which viewsets are plain: the test may have given them other methods."""
    is_plain.cache_clear()
    resource_at.cache_clear()


def hold_both_ways(response: HttpResponseBase) -> bool:
    """Send a request that was answered again, both ways, and compare; return whether the short cut answered."""
    environ = {**response.wsgi_request.environ, "HTTP_X_REQUEST_ID": "both-ways"}  # type: ignore[attr-defined]
    with patch("resources.core.api_keys.keyring.TRUSTED_FOR", PATIENT):
        if response.status_code != 200 or plain_get(environ) is None:
            return False
        by_django = _sent(Handler(), environ)
        quick = QuickHandler()
        for _ in range(ENOUGH):
            assert _sent(quick, environ) == by_django
        return SHORT_CUT.answer(fresh(environ)) is not None


def _sent(handler: Handler, environ: dict[str, Any]) -> tuple[str, list[tuple[str, str]], bytes]:
    head: list[Any] = []
    with connections_kept():
        answer = handler(fresh(environ), lambda status, headers: head.extend((status, headers)))
        body = b"".join(answer)  # type: ignore[arg-type]
        answer.close()
    status, headers = head
    return status, [(name, "" if name == "Server-Timing" else value) for name, value in headers], body


@contextmanager
def connections_kept() -> Iterator[None]:
    """Keep the connection of the test, and its transaction, as Django's own test client does."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in signals:
            signal.connect(close_old_connections)


def fresh(environ: dict[str, Any]) -> dict[str, Any]:
    """Return the environ of a request as it was before anybody answered it."""
    return {name: value for name, value in environ.items() if not name.startswith("headwater.")} | {
        "wsgi.input": BytesIO()
    }


def quick_headers(response: HttpResponseBase) -> dict[str, str]:
    """Send a request that was answered again, and return the headers of an answer that may be the short cut's."""
    head: list[Any] = []
    environ = response.wsgi_request.environ  # type: ignore[attr-defined]
    with connections_kept():
        QuickHandler()(fresh(environ), lambda status, headers: head.extend(headers)).close()
    return dict(head)
