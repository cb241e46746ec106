"""Django's cache in Valkey: what allauth counts and remembers, for all processes together.

May refuse: 503 while Valkey is away, where `LIMIT_WITHOUT_VALKEY` is `closed`; where it is `open`, each process goes on
by itself, and Valkey is asked again once in a few seconds.
"""

import time
from collections.abc import Callable
from functools import partial

import msgspec
import redis
import structlog
from django.conf import settings
from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache

from api.core.limits.valkey import CLOSED, PAUSE
from serializers.core.json import Json
from serializers.core.problems import refuse

log = structlog.get_logger("headwater")


class JsonSerializer:
    """Writes values as JSON: Django's way, pickle, would run what somebody has put into Valkey."""

    def dumps(self, value: Json) -> bytes:
        """Write a value."""
        return msgspec.json.encode(value)

    def loads(self, text: bytes) -> Json:
        """Read it again."""
        value: Json = msgspec.json.decode(text)
        return value


class SharedCache(RedisCache):
    """Valkey, or this process while it is away."""

    _next_try = 0.0

    def __init__(self, server: str, params: dict[str, object]) -> None:
        """Take where it is."""
        super().__init__(server, params)
        self._here = LocMemCache("while Valkey is away", params)

    def add(self, key: str, value: Json, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Set a value where there is none."""
        return self._either(
            partial(super().add, key, value, timeout, version), partial(self._here.add, key, value, timeout, version)
        )

    def get(self, key: str, default: Json = None, version: int | None = None) -> Json:
        """Return a value."""
        value: Json = self._either(
            partial(super().get, key, default, version), partial(self._here.get, key, default, version)
        )
        return value

    def set(self, key: str, value: Json, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        """Set a value."""
        self._either(
            partial(super().set, key, value, timeout, version), partial(self._here.set, key, value, timeout, version)
        )

    def delete(self, key: str, version: int | None = None) -> bool:
        """Forget a value."""
        return self._either(partial(super().delete, key, version), partial(self._here.delete, key, version))

    def _either[Answer](self, of_all: Callable[[], Answer], of_this_process: Callable[[], Answer]) -> Answer:
        """Ask Valkey, or this process.

        Raises:
            Refusal: `unavailable`, where this process must not.
        """
        if time.monotonic() >= SharedCache._next_try:
            try:
                return of_all()
            except redis.RedisError as error:
                SharedCache._next_try = time.monotonic() + PAUSE
                log.warning("valkey is away", error=type(error).__name__, limits=settings.LIMIT_WITHOUT_VALKEY)
        if settings.LIMIT_WITHOUT_VALKEY == CLOSED:
            raise refuse("unavailable", "Tries cannot be counted at the moment.", retry_after="1")
        return of_this_process()
