"""`manage.py journey GET '/v1/cities?country=FR'`: the way of a request through our own code, counted."""

import json

from django.core.management import BaseCommand, CommandError, CommandParser
from django.db import transaction

from api.core.diagnostics.access import person_of
from api.core.management.journey import journey, table
from resources.core.api_keys.models import ApiKey


class Command(BaseCommand):
    """Count the functions, files and statements of one request, on the database that there is, and roll it back."""

    help = "Follow one request, warm and in process: own calls, functions, files, changes of file, statements, time."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("method", type=str.upper, help="such as GET or PATCH")
        parser.add_argument("target", help="path and query, such as '/v1/cities?country=FR'")
        parser.add_argument("--body", metavar="JSON", help="the body to send")
        parser.add_argument("--as", dest="email", metavar="EMAIL", help="the person who asks; nobody when not given")
        parser.add_argument("--django", action="store_true", help="a read by Django's handler, not by the short cut")
        parser.add_argument("--files", action="store_true", help="each file, with its calls")
        parser.add_argument("--statements", action="store_true", help="each statement")

    def handle(
        self,
        *_: object,
        method: str,
        target: str,
        body: str | None,
        email: str | None,
        django: bool,
        files: bool,
        statements: bool,
        **__: object,
    ) -> None:
        """Follow the request; nothing of it stays.

        Raises:
            CommandError: the body is no JSON, or nobody has the address.
        """
        try:
            value = None if body is None else json.loads(body)
        except ValueError as fault:
            raise CommandError(f"The body is no JSON: {fault}") from None
        with transaction.atomic():
            headers = {"Authorization": f"Bearer {_key_for(email)}"} if email else {}
            headers |= {"If-None-Match": '"none"'} if django else {}
            way = journey(method, target, value, headers)
            transaction.set_rollback(True)
        table(way, write=self.stdout.write, files=files, statements=statements)


def _key_for(email: str) -> str:
    """Make a key that goes with the transaction."""
    person = person_of(email)
    if person is None:
        raise CommandError(f"Nobody has the address {email!r}.")
    return str(ApiKey.objects.issue(person, name="journey", scopes=["*"]))
