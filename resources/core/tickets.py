"""Tickets: with one of them a browser opens one stream, since `EventSource` and `WebSocket` send no headers.

A ticket works once and for 30 seconds, in any process; stored is its hash alone. It goes with the key that it was made
with. May refuse: more tickets of one person than anybody needs.
"""

import hashlib
import secrets
import uuid
from datetime import timedelta
from typing import ClassVar, NamedTuple

from django.conf import settings
from django.db import models, router
from django.utils import timezone

from resources.core.actor import Actor
from resources.core.api_keys.models import ApiKey

LIFE = timedelta(seconds=30)
MOST = 100
"""Tickets of one person that have neither been used nor run out."""
PREFIX = "hwt_"


class TooManyError(Exception):
    """A person has as many tickets as they may have."""


class Ticket(models.Model):
    """One ticket."""

    digest = models.CharField(max_length=64, primary_key=True)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    key = models.ForeignKey(ApiKey, models.CASCADE, null=True, related_name="+")
    session = models.CharField(max_length=40, null=True)
    expires_at = models.DateTimeField(db_index=True)

    person_id: uuid.UUID
    key_id: uuid.UUID | None
    objects: ClassVar[models.Manager["Ticket"]] = models.Manager()

    class Meta:
        db_table = "headwater_ticket"


class Bearer(NamedTuple):
    """Who shows a ticket.

    Attributes:
        actor: as who had it made.
        session: the key of the session they are logged in with; None for a key.
    """

    actor: Actor
    session: str | None


def issue(actor: Actor, session: str | None) -> str:
    """Make a ticket and return it.

    Raises:
        TooManyError: the person has many that were not used.
    """
    assert actor.id is not None  # noqa: S101 - nobody needs none
    now = timezone.now()
    tickets = Ticket.objects.using(router.db_for_write(Ticket))
    tickets.filter(expires_at__lte=now).delete()
    if tickets.filter(person_id=actor.id).count() >= MOST:
        raise TooManyError
    secret = PREFIX + secrets.token_urlsafe(32)
    values = {"person_id": actor.id, "key_id": actor.key, "session": session, "expires_at": now + LIFE}
    tickets.create(digest=_digest(secret), **values)
    return secret


def redeem(secret: str) -> Bearer | None:
    """Use a ticket: return who shows it, or None for one that is unknown, was used, or has run out."""
    tickets = Ticket.objects.using(router.db_for_write(Ticket)).filter(digest=_digest(secret))
    ticket = tickets.select_related("person", "key__owner").first()
    if ticket is None or not tickets.delete()[0]:  # of two at once, one deletes it
        return None
    if ticket.expires_at <= timezone.now() or not ticket.person.is_active:
        return None
    if ticket.key is not None:
        ran_out = ticket.key.expires_at is not None and ticket.key.expires_at <= timezone.now()
        return None if ran_out else Bearer(ticket.key.actor, None)
    person = ticket.person
    staff = bool(getattr(person, "is_staff", False))
    return Bearer(Actor(id=person.pk, is_staff=staff, scopes=frozenset("*")), ticket.session)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
