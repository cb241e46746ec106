"""What one connection may make a server hold, and for how long: the settings, as one value."""

from dataclasses import dataclass
from functools import cache

from django.conf import settings

ANSWER = 256 * 2**10
"""Bytes of one answer that a connection holds in memory beside its buffers, before more is charged or spilled."""
LINGER = 2.0
"""Seconds for which what a client still sends is dropped, so that it comes to read why it was refused."""
PACE = 2**10
"""Bytes a second that a client has to send of a body, or take of an answer, once its time-out is over."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """The bounds of a connection.

    Attributes:
        head: bytes of a request line and its headers; and of what stands around a body, its trailers among it.
        connections: of one process; 0 for as many as its descriptors allow.
        head_timeout: seconds for a head, from its first byte; for the first one, from the connection's beginning.
        answer_timeout: seconds after which a client that takes nothing of an answer is let go.
    """

    head: int
    connections: int
    head_timeout: float
    answer_timeout: float


@cache
def bounds() -> Bounds:
    """Read them from the settings."""
    return Bounds(settings.MAX_HEAD, settings.MAX_CONNECTIONS, settings.HEAD_TIMEOUT, settings.ANSWER_TIMEOUT)
