"""Hints by Valkey, for processes that PostgreSQL itself cannot give any: behind PgBouncer, and on a standby.

Valkey may be away: nothing waits for it, and what it does not tell is found half a second later.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from resources.core.setting import setting

if TYPE_CHECKING:
    from redis import Redis

CHANNEL = "headwater:journal"
PATIENCE = 0.1
"""Seconds that a hint may take to be given."""
PAUSE = 5.0
"""Seconds before a Valkey that was away is tried again."""
SILENCE = 30.0
"""Seconds after which a listener asks whether Valkey is still there."""


class Announcer:
    """Gives hints to other processes."""

    def __init__(self, url: str) -> None:
        """Take the address; the first hint connects."""
        self._client, self._next_try = client(url, PATIENCE), 0.0

    def announce(self) -> None:
        """Say that there is something new."""
        from redis import RedisError

        if time.monotonic() >= self._next_try:
            try:
                self._client.publish(CHANNEL, "")
            except RedisError:
                self._next_try = time.monotonic() + PAUSE


announcer = cache(Announcer)


def announce() -> None:
    """Say that there is something new, where there is a Valkey."""
    url: str = setting("VALKEY_URL")
    if url:
        announcer(url).announce()


def listen(url: str, call: Callable[[], None]) -> None:
    """Make a call at each hint, for as long as the process lives."""
    from redis import RedisError
    from redis.client import PubSub

    while True:
        try:
            with PubSub(client(url, SILENCE).connection_pool) as subscription:
                subscription.subscribe(CHANNEL)
                while True:
                    if subscription.get_message(timeout=SILENCE):
                        call()
                    else:
                        subscription.ping()
        except RedisError:
            time.sleep(PAUSE)


def client(url: str, seconds: float) -> Redis:
    """Return a client of a Valkey, which waits so long for an answer."""
    from redis import Redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    return Redis.from_url(url, socket_timeout=seconds, socket_connect_timeout=PATIENCE, retry=Retry(NoBackoff(), 0))
