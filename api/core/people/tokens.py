"""Tokens of apps: a short access token (JWT), and a refresh token that works once."""

from allauth.headless.tokens.strategies.jwt import JWTTokenStrategy
from allauth.headless.tokens.strategies.jwt.internal import decode_token, session_key_from_sid
from django.contrib.sessions.models import Session
from django.db import transaction


class Tokens(JWTTokenStrategy):
    """allauth's JSON web tokens; of two who send one refresh token at once, the second is refused."""

    def refresh_token(self, refresh_token: str) -> tuple[str, str] | None:
        """Return an access token and the next refresh token, or None for a token that is unknown or was used."""
        payload = decode_token(refresh_token, "refresh")
        if payload is None:
            return None
        with transaction.atomic():
            session = Session.objects.select_for_update().filter(session_key=session_key_from_sid(payload["sid"]))
            if not session.exists():
                return None
            fresh: tuple[str, str] | None = super().refresh_token(refresh_token)
            return fresh
