"""API keys: shown once, stored as a hash, recognisable by their prefix and checksum."""

import hashlib
import secrets
import uuid
import zlib
from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models, router

from resources.core import fields
from resources.core.actor import SCOPE, Actor, Person
from resources.core.keys import UUIDv7Key
from resources.core.resource import Resource, Resources

PREFIX = "hw_"

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SECRET_LETTERS, _CHECKSUM_LETTERS = 43, 6  # 62**43 > 2**256, 62**6 > 2**32


def _base62(number: int, letters: int) -> str:
    """Write a number in a fixed count of letters."""
    text = ""
    for _ in range(letters):
        number, digit = divmod(number, 62)
        text = _ALPHABET[digit] + text
    return text


def new_secret() -> str:
    """Make a key of 256 random bits: `hw_`, 43 letters, and 6 letters of CRC-32 over what precedes."""
    body = PREFIX + _base62(secrets.randbits(256), _SECRET_LETTERS)
    return body + _checksum(body)


def _checksum(body: str) -> str:
    return _base62(zlib.crc32(body.encode()), _CHECKSUM_LETTERS)


def is_well_formed(secret: str) -> bool:
    """Whether a text can be a key at all; refuses typing errors without asking the database."""
    body, checksum = secret[:-_CHECKSUM_LETTERS], secret[-_CHECKSUM_LETTERS:]
    length = len(PREFIX) + _SECRET_LETTERS + _CHECKSUM_LETTERS
    return secret.startswith(PREFIX) and len(secret) == length and secret.isascii() and _checksum(body) == checksum


def digest(secret: str) -> str:
    """Hash a key for storage. 256 random bits need no salt and no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


class ApiKeys(Resources["ApiKey"]):
    """Makes keys and finds the actor behind one."""

    def issue(
        self,
        owner: Person,
        *,
        name: str = "",
        scopes: Iterable[str] = ("*",),
        expires_at: datetime | None = None,
    ) -> str:
        """Make a key for a person and return its secret, which is stored nowhere.

        Raises:
            ValueError: a scope is none, or there is none at all.
        """
        scopes = sorted(set(scopes))
        if not scopes or not all(map(SCOPE.fullmatch, scopes)):
            raise ValueError(f"{scopes} are not scopes; write them as `trips:read`, `trips:write` or `*`")
        secret = new_secret()
        self.create(owner_id=owner.pk, name=name, scopes=scopes, digest=digest(secret), expires_at=expires_at)
        return secret

    def usable(self, digests: Iterable[str]) -> "models.QuerySet[ApiKey]":
        """Return the keys behind some digests whose owners may come in; one that has run out is among them."""
        rows = self.using(router.db_for_write(self.model)).select_related("owner")  # a replica may lag behind
        usable = rows.filter(digest__in=list(digests), owner__is_active=True)
        return usable.only("digest", "scopes", "expires_at", "owner__is_staff")


class ApiKey(UUIDv7Key, Resource):
    """A key that acts for a person, within its scopes, until it expires or is deleted."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_keys", help_text="The person it acts for."
    )
    name = fields.CharField(max_length=100, blank=True, help_text="What it is for.")
    digest = fields.CharField(max_length=64, unique=True, editable=False, help_text="SHA-256 of the secret.")
    scopes = models.JSONField(default=list, help_text="What it may do, such as `trips:read`; `*` for everything.")
    expires_at = models.DateTimeField(null=True, blank=True, help_text="When it stops working; null for never.")
    last_used_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When it was last shown, within a minute; null for never."
    )

    objects: ClassVar[ApiKeys] = ApiKeys()

    owner_id: uuid.UUID
    unjournaled = ("digest", "last_used_at")

    class Meta:
        verbose_name = "key"

    def __str__(self) -> str:
        """Show the name, never anything of the secret."""
        return self.name or str(self.id)

    @property
    def actor(self) -> Actor:
        """Return who acts when this key is shown; it never does more than its owner."""
        return Actor(id=self.owner_id, is_staff=self.owner.is_staff, scopes=frozenset(self.scopes), key=self.id)
