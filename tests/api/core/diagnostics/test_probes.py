"""Probes are answered by the event loop, as Django would answer them, also while a database answers nothing."""

import asyncio
import threading
from collections.abc import Iterator

import pytest

from api.core.diagnostics.probes import Probes, Readiness
from api.core.server.handler import Handler
from tests.api.core.server.channel import Channel, scope

HOST = [(b"host", b"localhost")]


async def elsewhere(scope, receive, send) -> None:
    await send({"type": "http.response.start", "status": 599, "headers": []})


def ask(path: str = "/livez", **changes) -> Channel:
    channel = Channel()
    asyncio.run(Probes(elsewhere, Handler())(scope(path, **changes), channel.receive, channel.send))
    return channel


@pytest.mark.django_db  # the end of an answer looks at the connections that earlier tests left open
def test_it_works() -> None:
    answer = ask(headers=[*HOST, (b"x-request-id", b"mine")])
    headers = dict(answer.sent[0]["headers"])
    assert (answer.status, answer.body) == (200, b'{"status":"alive"}')
    assert (headers[b"x-request-id"], headers[b"cache-control"]) == (b"mine", b"no-store")
    assert headers[b"content-security-policy"]


@pytest.mark.django_db
def test_head_has_no_body() -> None:
    answer = ask(method="HEAD")
    assert (answer.body, dict(answer.sent[0]["headers"])[b"content-length"]) == (b"", b"18")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "changes",
    [
        {"path": "/v1/cities"},
        {"method": "POST"},
        {"headers": [*HOST, (b"origin", b"https://app.example.org")]},
        {"headers": [*HOST, (b"content-length", b"2")]},
    ],
)
def test_what_is_not_plain_is_for_the_application(changes) -> None:
    assert ask(**changes).status == 599


@pytest.fixture
def frozen() -> Iterator[threading.Event]:
    """Let a look at the databases take until the event is set."""
    event = threading.Event()
    yield event
    event.set()


def test_a_database_that_is_frozen_is_away_and_is_looked_at_once(frozen: threading.Event) -> None:
    looks = []

    def look() -> bool:
        looks.append(1)
        return frozen.wait(20)

    async def story() -> None:
        readiness = Readiness(look)
        assert await asyncio.gather(*(readiness.within(0.05) for _ in range(5))) == [False] * 5
        assert len(looks) == 1
        frozen.set()
        assert await readiness.within(5)
        assert await readiness.within(5)

    asyncio.run(story())


@pytest.mark.django_db(transaction=True)
def test_a_database_that_answers_is_ready() -> None:
    answer = ask("/readyz")
    assert (answer.status, answer.body) == (200, b'{"status":"ready"}')
