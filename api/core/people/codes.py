"""A code of an authenticator app works once (RFC 6238, section 5.2).

allauth remembers a used code for one step of the clock, and accepts it for longer: for the steps around its own, too.
"""

from allauth.mfa import app_settings
from allauth.mfa.totp.internal.auth import TOTP
from django.core.cache import cache


def used_once(self: TOTP, code: str) -> bool:
    """Remember a code for as long as it would be accepted; return whether it had not been used."""
    steps = 2 * app_settings.TOTP_TOLERANCE + 1
    return bool(cache.add(self._get_used_cache_key(code), "y", timeout=steps * app_settings.TOTP_PERIOD))


def install() -> None:
    """Put it in the place of allauth's own."""
    TOTP._mark_code_used = used_once
