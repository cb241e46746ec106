"""Counting in this process: bounded, and shared by its threads."""

import threading
import time
from itertools import islice

from api.core.limits.rates import Admission, Rate, decide

MOST = 100_000
"""Who is remembered. Whoever's quota is whole again need not be; of the others the longest known go first."""


class Memory:
    """What is kept for each who asks: when their whole quota is there again."""

    def __init__(self) -> None:
        """Know nobody."""
        self._full_at: dict[str, float] = {}
        self._lock = threading.Lock()

    def check(self, who: str, rate: Rate, *, charge: bool = True, cost: int = 1) -> Admission:
        """Count as many requests as something costs, or (not `charge`) only say what would be decided."""
        now = time.monotonic()
        with self._lock:
            decision, full_at = decide(rate, self._full_at.get(who, 0.0), now, cost)
            if charge:
                if who not in self._full_at and len(self._full_at) >= MOST:
                    self._make_room(now)
                self._full_at[who] = full_at
        return decision

    def forget(self) -> None:
        """Forget everybody."""
        with self._lock:
            self._full_at.clear()

    def _make_room(self, now: float) -> None:
        """Forget whose quota is whole again, and a tenth at least, so that this is not done for every newcomer."""
        waiting = {who: full_at for who, full_at in self._full_at.items() if full_at > now}
        self._full_at = dict(islice(waiting.items(), max(0, len(waiting) - MOST * 9 // 10), None))
