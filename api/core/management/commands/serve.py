"""`manage.py serve`: serves the API; with `--sample`, first sets up all that is missing and says what to try."""

import gc
import io
import os
import string
import sys

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser, call_command, get_commands
from django.db import OperationalError, connection, connections
from django.db.migrations.executor import MigrationExecutor

from api.core.server import serving
from resources.core.journal.triggers import unjournaled_tables

ADMIN = "admin@localhost"
WELCOME = settings.ROOT / "api" / "welcome.txt"


class Command(BaseCommand):
    """Serve the API."""

    help = "Serve the API. Everything but host and port comes from the environment."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--host", default=settings.HOST, help="address to listen on (HOST)")
        parser.add_argument("--port", default=settings.PORT, type=int, help="port to listen on (PORT)")
        parser.add_argument(
            "--sample",
            action="store_true",
            help="first migrate the database, load the sample data, and renew the admin key",
        )

    def handle(self, *_: object, host: str, port: int, sample: bool, **__: object) -> None:
        """Serve until a signal.

        Raises:
            CommandError: the address is taken, or the database does not answer.
        """
        if (host, port) != (settings.HOST, settings.PORT):
            self._start_again(host, port)
        try:
            listener = serving.take(host, port)
            if sample:
                gc.enable()  # migrations leave much behind
                self._set_up()
                self._welcome(host, port)
            listener.listen(serving.BACKLOG)
            connections.close_all()
            serving.serve(listener, settings.WORKERS)
        except serving.AddressError as refusal:
            raise CommandError(str(refusal)) from None
        except OperationalError as fault:
            raise CommandError(f"The database does not answer. Is DATABASE_URL right? {fault}") from None
        except KeyboardInterrupt:
            self.stdout.write("")

    def _start_again(self, host: str, port: int) -> None:
        """Start over with the address in the environment: the settings depend on it."""
        os.environ.update(HOST=host, PORT=str(port))
        os.execv(sys.executable, sys.orig_argv)  # noqa: S606 - the command line that we were started by

    def _set_up(self) -> None:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()) or unjournaled_tables():
            self.stdout.write("Setting up the database")
            self.stdout.flush()
            call_command("migrate", verbosity=0, interactive=False)
        if "load" in get_commands():  # it comes with the sample domains, which may have been deleted
            call_command("load", stderr=sys.stderr)

    def _welcome(self, host: str, port: int) -> None:
        """Say where everything is, and what to try."""
        key = io.StringIO()
        call_command("createkey", ADMIN, staff=True, replace="make run", stdout=key)
        url = settings.PUBLIC_URL or f"http://{_in_url(host)}:{port}"
        text = string.Template(WELCOME.read_text())
        self.stdout.write(text.substitute(version=settings.VERSION, url=url, key=key.getvalue().strip()))
        self.stdout.flush()


def _in_url(host: str) -> str:
    """Write a listening address as one that a client on this machine can call."""
    callable_ = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 - not bound to, but read
    return callable_.get(host) or (f"[{host}]" if ":" in host else host)
