"""Reads that took longer than a request may take, asked for again: after the second time they are refused at once.

Who is known is refused the same kind of request, whatever its values; who is not, the very same request, since others
who are not known may ask for more or less of the same rows. So nobody keeps another from anything. May refuse: 503,
with the seconds after which it is tried again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import blake2b
from math import ceil
from typing import NamedTuple

from django.db import OperationalError

from api.core.http.errors import over_budget
from api.core.query.parameters.templates import Parameters
from api.core.query.shape import Query
from resources.core.actor import Actor
from resources.core.database.budget import is_over
from serializers.core.problems import Fault, Refusal, problem

TRIED = 2
"""Times that a read may take too long."""
PAUSE, LONGEST = 10.0, 300.0
"""Seconds for which it is refused after that; twice as long each time that it takes too long again."""
FORGOTTEN = 600.0
"""Seconds after which it has never been."""
MOST = 1024
"""Reads that are remembered."""
PLACES = frozenset(("limit", "cursor", "fields", "page", "page_size"))
"""Parameters that decide nothing about which rows are looked for."""


class Strike(NamedTuple):
    """How often a read took too long, when it did so last, and until when it is refused."""

    times: int
    at: float
    until: float


@dataclass(slots=True)
class Strikes:
    """Reads that took too long, of late."""

    known: dict[Hashable, Strike] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def against(self, key: Hashable) -> Strike | None:
        """Return what is remembered of a read that is still refused."""
        strike = self.known.get(key)
        return None if strike is None or strike.until <= time.monotonic() else strike

    def add(self, key: Hashable, began: float) -> None:
        """Remember that a read took too long once more.

        Args:
            key: of the read.
            began: when it did so. Those that waited side by side, for whatever it was, count once.
        """
        now = time.monotonic()
        with self.lock:
            before = self.known.get(key)
            if before is not None and began < before.at:
                return
            self.known.pop(key, None)  # so that the order is that of their last time
            times = 1 if before is None or now > before.at + FORGOTTEN else before.times + 1
            pause = 0.0 if times < TRIED else min(LONGEST, PAUSE * 2.0 ** (times - TRIED))
            self.known[key] = Strike(times, now, now + pause)
            if len(self.known) > MOST:
                del self.known[next(iter(self.known))]  # the one that was longest ago


STRIKES = Strikes()
"""Those of this process."""


@contextmanager
def bounded(query: Query, actor: Actor, parameters: Parameters, *, of: str = "page") -> Iterator[None]:
    """Read, unless that took too long of late.

    Args:
        query: what was asked.
        actor: who asks.
        parameters: as they were sent.
        of: what of the resource is read: a page, an export, or one row by its key.

    Raises:
        Refusal: it did, or does now; it names what to narrow.
    """
    # Most reads come by while nothing is remembered, and need no key.
    strike = STRIKES.against(_key(query, actor, of)) if STRIKES.known else None
    if strike is not None:
        wait = ceil(strike.until - time.monotonic())
        raise _refusal(f"This took too long {strike.times} times.", parameters, max(1, wait))
    began = time.monotonic()
    try:
        yield
    except OperationalError as error:
        if not is_over(error):
            raise
        STRIKES.add(_key(query, actor, of), began)
        raise _refusal(over_budget(), parameters, 1) from error


def _key(query: Query, actor: Actor, of: str) -> Hashable:
    if not actor.anonymous:
        return query.resource, query.shape, of, actor.id
    return query.resource, query.shape, of, blake2b(repr(query.values).encode()).digest()


def _refusal(what: str, parameters: Parameters, wait: int) -> Refusal:
    names = sorted({name for name, _ in parameters} - PLACES)
    faults = tuple(Fault("too_slow", "Narrow this, or leave it out.", parameter=name) for name in names)
    detail = f"{what} `errors` names what to narrow." if faults else what
    return Refusal(problem("unavailable", detail, faults, retry_after=str(wait)))
