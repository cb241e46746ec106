"""The view of an authenticator app: the code that sets it up does not log in as well."""

from allauth.headless.mfa.views import ManageTOTPView
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.http import HttpRequest, HttpResponse

from api.core.people.codes import use


class AuthenticatorAppView(ManageTOTPView):
    """allauth's, which would take that code twice."""

    def post(self, request: HttpRequest, *arguments: str, **names: str) -> HttpResponse:
        """Set up the app; its code is remembered before, so that no other request can use it meanwhile."""
        use(TOTP(Authenticator(user=request.user)), self.input.cleaned_data["code"])
        response: HttpResponse = super().post(request, *arguments, **names)
        return response
