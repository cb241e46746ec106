"""The triggers that write the journal, as a resource of the process: it starts only where they miss nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import structlog
from django.db import DatabaseError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from api.core.server.threads import Threads
from resources.core.journal.triggers import unjournaled_tables

log = structlog.get_logger("headwater")
NAMED = 3
"""Tables that are named where there are many."""


class StaleTriggersError(Exception):
    """Changes of a database's rows would not be noted, or not rightly."""


@asynccontextmanager
async def journaled(threads: Threads) -> AsyncIterator[None]:
    """Make sure that every database notes what is written: what is missed is lost to readers of the journal for good.

    Raises:
        StaleTriggersError: names the database and some tables, and what to do.
    """
    await threads.submit(check)
    yield


def check() -> None:
    """Look at the triggers of every database, by one statement each. Runs in a thread.

    Raises:
        StaleTriggersError: names the database and some tables, and what to do.
    """
    for connection in connections.all():
        _check(connection)
        connection.close_if_unusable_or_obsolete()


def check_at_import() -> None:
    """Look at the triggers of every database that answers, and leave no connection behind: the process may fork.

    Of one that does not answer, each request tells.

    Raises:
        StaleTriggersError: names the database and some tables, and what to do.
    """
    for connection in connections.all():
        try:
            _check(connection)
        except DatabaseError as error:
            log.warning("database", error=str(error))
        finally:
            connection.close()
            close_pool: Callable[[], None] | None = getattr(connection, "close_pool", None)
            if close_pool is not None:
                close_pool()


def _check(connection: BaseDatabaseWrapper) -> None:
    tables = unjournaled_tables(connection.alias)
    if tables:
        more = f" and {len(tables) - NAMED} more" if len(tables) > NAMED else ""
        name = str(connection.settings_dict["NAME"])
        raise StaleTriggersError(
            f"The triggers that write the journal of the database {name!r} are missing, or not of this version, "
            f"on {', '.join(tables[:NAMED])}{more}: changes would be lost to whoever reads them. "
            "Run `python manage.py migrate`, which makes them anew."
        )
