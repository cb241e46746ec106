"""A code of an authenticator app works once (RFC 6238, section 5.2), also the one that the app was set up with.

allauth remembers a used code for one step of the clock, and accepts it for longer: for the steps around its own, too.
The code that sets up the app it does not remember (`authenticator_app.py`).
"""

from allauth.mfa import app_settings
from allauth.mfa.totp.internal.auth import TOTP
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured


def use(app: TOTP, code: str) -> bool:
    """Remember a code for as long as it would be accepted; return whether it had not been used."""
    steps = 2 * app_settings.TOTP_TOLERANCE + 1
    return bool(cache.add(app._get_used_cache_key(code), "y", timeout=steps * app_settings.TOTP_PERIOD))


def install() -> None:
    """Put it in the place of allauth's own, which is no public name of its.

    Raises:
        ImproperlyConfigured: this allauth has none of that name, and would take a code twice.
    """
    for name in ("_mark_code_used", "_get_used_cache_key"):
        if not hasattr(TOTP, name):
            raise ImproperlyConfigured(
                f"django-allauth has no TOTP.{name} any more, so a code would work twice. Install the version that "
                "requirements.lock names."
            )
    TOTP._mark_code_used = use
