"""Who asks, beside API keys: a person, by an access token, a session token, or a browser's cookie.

Tokens are checked by allauth's classes for DRF, which are public; what those call is not, and changes between releases.
"""

from urllib.parse import urlsplit

from allauth.headless.contrib.rest_framework.authentication import JWTTokenAuthentication, XSessionTokenAuthentication
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from rest_framework.authentication import BaseAuthentication, CSRFCheck, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from api.core.http.event_stream import STREAMING, WEBSOCKET, wants_events
from resources.core.actor import Actor

CHALLENGE = f'Bearer realm="{settings.REALM}"'
SCOPES = frozenset("*")


type Identity = tuple[AbstractBaseUser, Actor]
"""A person, and how they act."""


def _identity(person: AbstractBaseUser) -> Identity:
    return person, Actor(id=person.pk, is_staff=bool(getattr(person, "is_staff", False)), scopes=SCOPES)


class AccessTokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <access token>`: a JSON web token, which has two dots where a key has none."""

    def authenticate(self, request: Request) -> Identity | None:
        """Return the person and the actor behind the token.

        Raises:
            AuthenticationFailed: it is not valid, has expired, or its session has ended.
        """
        scheme, _, token = get_authorization_header(request).partition(b" ")
        if token.count(b".") != 2 or scheme.lower() != b"bearer":
            return None
        try:
            person, _ = JWTTokenAuthentication().authenticate_credentials(token.strip().decode("latin-1"))
        except AuthenticationFailed:
            detail = "This access token is not valid, or has expired. Refresh it, or log in again."
            raise AuthenticationFailed(detail) from None
        return _identity(person)

    def authenticate_header(self, request: Request) -> str:
        """Return the challenge of a 401 (RFC 9110, section 11.6.1)."""
        return CHALLENGE


class SessionTokenAuthentication(XSessionTokenAuthentication):
    """`X-Session-Token`, as apps get it from /auth/app."""

    def authenticate(self, request: Request) -> Identity | None:
        """Return the person and the actor behind the token.

        Raises:
            AuthenticationFailed: its session has ended, or nobody has logged in with it yet.
        """
        if self.get_session_token(request) is None:
            return None
        session = super().authenticate(request)
        if session is None:
            raise AuthenticationFailed(
                "This session token is unknown, its session has ended, or its log-in is not complete."
            )
        return _identity(session[0])


class CookieAuthentication(XSessionTokenAuthentication):
    """The session cookie of a browser, and with every request that may change something its CSRF token."""

    def get_session_token(self, request: Request) -> str | None:
        """Return what the cookie says, in the place of the header."""
        return request.COOKIES.get(settings.SESSION_COOKIE_NAME)

    def authenticate(self, request: Request) -> Identity | None:
        """Return the person and the actor behind the cookie; a cookie whose session has ended is none.

        Raises:
            PermissionDenied: the CSRF token is missing or wrong.
        """
        session = super().authenticate(request)
        if session is None:
            return None
        refuse_forgery(request._request)
        if wants_events(request._request):
            refuse_foreign_page(request._request)
        return _identity(session[0])


def refuse_foreign_page(request: HttpRequest) -> None:
    """Refuse a stream that a page of somebody else's asks for: the browser sends the cookie along in any case.

    Nothing else stands before a WebSocket, which no rule of CORS holds for; a browser always says where it is opened.

    Raises:
        PermissionDenied: the page is none of this host, nor of an origin in `CORS_ORIGINS`.
    """
    origin = request.META.get("HTTP_ORIGIN")
    if origin is None and request.META.get(STREAMING) != WEBSOCKET:
        return
    if origin is None or (
        urlsplit(origin).netloc != request.get_host() and origin not in settings.CORS_ALLOWED_ORIGINS
    ):
        raise PermissionDenied("A cookie opens streams for pages of this host and of CORS_ORIGINS only.")


def _answer(request: HttpRequest) -> HttpResponse:
    """Stand where the check expects a view, which it asks only whether it is exempt."""
    return HttpResponse()


def refuse_forgery(request: HttpRequest) -> None:
    """Refuse a request that a page of somebody else's may have sent.

    Raises:
        PermissionDenied: the CSRF token is missing or wrong.
    """
    check = CSRFCheck(_answer)
    check.process_request(request)
    reason = check.process_view(request, _answer, (), {})
    if reason:
        raise PermissionDenied(
            f"Send the header X-CSRFToken, with what the cookie {settings.CSRF_COOKIE_NAME} says. {reason}"
        )
