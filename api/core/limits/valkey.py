"""Counting in Valkey, for all processes together: one script that nothing can come between, by the server's clock.

May fail with `redis.RedisError` when the server is away; it is given a tenth of a second.
"""

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from api.core.limits.rates import NEARLY, Admission, Rate

PREFIX = "headwater:limit:"
PATIENCE = 0.1
"""Seconds."""
PAUSE = 5.0
"""Seconds before a Valkey that was away is tried again."""
CLOSED = "closed"
"""What `LIMIT_WITHOUT_VALKEY` is where nothing may be counted by a process alone."""

# Times are in microseconds. It is `rates.decide`, where the time and what is kept are.
SCRIPT = """
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local moved, window, charge = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3] == '1'
local several = ARGV[4] == '1'
local kept = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now)
local ahead = kept + moved - now
if ahead > window + 1 then
  if several and charge then
    redis.call('SET', KEYS[1], string.format('%.3f', now + window), 'PX', math.ceil(window / 1000) + 1)
    kept = now + window
  end
  return {0, math.ceil(kept - now), math.ceil(ahead - window)}
end
if charge then
  redis.call('SET', KEYS[1], string.format('%.3f', kept + moved), 'PX', math.ceil(ahead / 1000) + 1)
end
return {1, math.ceil(ahead), 0}
"""


class Valkey:
    """A server that all processes count at."""

    def __init__(self, url: str) -> None:
        """Take its address; the first request connects."""
        client = redis.Redis.from_url(
            url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE, retry=Retry(NoBackoff(), 0)
        )
        self._script = client.register_script(SCRIPT)

    def check(self, who: str, rate: Rate, *, charge: bool = True, cost: int = 1) -> Admission:
        """Count as many requests as something costs, or (not `charge`) only say what would be decided.

        Raises:
            RedisError: the server is away.
        """
        arguments = (repr(cost * rate.interval * 1e6), rate.window * 1_000_000, int(charge), int(cost > 1))
        allowed, reset, wait = self._script(keys=[PREFIX + who], args=arguments)
        if not allowed:
            return Admission(rate, 0, reset / 1e6, wait / 1e6)
        return Admission(rate, int((rate.window - reset / 1e6) / rate.interval + NEARLY), reset / 1e6)
