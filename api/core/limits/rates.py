"""A rate, such as 60 a minute, and what counting by it decides (GCRA: the quota refills evenly, not all at once).

The generic cell rate algorithm (ITU-T I.371) keeps one number for each who asks: the time at which all of their quota
is there again. Every request moves it on by one interval; none may move it further than one window ahead.
"""

import re
from dataclasses import dataclass
from functools import cached_property
from math import ceil
from typing import NamedTuple

from django.core.exceptions import ImproperlyConfigured

FORM = re.compile(r"([1-9][0-9]{0,8})/([smhd])")
WINDOWS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
OFF = "off"
NEARLY = 1e-6
"""Seconds by which sums of intervals may be off."""


@dataclass(frozen=True)
class Rate:
    """So many requests in a window of so many seconds; all of them at once, where nothing was asked before."""

    name: str
    count: int
    window: int

    @cached_property
    def interval(self) -> float:
        """Return the seconds after which one more request is there."""
        return self.window / self.count


def rate(name: str, text: str) -> Rate | None:
    """Read `60/m`; the windows are s, m, h and d. `off` is None.

    Raises:
        ImproperlyConfigured: it is neither.
    """
    match = FORM.fullmatch(text)
    if match is None and text != OFF:
        raise ImproperlyConfigured(f"A limit is {text!r}; write one such as 60/m (windows: s, m, h, d), or {OFF}")
    return Rate(name, int(match[1]), WINDOWS[match[2]]) if match else None


class Admission(NamedTuple):
    """Whether a request may be answered.

    Attributes:
        rate: what it was counted by.
        remaining: how many more could come at once.
        reset: seconds until the whole quota is there again.
        wait: seconds until one request is; 0 where it may be answered.
    """

    rate: Rate
    remaining: int
    reset: float
    wait: float = 0

    @property
    def allowed(self) -> bool:
        """Whether it may."""
        return not self.wait

    @property
    def retry_after(self) -> str:
        """Return the whole seconds after which it may be sent again."""
        return str(max(1, ceil(self.wait)))

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """Return `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-11), as plain text."""
        rate = self.rate
        return (
            ("RateLimit", f'"{rate.name}";r={self.remaining};t={ceil(self.reset)}'),
            ("RateLimit-Policy", f'"{rate.name}";q={rate.count};w={rate.window}'),
        )


def decide(rate: Rate, full_at: float, now: float, cost: int = 1) -> tuple[Admission, float]:
    """Decide about one request, or about work that counts for several.

    Args:
        rate: what to count by.
        full_at: when the whole quota is there again, as it is kept; any time gone by for somebody new.
        now: in seconds, by the same clock.
        cost: how many requests it counts for.

    Returns:
        The decision, and what to keep from now on.
    """
    before, interval = max(full_at, now), rate.interval
    later = before + cost * interval
    ahead = later - now
    if ahead > rate.window + NEARLY:
        # Work that counts for several has been done when it is counted: it takes all that is left.
        before = before if cost == 1 else now + rate.window
        return Admission(rate, 0, before - now, ahead - rate.window), before
    return Admission(rate, int((rate.window - ahead) / interval + NEARLY), ahead), later
