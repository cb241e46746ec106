"""Who has streams: each is asked about once a second, all together, and whose key or session is gone is let go."""

import asyncio
from functools import partial

import structlog
from django.db import DatabaseError

from api.core.http.event_stream import REFUSED, Identity, Subscriber, Turns
from api.core.people.validity import still_valid

logger = structlog.get_logger("headwater")

INTERVAL = 0.6
"""Seconds between two looks; with the time that they take they stay below one."""


class Identities:
    """Those of one event loop."""

    def __init__(self, turns: Turns) -> None:
        """Know of nobody."""
        self._turns = turns
        self._streams: dict[Identity, set[Subscriber]] = {}
        self._task: asyncio.Task[None] | None = None

    def add(self, identity: Identity, subscriber: Subscriber) -> None:
        """Look after a stream, unless nobody has it."""
        if identity.actor.anonymous:
            return
        self._streams.setdefault(identity, set()).add(subscriber)
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run())

    def remove(self, identity: Identity, subscriber: Subscriber) -> None:
        """Forget a stream."""
        streams = self._streams.get(identity)
        if streams is not None:
            streams.discard(subscriber)
            if not streams:
                del self._streams[identity]

    async def _run(self) -> None:
        try:
            while self._streams:
                await asyncio.sleep(INTERVAL)
                await self._look()
        finally:
            self._task = None

    async def _look(self) -> None:
        asked = [*self._streams]
        try:
            valid = await self._turns(partial(still_valid, asked))
        except DatabaseError as error:  # whoever cannot be asked about goes on, and is asked about again
            logger.warning("streams could not be asked about", error=str(error))
            return
        for identity in asked:
            if identity not in valid:
                for subscriber in [*self._streams.get(identity, ())]:
                    subscriber.end(REFUSED)
