"""Who asks, beside API keys: a person, by an access token, a session token, or a browser's cookie."""

from typing import Any

from allauth.headless.internal.sessionkit import authenticate_by_x_session_token
from allauth.headless.tokens.strategies.jwt.internal import validate_access_token
from django.conf import settings
from rest_framework.authentication import BaseAuthentication, CSRFCheck, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from resources.core.actor import Actor

CHALLENGE = f'Bearer realm="{settings.REALM}"'
SCOPES = frozenset("*")


def _acting(person: Any) -> tuple[Any, Actor]:
    return person, Actor(id=person.pk, is_staff=bool(getattr(person, "is_staff", False)), scopes=SCOPES)


class AccessTokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <access token>`: a JSON web token, which has two dots where a key has none."""

    def authenticate(self, request: Request) -> tuple[Any, Actor] | None:
        """Return the person and the actor behind the token.

        Raises:
            AuthenticationFailed: it is not valid, has expired, or its session has ended.
        """
        scheme, _, token = get_authorization_header(request).partition(b" ")
        if token.count(b".") != 2 or scheme.lower() != b"bearer":
            return None
        found = validate_access_token(token.strip().decode("latin-1"))
        if found is None:
            raise AuthenticationFailed("This access token is not valid, or has expired. Refresh it, or log in again.")
        return _acting(found[0])

    def authenticate_header(self, request: Request) -> str:
        """Return the challenge of a 401 (RFC 9110, section 11.6.1)."""
        return CHALLENGE


class SessionTokenAuthentication(BaseAuthentication):
    """`X-Session-Token`, as apps get it from /auth/app."""

    def authenticate(self, request: Request) -> tuple[Any, Actor] | None:
        """Return the person and the actor behind the token.

        Raises:
            AuthenticationFailed: its session has ended, or nobody has logged in with it yet.
        """
        token = request.headers.get("X-Session-Token")
        if token is None:
            return None
        found = authenticate_by_x_session_token(token)
        if found is None:
            raise AuthenticationFailed(
                "This session token is unknown, its session has ended, or its log-in is not complete."
            )
        return _acting(found[0])


class CookieAuthentication(BaseAuthentication):
    """The session cookie of a browser, and with every request that may change something its CSRF token."""

    def authenticate(self, request: Request) -> tuple[Any, Actor] | None:
        """Return the person and the actor behind the cookie; a cookie whose session has ended is none.

        Raises:
            PermissionDenied: the CSRF token is missing or wrong.
        """
        cookie = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
        found = authenticate_by_x_session_token(cookie) if cookie else None
        if found is None:
            return None
        refuse_forgery(request._request)
        return _acting(found[0])


def refuse_forgery(request: Any) -> None:
    """Refuse a request that a page of somebody else's may have sent.

    Raises:
        PermissionDenied: the CSRF token is missing or wrong.
    """
    check: Any = CSRFCheck(lambda _: None)  # type: ignore[arg-type]
    check.process_request(request)
    reason = check.process_view(request, None, (), {})
    if reason:
        raise PermissionDenied(
            f"Send the header X-CSRFToken, with what the cookie {settings.CSRF_COOKIE_NAME} says. {reason}"
        )
