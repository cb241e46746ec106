"""The letter that an invitation goes out by."""

import re
from functools import partial
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction

from api.core.http.links import absolute
from resources.trips.models import Invitation

MOST_LETTERS = 60
NO_LINK = re.compile(r"[^\w ,'&()-]+")

LETTER = """\
{inviter} invites you to take part in the trip "{trip}" as {role}.

To accept, log in at {origin} with this address, or show this code there:

{code}

The code works once, until {until:%d %B %Y, %H:%M} UTC, for whoever has it: do not pass it on. If you do not know who
invites you, do nothing.
"""


def mail_invitation(invitation: Invitation, code: str) -> None:
    """Send the letter once the transaction is committed; if that fails it is logged, and the invitation stands."""
    inviter: Any = invitation.invited_by
    text = LETTER.format(
        inviter=inviter.email,
        trip=plain(invitation.trip.name),
        role=f"{'an' if invitation.role == 'editor' else 'a'} {invitation.role}",
        origin=absolute("/"),
        code=code,
        until=invitation.expires_at,
    )
    subject = f"[{settings.NAME}] {inviter.email} invites you to a trip"
    send = partial(send_mail, subject, text, settings.DEFAULT_FROM_EMAIL, [invitation.email])
    transaction.on_commit(send, robust=True)


def plain(name: str) -> str:
    """Return a name in which no link can stand, so that nobody sends advertisements by its way."""
    kept = " ".join(NO_LINK.sub(" ", name).split())
    return kept if len(kept) <= MOST_LETTERS else f"{kept[:MOST_LETTERS]}..."
