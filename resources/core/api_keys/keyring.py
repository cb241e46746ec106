"""The keys that this process has met lately: who acts behind a secret, most often without asking the database.

A key counts as valid for less than a second after the database has said so. Then whoever shows one next asks about all
keys in use at once: one small query a second for a process, however many keys there are. So what happens to a key or to
its owner, by whatever program, is known to every process within a second.
"""

import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.apps import AppConfig
from django.contrib.auth import get_user_model
from django.db import DatabaseError
from django.db.models.signals import post_delete, post_save

from resources.core.actor import Actor
from resources.core.api_keys.last_use import LAST_USES
from resources.core.api_keys.models import ApiKey, digest, is_well_formed

TRUSTED_FOR = 0.8
"""Seconds; with the time that a query and an answer take they stay below one."""
IN_USE_FOR = 10.0
"""Seconds after its last use for which a key is asked about along with others."""
MOST_ASKED = 500
"""Keys in one query."""
MOST_HELD = 10_000
"""Keys in memory. Only valid ones get there, so nobody can push them out by guessing."""


@dataclass(slots=True)
class Held:
    """A key that was valid. The times are of `time.monotonic`, but for `expires_at`: seconds since 1970."""

    actor: Actor
    expires_at: float
    asked: float
    used: float


class Keyring:
    """Finds the actor behind a secret. Threads share it; what they race for is at worst asked twice.

    Secrets are found by their digest, in a dictionary: how long that takes tells nothing about a secret.
    """

    def __init__(self) -> None:
        """Hold none."""
        self._held: dict[str, Held] = {}
        self._changed = self._renewed = 0.0
        self._asking = threading.Lock()

    def actor(self, secret: str) -> Actor | None:
        """Return who acts behind a secret; None for one that is unknown, expired, revoked or of somebody kept out."""
        return self.known(secret) or self._asked(secret)

    def known(self, secret: str) -> Actor | None:
        """Return who acts behind a secret as far as this process can tell by itself, without a query."""
        held = self._held.get(digest(secret))
        if held is None or held.asked <= self._changed or time.monotonic() - held.asked > TRUSTED_FOR:
            return None
        return _used(held)

    def renew(self) -> None:
        """Ask about the keys in use when half of the time for which they are trusted has gone by.

        So one request in hundreds waits for the answer; else, when the time was up, all that came meanwhile would ask.
        """
        if time.monotonic() - self._renewed < TRUSTED_FOR / 2 or not self._asking.acquire(blocking=False):
            return
        try:
            self._renewed = time.monotonic()
            with suppress(DatabaseError):  # which the next one meets who must ask
                self._ask(set(self._in_use()))
        finally:
            self._asking.release()

    def holds(self, secret: str) -> bool:
        """Whether a secret was good when it was last shown, however long ago."""
        return digest(secret) in self._held

    def forget(self, **_: Any) -> None:
        """Ask about every key anew: something about a key or a person has been changed in this process."""
        self._changed = time.monotonic()

    def _asked(self, secret: str) -> Actor | None:
        if not is_well_formed(secret):
            return None
        name = digest(secret)
        together = name in self._held and self._asking.acquire(blocking=False)
        try:
            held = self._ask({name, *self._in_use()} if together else {name}).get(name)
        finally:
            if together:
                self._asking.release()
        return None if held is None else _used(held)

    def _in_use(self) -> Iterable[str]:
        since = time.monotonic() - IN_USE_FOR
        return [name for name, held in list(self._held.items()) if held.used > since][:MOST_ASKED]

    def _ask(self, names: set[str]) -> dict[str, Held]:
        """Ask the database about some digests, and hold those that are keys."""
        began = time.monotonic()
        keys = ApiKey.objects.usable(names)
        found = {key.digest: _held(key, began, self._held.get(key.digest)) for key in keys}
        for name in names - found.keys():
            self._held.pop(name, None)
        self._held.update(found)
        while len(self._held) > MOST_HELD:
            self._held.pop(next(iter(self._held)), None)
        return found


def _held(key: ApiKey, asked: float, before: Held | None) -> Held:
    until = key.expires_at.timestamp() if key.expires_at else float("inf")
    return Held(key.actor, until, asked, before.used if before else asked)


def _used(held: Held) -> Actor | None:
    """Note the use of a key, unless it has run out."""
    if held.expires_at <= time.time():
        return None
    held.used = time.monotonic()
    LAST_USES.note(held.actor.key)  # type: ignore[arg-type]  # the actor of a key has one
    return held.actor


KEYRING = Keyring()
"""That of this process."""


def install(sender: AppConfig) -> None:
    """Make what this process changes count at once in this process."""
    for model in (ApiKey, get_user_model()):
        for signal in (post_save, post_delete):
            signal.connect(KEYRING.forget, sender=model, dispatch_uid=f"headwater.keyring.{model.__name__}")
