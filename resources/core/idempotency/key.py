"""An Idempotency-Key, and what is made of it: a digest to find it by, and what only its sender can open again."""

from __future__ import annotations

import hmac
import os
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable

SHA256 = "sha256"
"""By its name: of the function itself `hmac` does not know that OpenSSL has it, and takes ten times as long."""
NONCE = 12
"""Bytes at random in front of what is sealed (NIST SP 800-38D, section 8.2.2)."""


@dataclass(frozen=True)
class IdempotencyKey:
    """A key of somebody's. The same text of somebody else is another key.

    Attributes:
        text: as the client sent it.
        person: whose it is.
    """

    text: str
    person: uuid.UUID

    @cached_property
    def _secret(self) -> bytes:
        """Return what everything is derived from (RFC 5869, section 2.2)."""
        return hmac.digest(str(self.person).encode(), self.text.encode(), SHA256)

    @cached_property
    def digest(self) -> bytes:
        """Return what the key is called without being told."""
        return self._derived(b"digest")

    @property
    def number(self) -> int:
        """Return by which an answer is found. Two of ten million keys have the same one time in 370,000: a 422."""
        return int.from_bytes(self.digest[:8], signed=True)

    def fingerprint(self, parts: Iterable[bytes]) -> bytes:
        """Return what is stored of a request, from which nobody without the key can tell what it was."""
        sized = b"".join(b"%d:%s" % (len(part), part) for part in parts)
        return self._derived(b"request", sized)

    def seal(self, plain: bytes) -> bytes:
        """Return what may be stored of an answer: it may show a secret once, such as a new API key."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # 9 MB, which not every process needs

        nonce = os.urandom(NONCE)
        return nonce + AESGCM(self._derived(b"answer")).encrypt(nonce, plain, self.digest)

    def unseal(self, sealed: bytes) -> bytes:
        """Return an answer again.

        Raises:
            cryptography.exceptions.InvalidTag: it was not sealed with this key.
        """
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        return AESGCM(self._derived(b"answer")).decrypt(sealed[:NONCE], sealed[NONCE:], self.digest)

    def _derived(self, *purpose: bytes) -> bytes:
        return hmac.digest(self._secret, b"\x00".join(purpose), SHA256)
