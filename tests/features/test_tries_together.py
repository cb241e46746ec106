"""Tries to log in, and codes that were used, are known to all processes that share a Valkey."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache, caches
from django.test import override_settings

from api.core.settings.cache import caches as settings_of
from api.core.settings.shared_cache import SharedCache
from tests.authenticator import totp
from tests.client import Client
from tests.people import PASSWORD, App, logged_in, pending, signed_up

ADA = "ada@example.org"
NOBODY = "redis://127.0.0.1:1/0"
"""Where no Valkey is."""


@pytest.fixture
def together(valkey: str) -> Iterator[None]:
    with override_settings(CACHES=settings_of(valkey)):
        cache.clear()
        yield
        cache.clear()


@pytest.fixture
def away() -> Iterator[None]:
    with override_settings(CACHES=settings_of(NOBODY)):
        SharedCache._next_try = 0.0
        yield
        cache._here.clear()
        SharedCache._next_try = 0.0


def another_process() -> None:
    """Go on as a process that has counted nothing by itself."""
    del caches["default"]


def tries(api: Client, count: int) -> list[int]:
    statuses = []
    for _ in range(count):
        statuses.append(logged_in(App(api), ADA, "wrong password").status)
        another_process()
    return statuses


def test_tries_are_counted_together(together: None, api: Client) -> None:
    signed_up(App(api), ADA)
    assert tries(api, 6) == [400] * 5 + [429]
    assert logged_in(App(api), ADA).status == 429


def test_a_code_that_one_process_has_taken_is_used_for_all(
    together: None, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = App(api)
    signed_up(app, ADA)
    app.send("POST", "auth/reauthenticate", {"password": PASSWORD})
    secret = app.send("GET", "account/authenticators/totp").json["meta"]["secret"]
    first, clock = totp(secret), time.time
    assert app.send("POST", "account/authenticators/totp", {"code": first}).status == 200
    monkeypatch.setattr(time, "time", lambda: clock() + 30)
    second = totp(secret)
    statuses = []
    for code in (first, second, second):
        another_process()
        other = App(api)
        assert pending(logged_in(other, ADA)) == ["mfa_authenticate"]
        statuses.append(other.send("POST", "auth/2fa/authenticate", {"code": code}).status)
    assert statuses == [400, 200, 400]


def test_while_valkey_is_away_each_process_counts_by_itself(away: None, api: Client) -> None:
    signed_up(App(api), ADA)
    statuses = [logged_in(App(api), ADA, "wrong password").status for _ in range(6)]
    assert statuses == [400] * 5 + [429]


def test_while_valkey_is_away_nobody_tries_where_that_is_set(away: None, api: Client, settings: Any) -> None:
    settings.LIMIT_WITHOUT_VALKEY = "closed"
    answer = App(api).send("POST", "auth/login", {"email": ADA, "password": PASSWORD})
    assert (answer.status, answer.headers["Retry-After"]) == (503, "1")


def test_nothing_that_is_read_from_valkey_is_run(together: None, valkey: str) -> None:
    import pickle

    import redis

    cache.set("a", [1.5, "b", True])
    another_process()
    assert cache.get("a") == [1.5, "b", True]
    client = redis.Redis.from_url(valkey)
    [key] = client.keys("headwater:cache*")
    client.set(key, pickle.dumps("run"))
    with pytest.raises(ValueError, match=r"JSON is malformed|[Ii]nvalid"):
        cache.get("a")
