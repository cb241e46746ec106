"""Tokens of apps: a short access token (JWT), and a refresh token that works once.

One that is shown a second time was copied: by a thief, or from the app after the thief had used it. Nobody can tell
which, so its session ends, and with it every token of it (RFC 9700, section 4.14.2).
"""

import structlog
from allauth.headless.tokens.strategies.jwt import JWTTokenStrategy
from allauth.headless.tokens.strategies.jwt.internal import decode_token, get_token_session, session_key_from_sid
from allauth.usersessions.models import UserSession
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.db import transaction

log = structlog.get_logger("headwater")

USED = "used_refresh_tokens"
"""Where in a session stand the ids of its tokens that were used, the last ones last."""
MOST_USED = 100


class Tokens(JWTTokenStrategy):
    """allauth's JSON web tokens; of two who send one refresh token at once, the second is refused."""

    def refresh_token(self, refresh_token: str) -> tuple[str, str] | None:
        """Return an access token and the next refresh token, or None for a token that is unknown or was used."""
        payload = decode_token(refresh_token, "refresh")
        if payload is None:
            return None
        with transaction.atomic():
            rows = Session.objects.select_for_update().filter(session_key=session_key_from_sid(payload["sid"]))
            if not rows.exists():
                return None
            fresh: tuple[str, str] | None = super().refresh_token(refresh_token)
            _remember(get_token_session(payload), payload["jti"], is_first=fresh is not None)
            return fresh


def _remember(session: SessionBase | None, token: str, *, is_first: bool) -> None:
    """Note that a token was used, or end its session where that was known; of others nothing is known."""
    if session is None:
        return
    used: list[str] = session.get(USED, [])
    if is_first:
        session[USED] = [*used, token][-MOST_USED:]
        session.save()
    elif token in used:
        log.warning("a refresh token was used twice; its session ends")
        for of_device in UserSession.objects.filter(session_key=session.session_key):
            of_device.delete()
        session.delete()
