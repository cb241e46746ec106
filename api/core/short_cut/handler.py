"""Django's handler with the short cut in front of it."""

from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any, cast

from django.http import HttpResponseBase, StreamingHttpResponse
from rest_framework.permissions import SAFE_METHODS

from api.core.limits.work import budgeted
from api.core.server.handler import Handler
from api.core.server.threads import give_back
from api.core.short_cut.answers import SHORT_CUT
from api.core.short_cut.replays import REPLAYS
from api.core.short_cut.writes import WRITE_SHORT_CUT
from api.core.write.idempotency import REPLAYED
from resources.core.journal.feed import FEED

LEARNT = frozenset((200, 201))
"""The statuses of answers that the short cut takes the headers of for its own."""
PHRASES = {status.value: status.phrase for status in HTTPStatus}


class QuickResponse:
    """An answer that needs nothing more, in the place of Django's response."""

    def __init__(self, content: bytes, status_code: int) -> None:
        """Take the body, and the status."""
        self.content, self.status_code = content, status_code
        self._resource_closers: list[Callable[[], None]] = []

    def __iter__(self) -> Iterator[bytes]:
        """Yield the body."""
        return iter((self.content,))

    def close(self) -> None:
        """Close what was given along with the answer."""
        for closer in self._resource_closers:
            closer()


class QuickHandler(Handler):
    """Answers by the short cut where there is one, and lets the short cut learn from Django where there is not yet."""

    def __init__(self, *, resting: bool = False) -> None:
        """Say whether the threads it is called in give connections back themselves, when they rest (`Threads`)."""
        super().__init__()
        self._resting = resting

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> HttpResponseBase:
        """Answer a request, within one budget: what the short cut has begun, Django goes on with."""
        try:
            with budgeted():
                quick = SHORT_CUT.answer(environ) or REPLAYS.answer(environ) or WRITE_SHORT_CUT.answer(environ)
                if not self._resting:
                    give_back()
                if quick is not None:
                    start_response(f"{quick.status} {PHRASES[quick.status]}", quick.headers)
                    return cast(HttpResponseBase, QuickResponse(quick.body, quick.status))
                response = super().__call__(environ, start_response)
        finally:
            if environ["REQUEST_METHOD"] not in SAFE_METHODS:
                FEED.wake()  # what was committed is soon in the log of changes
        REPLAYS.learn(environ, response)
        if (
            response.status_code in LEARNT
            and REPLAYED not in response
            and not isinstance(response, StreamingHttpResponse)
        ):
            SHORT_CUT.learn(environ, response.items())
            WRITE_SHORT_CUT.learn(environ, response.status_code, response.items())
        return response
