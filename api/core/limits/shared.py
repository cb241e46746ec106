"""Where requests are counted by all processes together: in Valkey, while it answers.

May refuse: 503 while Valkey is away, where the setting `LIMIT_WITHOUT_VALKEY` is `closed`. Where it is `open`, every
process counts by itself until Valkey is back; it is asked again once in a few seconds only, so that nobody waits.
"""

import time

import redis
import structlog
from django.conf import settings

from api.core.limits.rates import Admission, Rate
from api.core.limits.valkey import CLOSED, PAUSE, Valkey
from serializers.core.problems import refuse

log = structlog.get_logger("headwater")


class SharedCounter:
    """Valkey, behind a breaker."""

    def __init__(self, url: str) -> None:
        """Take it to be there."""
        self._valkey = Valkey(url)
        self._away = False
        self._next_try = 0.0

    def check(self, who: str, rate: Rate, *, charge: bool, cost: int = 1) -> Admission | None:
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

    def _ask(self, who: str, rate: Rate, charge: bool, cost: int) -> Admission:
        self._next_try = time.monotonic() + PAUSE  # the other threads do not try beside this one
        return self._valkey.check(who, rate, charge=charge, cost=cost)

    def _lost(self, error: Exception) -> None:
        if not self._away:
            log.warning("valkey is away", error=type(error).__name__, limits=settings.LIMIT_WITHOUT_VALKEY)
        self._away = True

    def _back(self, decision: Admission) -> Admission:
        if self._away:
            log.info("valkey is back")
        self._away = False
        return decision
