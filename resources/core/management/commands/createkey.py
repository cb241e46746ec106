"""`manage.py createkey`: makes an API key, and the person it acts for where there is none yet."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import timedelta

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from resources.core.actor import SCOPE, Person
from resources.core.api_keys.models import ApiKey

MOST_DAYS = 36_500


class Command(BaseCommand):
    """Prints the key and nothing else on standard output, so that a script can take it from there."""

    help = "Make an API key for a person, who is made as well when nobody has the address. It is shown this once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Ask for the person and what the key may do."""
        parser.add_argument("email", help="the address of the person it acts for")
        parser.add_argument(
            "--scope",
            action="append",
            dest="scopes",
            type=scope,
            metavar="SCOPE",
            help="what it may do, such as trips:read or trips:write; repeat it for more; everything when not given",
        )
        parser.add_argument("--staff", action="store_true", help="let the person run this installation")
        parser.add_argument("--days", type=days, help="how long it works, in days; for ever when not given")
        parser.add_argument("--replace", metavar="NAME", help="name the key, and revoke those of that name before")

    def handle(
        self,
        *_: object,
        email: str,
        scopes: list[str] | None,
        replace: str | None,
        staff: bool,
        days: timedelta | None,
        **__: object,
    ) -> None:
        """Make the key, or refuse and say why."""
        with transaction.atomic():
            person = find_or_make(_address(email), staff=staff)
            if replace:
                ApiKey.objects.filter(owner_id=person.pk, name=replace).delete()
            until = timezone.now() + days if days else None
            secret = ApiKey.objects.issue(person, name=replace or "", scopes=scopes or ["*"], expires_at=until)
        self.stdout.write(secret)


def scope(text: str) -> str:
    """Accept a scope as it is."""
    if SCOPE.fullmatch(text):
        return text
    raise ArgumentTypeError(f"{text!r} is not a scope; write one as trips:read, trips:write or * for everything")


def days(text: str) -> timedelta:
    """Accept a number of days, at least one."""
    if text.isascii() and text.isdecimal() and 0 < int(text) <= MOST_DAYS:
        return timedelta(days=int(text))
    raise ArgumentTypeError(f"{text!r} is not a number of days between 1 and {MOST_DAYS}")


def find_or_make(email: str, *, staff: bool) -> Person:
    """Return the person with an address, in any case; a new one has no password, and logs in with none.

    Raises:
        CommandError: the person is not active, so that no key of theirs would work, or several have the address.
    """
    people = get_user_model()._default_manager
    person = find(email)
    if person is None:
        return people.create_user(email, **_addressed(email), is_staff=staff)
    if not person.is_active:
        raise CommandError(f"{email} is not active, so no key of theirs would work; make the person active first.")
    if staff and not person.is_staff:
        person.is_staff = True
        person.save(update_fields=["is_staff"])
    return person


def find(email: str) -> Person | None:
    """Return the person who logs in by an address, or else the one who has it, or None.

    Raises:
        CommandError: several have it, which a user model that logs in by a user name may allow.
    """
    people = get_user_model()._default_manager
    try:
        return people.get_by_natural_key(email)
    except people.model.DoesNotExist:
        column = people.model.get_email_field_name()
        having = list(people.filter(**{f"{column}__iexact": email})[:2]) if _addressed(email) else []
    if len(having) > 1:
        raise CommandError(f"Several people have the address {email}; give all but one of them another.")
    return next(iter(having), None)


def _addressed(email: str) -> dict[str, str]:
    """Return what else a person is found by and made with, where they do not log in by their address."""
    model = get_user_model()
    column = model.get_email_field_name()
    has_column = any(field.name == column for field in model._meta.concrete_fields)
    return {column: email} if has_column and column != model.USERNAME_FIELD else {}


def _address(email: str) -> str:
    try:
        validate_email(email)
    except ValidationError:
        raise CommandError(f"{email!r} is not an e-mail address; write one such as ada@example.org.") from None
    return email
