"""Django's cache in Valkey: what allauth counts and remembers, for all processes together.

May refuse: 503 while Valkey is away, where `LIMIT_WITHOUT_VALKEY` is `closed`; where it is `open`, each process goes on
by itself, and Valkey is asked again once in a few seconds.
"""

import time
from typing import Any

import msgspec
import redis
import structlog
from django.conf import settings
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache

from api.core.limits.valkey import CLOSED, PAUSE
from serializers.core.problems import refuse

log = structlog.get_logger("headwater")


class Json:
    """Writes values as JSON: Django's way, pickle, would run what somebody has put into Valkey."""

    def dumps(self, value: Any) -> bytes:
        """Write a value."""
        return msgspec.json.encode(value)

    def loads(self, text: bytes) -> Any:
        """Read it again."""
        return msgspec.json.decode(text)


class SharedCache(RedisCache):
    """Valkey, or this process while it is away."""

    _next_try = 0.0

    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        """Take where it is."""
        super().__init__(server, params)
        self._here = LocMemCache("while Valkey is away", params)

    def add(self, *args: Any, **options: Any) -> Any:
        """Set a value where there is none."""
        return self._either("add", *args, **options)

    def get(self, *args: Any, **options: Any) -> Any:
        """Return a value."""
        return self._either("get", *args, **options)

    def set(self, *args: Any, **options: Any) -> Any:
        """Set a value."""
        return self._either("set", *args, **options)

    def delete(self, *args: Any, **options: Any) -> Any:
        """Forget a value."""
        return self._either("delete", *args, **options)

    def _either(self, name: str, *args: Any, **options: Any) -> Any:
        """Ask Valkey, or this process.

        Raises:
            Refusal: `unavailable`, where this process must not.
        """
        if time.monotonic() >= SharedCache._next_try:
            try:
                return getattr(super(), name)(*args, **options)
            except redis.RedisError as error:
                SharedCache._next_try = time.monotonic() + PAUSE
                log.warning("valkey is away", error=type(error).__name__, limits=settings.LIMIT_WITHOUT_VALKEY)
        if settings.LIMIT_WITHOUT_VALKEY == CLOSED:
            raise refuse("unavailable", "Tries cannot be counted at the moment.", retry_after="1")
        return getattr(self._here, name)(*args, **options)
