"""Where requests are counted: in Valkey, so that all processes count together, or in this process.

May refuse: 503 while Valkey is away, where that is asked for (`shared.py`).
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from api.core.limits.memory import Memory
from api.core.limits.rates import Admission, Rate
from resources.core.setting import setting

if TYPE_CHECKING:
    from api.core.limits.shared import SharedCounter

MEMORY = Memory()
"""What this process has counted by itself."""


def check(who: str, rate: Rate | None, *, charge: bool = True, cost: int = 1) -> Admission | None:
    """Count as many requests as something costs by a rate, or (not `charge`) only say what would be decided.

    Raises:
        Refusal: `unavailable`.

    Returns:
        None where there is no rate.
    """
    if rate is None:
        return None
    url = setting("VALKEY_URL")
    decision = shared_counter(url).check(who, rate, charge=charge, cost=cost) if url else None
    return decision or MEMORY.check(who, rate, charge=charge, cost=cost)


@cache
def shared_counter(url: str) -> SharedCounter:
    """Return what counts at a Valkey. Its client is 7 MB of modules, which a process without one needs not."""
    from api.core.limits.shared import SharedCounter

    return SharedCounter(url)
