"""Whether who has a stream may still have it: their key, their session and their account are asked about together."""

import uuid
from collections.abc import Iterable
from datetime import datetime
from itertools import batched

from allauth.headless.tokens.strategies.jwt.internal import decode_token, session_key_from_sid
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.db import router
from django.http import HttpRequest
from django.utils import timezone

from api.core.http.event_stream import IDENTITY, Identity
from resources.core.actor import Actor
from resources.core.api_keys.models import ApiKey

MOST_IN_A_QUERY = 500


def identity_of(request: HttpRequest, actor: Actor) -> Identity:
    """Return who asks, with the session that they are logged in with."""
    identity: Identity | None = request.META.get(IDENTITY)
    return identity or Identity(actor, None if actor.anonymous or actor.key else _session_key(request))


def _session_key(request: HttpRequest) -> str | None:
    scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() == "bearer":
        payload = decode_token(token.strip(), "access")
        return session_key_from_sid(payload["sid"]) if payload else None
    return request.META.get("HTTP_X_SESSION_TOKEN") or request.COOKIES.get(settings.SESSION_COOKIE_NAME)


def still_valid(identities: Iterable[Identity]) -> set[Identity]:
    """Return those of some identities that are what they were: one query for keys, one for people, one for sessions."""
    now, known = timezone.now(), [each for each in identities if not each.actor.anonymous]
    keys = _of_keys({each.actor.key for each in known if each.actor.key}, now)
    people = _of_people({each.actor.id for each in known if each.actor.id and not each.actor.key})
    sessions = _of_sessions({each.session for each in known if each.session}, now)
    valid = {each for each in known if each.actor.key and keys.get(each.actor.key) == each.actor}
    valid |= {
        each
        for each in known
        if not each.actor.key
        and each.actor.id
        and people.get(each.actor.id) is each.actor.is_staff
        and (each.session is None or each.session in sessions)
    }
    return valid


def _of_keys(keys: Iterable[uuid.UUID], now: datetime) -> dict[uuid.UUID, Actor]:
    rows = ApiKey.objects.using(router.db_for_write(ApiKey)).select_related("owner").filter(owner__is_active=True)
    found = (row for some in batched(keys, MOST_IN_A_QUERY) for row in rows.filter(pk__in=some))
    return {row.pk: row.actor for row in found if row.expires_at is None or row.expires_at > now}


def _of_people(people: Iterable[uuid.UUID]) -> dict[uuid.UUID, bool]:
    model = get_user_model()
    rows = model._default_manager.using(router.db_for_write(model)).filter(is_active=True)
    staff = "is_staff" in {field.name for field in model._meta.concrete_fields}
    names = ("pk", "is_staff") if staff else ("pk",)
    found = (row for some in batched(people, MOST_IN_A_QUERY) for row in rows.filter(pk__in=some).values_list(*names))
    return {key: bool(rest and rest[0]) for key, *rest in found}


def _of_sessions(sessions: Iterable[str], now: datetime) -> set[str]:
    rows = Session.objects.using(router.db_for_write(Session)).filter(expire_date__gt=now)
    some = (rows.filter(pk__in=some).values_list("pk", flat=True) for some in batched(sessions, MOST_IN_A_QUERY))
    return {key for keys in some for key in keys}
