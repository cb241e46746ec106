"""The e-mail addresses that people have shown to be theirs, for rows that are addressed to one."""

from dataclasses import dataclass
from typing import ClassVar

from allauth.account.models import EmailAddress
from django.db.models import Q

from resources.core.actor import Actor
from resources.core.policy import NONE, Own, Policy, Verb


def is_own(actor: Actor, address: str) -> bool:
    """Whether an address, in small letters, is one of the actor's own, verified."""
    return bool(EmailAddress.objects.filter(user=actor.id, email=address, verified=True).exists())


@dataclass(frozen=True, slots=True)
class Addressee(Policy):
    """The rows that name, in small letters, an address that the actor has verified."""

    path: str
    who: ClassVar[str] = "who has verified the address in it"

    def rows(self, verb: Verb, actor: Actor) -> Q:
        """Return the rows addressed to the actor."""
        if actor.anonymous:
            return NONE
        addresses = EmailAddress.objects.filter(user=actor.id, verified=True).values("email")
        return Q(**{f"{self.path}__in": addresses})

    def own(self, verb: Verb, actor: Actor) -> tuple[Own, ...]:
        """Return the rows themselves, which an index on the address finds."""
        return () if actor.anonymous else (Own("", self.rows(verb, actor)),)


def addressee(path: str) -> Policy:
    """Allow the person who has verified the e-mail address at the end of a path: `addressee("email")`."""
    return Addressee(path)
