"""The databases, as a resource of the process: it starts only where they can be read."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from django.db import DatabaseError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from api.core.server.threads import Threads


class UnreachableError(Exception):
    """A database cannot be read."""


@asynccontextmanager
async def reachable(threads: Threads) -> AsyncIterator[None]:
    """Make sure that every database can be read.

    Raises:
        UnreachableError: names the database, without its password, and what to do.
    """
    await threads.submit(check)
    yield


def check() -> None:
    """Read the list of tables of every database. Runs in a thread."""
    for connection in connections.all():
        try:
            connection.introspection.table_names()
        except DatabaseError as error:
            raise UnreachableError(
                f"Cannot read the database {_place(connection)}: {error}. Is DATABASE_URL right?"
            ) from error
        connection.close_if_unusable_or_obsolete()


def _place(connection: BaseDatabaseWrapper) -> str:
    settings = connection.settings_dict
    host = f" at {settings['HOST']}:{settings['PORT'] or 'its default port'}" if settings["HOST"] else ""
    return f"{str(settings['NAME'])!r} ({connection.vendor}){host}"
