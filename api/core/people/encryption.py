"""Second factors as they are stored: sealed with a key made of SECRET_KEY, so that a copy of the database shows none.

What was sealed with one of SECRET_KEY_FALLBACKS is read as well. What none of them opens is as if nobody knew it.
"""

from __future__ import annotations

import base64
import secrets
from functools import lru_cache
from typing import TYPE_CHECKING

import structlog
from django.conf import settings

from api.core.settings.passwords import derived_key

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

log = structlog.get_logger("headwater")

MARK = "sealed:"
"""Before what is sealed; what is stored without it is from before, and read as it stands."""
PURPOSE = "second factors"


def seal(text: str) -> str:
    """Return what may be stored of a text."""
    return MARK + _cipher().encrypt(text.encode()).decode()


def unseal(stored: str) -> str:
    """Return the text again; another one, which nobody knows, where the key is gone: no code fits it then."""
    if not stored.startswith(MARK):
        return stored
    from cryptography.fernet import InvalidToken

    try:
        return _cipher().decrypt(stored.removeprefix(MARK)).decode()
    except InvalidToken:
        log.warning("a second factor was sealed with another SECRET_KEY; see SECRET_KEY_FALLBACKS")
        return base64.b32encode(secrets.token_bytes(20)).decode()


def _cipher() -> MultiFernet:
    return _cipher_of((settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))


@lru_cache(maxsize=4)
def _cipher_of(keys: tuple[str, ...]) -> MultiFernet:
    """Make the cipher (AES-128-CBC and HMAC-SHA-256) that seals by the first key, and opens by any.

    Its library is 9 MB, which a process of an API that is called with keys needs not.
    """
    from cryptography.fernet import Fernet, MultiFernet

    derived = (bytes.fromhex(derived_key(key, PURPOSE)) for key in keys)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in derived])
