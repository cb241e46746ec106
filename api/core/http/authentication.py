"""Who asks: an Authorization header becomes an Actor."""

from __future__ import annotations

import uuid
from functools import partial

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.utils.functional import SimpleLazyObject
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from api.core.http.event_stream import IDENTITY, Identity, wants_events
from resources.core.actor import ANONYMOUS, Actor
from resources.core.api_keys.keyring import KEYRING
from resources.core.api_keys.models import PREFIX
from resources.core.tickets import redeem

SCHEMES = (b"bearer", b"token")

type User = AbstractBaseUser | AnonymousUser


class ApiKeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer hw_...` (RFC 6750); the scheme `Token` of DRF's clients works too."""

    def authenticate(self, request: Request) -> tuple[SimpleLazyObject[User], Actor] | None:
        """Return the person and the actor behind the key.

        Raises:
            AuthenticationFailed: there is a key, and it is not valid.
        """
        scheme, _, secret = get_authorization_header(request).partition(b" ")
        if not scheme:
            return None
        if scheme.lower() not in SCHEMES:
            raise AuthenticationFailed("Send Authorization: Bearer, followed by a key.")
        actor = KEYRING.actor(secret.strip().decode("latin-1"))
        if actor is None or actor.id is None:
            raise AuthenticationFailed("This key is unknown, expired or revoked.")
        return SimpleLazyObject(partial(_person, actor.id)), actor

    def authenticate_header(self, request: Request) -> str:
        """Return the challenge of a 401 (RFC 9110, section 11.6.1)."""
        return f'Bearer realm="{settings.REALM}"'


class StreamAuthentication(BaseAuthentication):
    """`?ticket=` of a browser that opens a stream, and what was shown already on a socket that asks for more."""

    def authenticate(self, request: Request) -> tuple[SimpleLazyObject[User], Actor] | None:
        """Return the person and the actor.

        Raises:
            AuthenticationFailed: there is a ticket, and it is not valid.
        """
        meta = request._request.META
        identity: Identity | None = meta.get(IDENTITY)
        ticket = request.query_params.get("ticket")
        if identity is None and ticket and request.method == "GET" and wants_events(request._request):
            bearer = redeem(ticket)
            if bearer is None:
                raise AuthenticationFailed("This ticket is unknown, was used, or has expired: it works once, for 30 s.")
            identity = meta[IDENTITY] = Identity(*bearer)
        if identity is None or identity.actor.id is None:
            return None
        return SimpleLazyObject(partial(_person, identity.actor.id)), identity.actor


def secret_in(header: str) -> str | None:
    """Return the key in an Authorization header; None where it holds something else."""
    scheme, _, secret = header.partition(" ")
    return secret.strip() if secret.lstrip().startswith(PREFIX) and scheme.lower().encode() in SCHEMES else None


def _person(key: uuid.UUID) -> User:
    """Load a person, for code that asks for more than the actor."""
    return get_user_model()._default_manager.filter(pk=key).first() or AnonymousUser()


def actor_of(request: Request) -> Actor:
    """Return who asks, by whatever way they were authenticated."""
    if isinstance(request.auth, Actor):
        return request.auth
    person = request.user
    if not getattr(person, "is_authenticated", False):
        return ANONYMOUS
    return Actor(id=person.pk, is_staff=bool(getattr(person, "is_staff", False)), scopes=frozenset("*"))
