"""Where requests are counted: in Valkey, so that all processes count together, or in this process.

May refuse: 503 while Valkey is away, where the setting `LIMIT_WITHOUT_VALKEY` is `closed`. Where it is `open`, every
process counts by itself until Valkey is back; it is asked again once in a few seconds only, so that nobody waits.
"""

import time
from functools import cache

import redis
import structlog
from django.conf import settings

from api.core.limits.memory import Memory
from api.core.limits.rates import Decision, Rate
from api.core.limits.valkey import Valkey
from resources.core.setting import setting
from serializers.core.problems import refuse

log = structlog.get_logger("headwater")

CLOSED = "closed"
PAUSE = 5.0
"""Seconds before a Valkey that was away is tried again."""
MEMORY = Memory()
"""What this process has counted by itself."""


def check(who: str, rate: Rate, *, charge: bool = True, cost: int = 1) -> Decision:
    """Count as many requests as something costs by a rate, or (not `charge`) only say what would be decided.

    Raises:
        Refusal: `unavailable`.
    """
    url = setting("VALKEY_URL")
    decision = shared(url).check(who, rate, charge=charge, cost=cost) if url else None
    return decision or MEMORY.check(who, rate, charge=charge, cost=cost)


@cache
def shared(url: str) -> "Shared":
    """Return what counts at a Valkey."""
    return Shared(url)


class Shared:
    """Valkey, behind a breaker."""

    def __init__(self, url: str) -> None:
        """Take it to be there."""
        self._valkey = Valkey(url)
        self._away = False
        self._next_try = 0.0

    def check(self, who: str, rate: Rate, *, charge: bool, cost: int = 1) -> Decision | None:
        """Count what something costs; None where this process has to.

        Raises:
            Refusal: `unavailable`, where the process must not.
        """
        if not self._away or time.monotonic() >= self._next_try:
            try:
                return self._back(self._ask(who, rate, charge, cost))
            except redis.RedisError as error:
                self._lost(error)
        if settings.LIMIT_WITHOUT_VALKEY == CLOSED:
            raise refuse("unavailable", "Requests cannot be counted at the moment.", retry_after="1")
        return None

    def _ask(self, who: str, rate: Rate, charge: bool, cost: int) -> Decision:
        self._next_try = time.monotonic() + PAUSE  # the other threads do not try beside this one
        return self._valkey.check(who, rate, charge=charge, cost=cost)

    def _lost(self, error: Exception) -> None:
        if not self._away:
            log.warning("valkey is away", error=type(error).__name__, limits=settings.LIMIT_WITHOUT_VALKEY)
        self._away = True

    def _back(self, decision: Decision) -> Decision:
        if self._away:
            log.info("valkey is back")
        self._away = False
        return decision
