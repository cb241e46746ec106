"""Hints on SQLite: of what this process commits, and of what others have, by `PRAGMA data_version`.

The number that the pragma gives changes when another connection has committed, be it of this process or of any program
(https://www.sqlite.org/pragma.html#pragma_data_version). It is asked for on a connection of its own, which costs 6 us,
and only while somebody waits for hints.
"""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing, suppress
from pathlib import Path

from django.db import connections

from resources.core.journal.wakeups import LATEST, Wakeups

SECONDS_BETWEEN_LOOKS = 0.05
type Identity = tuple[int, int] | None


class SQLiteFeed:
    """That of one file."""

    def __init__(self, using: str, wakeups: Wakeups) -> None:
        """Take the alias of the database, and who is to be given hints."""
        self._using, self._wakeups = using, wakeups

    def wake(self) -> None:
        """Give a hint of what this process has committed."""
        self._wakeups.notify()

    def run(self) -> None:
        """Look at the file for as long as the process lives; another file that stands in its place is looked at."""
        while True:
            if self._wakeups.wait_for_listener(LATEST):
                with suppress(sqlite3.Error):
                    self._follow(str(connections[self._using].settings_dict["NAME"]))
                time.sleep(SECONDS_BETWEEN_LOOKS)

    def _follow(self, path: str) -> None:
        """Follow one file, until it is another's place or nobody waits any more.

        Raises:
            sqlite3.Error: it cannot be read, as when it is not there.
        """
        with closing(sqlite3.connect(f"{Path(path).absolute().as_uri()}?mode=rw", uri=True)) as connection:
            connection.isolation_level = None
            file, version = _identity(path), -1
            while self._wakeups.is_heard and _identity(path) == file:
                (now,) = connection.execute("PRAGMA data_version").fetchone()
                if now != version:  # and at first: what was committed before is not known
                    version = now
                    self._wakeups.notify()
                time.sleep(SECONDS_BETWEEN_LOOKS)


def _identity(path: str) -> Identity:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino
