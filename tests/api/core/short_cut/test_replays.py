"""The short cut answers repeats as Django would, and leaves to Django whatever comes for the first time."""

import json
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.test.client import RequestFactory

from api.core.limits.counting import MEMORY
from api.core.limits.rates import rate
from api.core.server.handler import Handler
from api.core.short_cut import replays
from api.core.short_cut.handler import QuickHandler
from api.core.short_cut.replays import REPLAYS, Replays
from api.core.short_cut.writes import WRITE_SHORT_CUT, WriteShortCut
from resources.core.api_keys.models import ApiKey
from resources.places.models import City
from tests.api.core.short_cut.test_writes import CITY, NEW, PARIS
from tests.short_cut import UNLIMITED, connections_kept, forget
from tests.world import World

type Sent = tuple[str, dict[str, str], bytes]


@pytest.fixture(autouse=True)
def learnt(settings: Any) -> Iterator[None]:
    for name, value in UNLIMITED.items():
        setattr(settings, name, value)
    REPLAYS.templates, WRITE_SHORT_CUT.templates = Replays().templates, WriteShortCut().templates
    REPLAYS.seen.clear()
    forget()
    yield
    forget()


@pytest.fixture
def secret(world: World) -> str:
    return ApiKey.objects.issue(world.staff, scopes=("*",))


def environ(secret: str, key: str, body: Any, **headers: str) -> dict[str, Any]:
    named = {"HTTP_AUTHORIZATION": f"Bearer {secret}", "HTTP_IDEMPOTENCY_KEY": key} | headers
    made = RequestFactory().generic("POST", "/v1/cities", json.dumps(body), "application/json", **named).environ
    return {**made, "HTTP_HOST": "testserver", "HTTP_X_REQUEST_ID": "the-same-for-all"}


def send(handler: Handler, environ: dict[str, Any]) -> Sent:
    head: list[Any] = []
    with connections_kept():
        response = handler(environ, lambda status, headers: head.extend((status, headers)))
        content = b"".join(response)  # type: ignore[arg-type]
        response.close()
    status, headers = head
    return status, {name: text for name, text in headers if name != "Server-Timing"}, content


@pytest.mark.parametrize("coding", ["", "gzip", "zstd"])
@pytest.mark.parametrize("body", [CITY | {"id": NEW}, CITY | {"id": PARIS}], ids=["created", "conflict"])
def test_it_answers_as_django_does(secret: str, body: Any, coding: str) -> None:
    def fresh() -> dict[str, Any]:
        return environ(secret, "a key", body, HTTP_ACCEPT_ENCODING=coding)

    send(Handler(), fresh())
    by_django = send(Handler(), fresh())
    assert by_django[1]["Idempotency-Replayed"] == "true"
    for _ in range(3):  # the first two are what is learnt from
        assert send(QuickHandler(), fresh()) == by_django
    assert REPLAYS.answer(fresh()) is not None
    assert City.objects.filter(pk=NEW).count() == (body["id"] == NEW)


def test_another_request_with_the_key_is_djangos(secret: str) -> None:
    for _ in range(3):
        send(QuickHandler(), environ(secret, "a key", CITY | {"id": NEW}))
    assert REPLAYS.answer(environ(secret, "a key", CITY | {"id": NEW})) is not None
    assert REPLAYS.answer(environ(secret, "a key", CITY | {"id": NEW + 1})) is None
    assert REPLAYS.answer(environ("hw_unknown", "a key", CITY | {"id": NEW})) is None


def test_a_request_is_counted_once(secret: str, settings: Any) -> None:
    settings.LIMIT_ACTOR = rate("actor", "1000/m")
    MEMORY.forget()
    sent = [("a key", CITY | {"id": NEW})] * 3 + [("another", CITY | {"id": PARIS})] * 3
    left = [send(QuickHandler(), environ(secret, *each))[1]["RateLimit"].split(";")[1] for each in sent]
    assert left == [f"r={number}" for number in range(999, 993, -1)]


def test_threads_may_share_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replays, "MOST_SEEN", 100)
    shared, faults = Replays(), list[Exception]()

    def come(thread: int) -> None:
        try:
            for number in range(10_000):
                key = f"{thread} {number}"
                shared.answer({"REQUEST_METHOD": "POST", "HTTP_IDEMPOTENCY_KEY": key})
        except Exception as error:
            faults.append(error)

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    threads = [threading.Thread(target=come, args=(number,)) for number in range(4)]
    try:
        for each in threads:
            each.start()
        for each in threads:
            each.join()
    finally:
        sys.setswitchinterval(before)
    assert not faults
    assert len(shared.seen) <= 100
