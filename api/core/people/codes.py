"""A code of an authenticator app works once (RFC 6238, section 5.2), also the one that the app was set up with.

allauth remembers a used code for one step of the clock, and accepts it for longer: for the steps around its own, too.
The code that sets up the app it does not remember.
"""

from allauth.headless.mfa.views import ManageTOTPView
from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse


class AuthenticatorAppView(ManageTOTPView):
    """allauth's view of somebody's authenticator app; the code that sets it up does not log in as well."""

    def post(self, request: HttpRequest, *arguments: str, **names: str) -> HttpResponse:
        """Set up the app; its code is remembered before, so that no other request can use it meanwhile."""
        use(TOTP(Authenticator(user=request.user)), self.input.cleaned_data["code"])
        response: HttpResponse = super().post(request, *arguments, **names)
        return response


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
