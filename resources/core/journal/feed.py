"""What a serving process does for the log beside its requests: it has changes put in order, and gives the hints.

It runs in a thread of its own, in every process that serves and in no command. Which one puts changes in order is not
decided by anybody: on PostgreSQL any of them does, whenever it has written something, and looks twice a second at what
others have written (`PostgreSQLFeed`). On SQLite all is in order as it is written, and only hints are given
(`SQLiteFeed`).
"""

from __future__ import annotations

from typing import Protocol

from django.db import DEFAULT_DB_ALIAS, connections

from resources.core.journal.wakeups import WAKEUPS, Wakeups


class Source(Protocol):
    """Gives hints of what is written to one database."""

    def run(self) -> None:
        """Do so, for as long as the process lives."""
        ...

    def wake(self) -> None:
        """Hear that this process has committed something. Costs next to nothing."""
        ...


class Feed:
    """That of one database."""

    def __init__(self, using: str = DEFAULT_DB_ALIAS, wakeups: Wakeups = WAKEUPS) -> None:
        """Take the alias of the database, and who is to be given hints."""
        self.using, self.wakeups = using, wakeups
        self._source: Source | None = None

    def run(self) -> None:
        """Run, in a thread of its own. After a fork the child runs its own."""
        self._source = source(self.using, self.wakeups)
        self._source.run()

    def wake(self) -> None:
        """Hear that this process may have committed something, as after a request that is no read."""
        if self._source is not None:
            self._source.wake()


def source(using: str, wakeups: Wakeups) -> Source:
    """Return what gives the hints of a database."""
    if connections[using].vendor == "postgresql":
        from resources.core.journal.postgresql_feed import PostgreSQLFeed  # which needs the driver

        return PostgreSQLFeed(using, wakeups)
    from resources.core.journal.sqlite_feed import SQLiteFeed

    return SQLiteFeed(using, wakeups)


FEED = Feed()
"""That of the default database, in this process."""
