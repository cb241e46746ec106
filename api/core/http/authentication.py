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

from resources.core.actor import ANONYMOUS, Actor
from resources.core.api_keys.keyring import KEYRING
from resources.core.api_keys.models import PREFIX

SCHEMES = (b"bearer", b"token")

type Person = AbstractBaseUser | AnonymousUser


class ApiKeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer hw_...` (RFC 6750); the scheme `Token` of DRF's clients works too."""

    def authenticate(self, request: Request) -> tuple[SimpleLazyObject[Person], Actor] | None:
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


def secret_in(header: str) -> str | None:
    """Return the key in an Authorization header; None where it holds something else."""
    scheme, _, secret = header.partition(" ")
    return secret.strip() if secret.lstrip().startswith(PREFIX) and scheme.lower().encode() in SCHEMES else None


def _person(key: uuid.UUID) -> Person:
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
