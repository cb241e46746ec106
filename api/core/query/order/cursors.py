"""Cursors: where a page ended, signed, and good for the ordering and filters it was made with only."""

from __future__ import annotations

import base64
import binascii
import hashlib
from functools import lru_cache
from typing import NamedTuple

import msgspec
from django.utils.crypto import constant_time_compare

from resources.core.database.sql import Stored, StoredJson
from resources.core.setting import setting

SIGNATURE_BYTES = 12


class Cursor(NamedTuple):
    """A position between two rows.

    Attributes:
        digest: of the shape and values of the request it continues, 16 hexadecimal digits.
        backwards: whether it leads to the page before the position.
        values: what the ordering's columns hold there, as the database has it: texts on PostgreSQL, on SQLite one of
            its types; none for the very beginning, or the very end.
    """

    digest: str
    backwards: bool
    values: tuple[Stored, ...]

    def encode(self) -> str:
        """Return the opaque text of the cursor."""
        values = [_as_json(value) if isinstance(value, float | bytes) else value for value in self.values]
        payload = msgspec.json.encode([self.digest, self.backwards, values])
        return _as_text(_sign(payload) + payload)


def decode(text: str, digest: str, terms: int) -> Cursor:
    """Read a cursor.

    Args:
        text: as a client sends it.
        digest: of the request that it is to continue.
        terms: how many columns its order has.

    Raises:
        ValueError: it was not made here, or was made for another request.
    """
    made_for, backwards, values = msgspec.json.decode(_payload(text))
    if made_for != digest or len(values) not in (0, terms):
        raise ValueError("This cursor belongs to a request with other filters, ordering or search.")
    return Cursor(digest, backwards, tuple(map(from_json, values)))


def _payload(text: str) -> bytes:
    """Return what was signed, if it was, and if the text is the very one that was handed out."""
    try:
        signed = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except (binascii.Error, UnicodeEncodeError):
        raise ValueError("This is not a cursor.") from None
    signature, payload = signed[:SIGNATURE_BYTES], signed[SIGNATURE_BYTES:]
    if not constant_time_compare(signature, _sign(payload)) or _as_text(signed) != text:
        raise ValueError("This cursor was not made by this server.")
    return payload


def _as_text(signed: bytes) -> str:
    return base64.urlsafe_b64encode(signed).decode().rstrip("=")


def _sign(payload: bytes) -> bytes:
    return hashlib.blake2b(payload, key=_key(setting("SECRET_KEY")), digest_size=SIGNATURE_BYTES).digest()


@lru_cache(maxsize=4)
def _key(secret: str) -> bytes:
    """Return a key for cursors alone, which tells nothing of the secret that it comes from."""
    return hashlib.sha256(b"headwater.cursor" + secret.encode()).digest()


def _as_json(value: float | bytes) -> dict[str, str]:
    """Write what a database gave, and JSON has no form for, as JSON that gives the same value, to the last bit."""
    return {"blob": value.hex()} if isinstance(value, bytes) else {"real": repr(value)}


def from_json(value: StoredJson) -> Stored:
    """Read what a cursor, or the database itself, wrote as JSON."""
    if not isinstance(value, dict):
        return value
    [(kind, text)] = value.items()
    return float(text) if kind == "real" else bytes.fromhex(text)
