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
MOST_IN_A_QUERY = 500
"""Keys in one query."""
MOST_KEYS = 10_000
"""Keys in memory. Only valid ones get there, so nobody can push them out by guessing."""


@dataclass(slots=True)
class ValidKey:
    """A key that was valid. The times are of `time.monotonic`, but for `expires_at`: seconds since 1970.

    Attributes:
        actor: who acts by it.
        expires_at: when it runs out.
        checked_at: when the database was asked about it.
        used_at: when it was used last.
    """

    actor: Actor
    expires_at: float
    checked_at: float
    used_at: float


class Keyring:
    """Finds the actor behind a secret. Threads share it; what they race for is at worst asked twice.

    Secrets are found by their digest, in a dictionary: how long that takes tells nothing about a secret.
    """

    def __init__(self) -> None:
        """Hold none."""
        self._keys: dict[str, ValidKey] = {}
        self._changed = self._renewed = 0.0
        self._asking = threading.Lock()

    def actor(self, secret: str) -> Actor | None:
        """Return who acts behind a secret; None for one that is unknown, expired, revoked or of somebody kept out."""
        return self.recall(secret) or self._look_up(secret)

    def recall(self, secret: str) -> Actor | None:
        """Return who acts behind a secret as far as this process can tell by itself, without a query."""
        key = self._keys.get(digest(secret))
        if key is None or key.checked_at <= self._changed or time.monotonic() - key.checked_at > TRUSTED_FOR:
            return None
        return _note_use(key)

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
        return digest(secret) in self._keys

    def forget(self, **_: object) -> None:
        """Ask about every key anew: something about a key or a person has been changed in this process."""
        self._changed = time.monotonic()

    def _look_up(self, secret: str) -> Actor | None:
        if not is_well_formed(secret):
            return None
        name = digest(secret)
        together = name in self._keys and self._asking.acquire(blocking=False)
        try:
            key = self._ask({name, *self._in_use()} if together else {name}).get(name)
        finally:
            if together:
                self._asking.release()
        return None if key is None else _note_use(key)

    def _in_use(self) -> Iterable[str]:
        since = time.monotonic() - IN_USE_FOR
        return [name for name, key in list(self._keys.items()) if key.used_at > since][:MOST_IN_A_QUERY]

    def _ask(self, names: set[str]) -> dict[str, ValidKey]:
        """Ask the database about some digests, and hold those that are keys."""
        began = time.monotonic()
        rows = ApiKey.objects.usable(names)
        valid = {row.digest: _valid_key(row, began, self._keys.get(row.digest)) for row in rows}
        for name in names - valid.keys():
            self._keys.pop(name, None)
        self._keys.update(valid)
        while len(self._keys) > MOST_KEYS:
            self._keys.pop(next(iter(self._keys)), None)
        return valid


def _valid_key(row: ApiKey, checked_at: float, before: ValidKey | None) -> ValidKey:
    until = row.expires_at.timestamp() if row.expires_at else float("inf")
    return ValidKey(row.actor, until, checked_at, before.used_at if before else checked_at)


def _note_use(key: ValidKey) -> Actor | None:
    """Note the use of a key, unless it has run out."""
    if key.expires_at <= time.time():
        return None
    key.used_at = time.monotonic()
    if key.actor.key is not None:  # the actor of a key has one
        LAST_USES.note(key.actor.key)
    return key.actor


KEYRING = Keyring()
"""That of this process."""


def install(sender: AppConfig) -> None:
    """Make what this process changes count at once in this process."""
    for model in (ApiKey, get_user_model()):
        for signal in (post_save, post_delete):
            signal.connect(KEYRING.forget, sender=model, dispatch_uid=f"headwater.keyring.{model.__name__}")
