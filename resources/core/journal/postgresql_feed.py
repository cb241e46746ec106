"""Hints on PostgreSQL, and the passes of the sequencer, on one connection of its own in each serving process.

A process that has committed something makes a pass at once, and others soon after it, for as long as they find
anything. A process that has not looks twice a second, so that what other programs write is found, and what a process
has committed that was killed. Who finds something announces it (NOTIFY, in the pass); the others hear of it by LISTEN,
or where that does not work, as they look themselves: on a standby, and through PgBouncer, which they recognise by a
process id that is not the server's. There they hear of it by Valkey if there is one.
"""

from __future__ import annotations

import selectors
import socket
import threading
import time
from contextlib import suppress
from typing import Never

import psycopg
import structlog
from django.db import connections

from resources.core.journal.hints import announce, listen
from resources.core.journal.sequencer import CHANNEL, SEQUENCE, Pass
from resources.core.journal.wakeups import Wakeups
from resources.core.setting import setting

log = structlog.get_logger("headwater")

SHORTEST = 0.005
"""Seconds between two passes while there is something to do."""
LONGEST = 0.5
"""Seconds between two looks while nobody does anything."""
SHARE = 2
"""Of the time, a pass takes one part in this many and one more: long ones are made less often."""
BYTES = 64
APPLICATION = "headwater sequencer"
"""How the connection is called in `pg_stat_activity`."""


class PostgreSQLFeed:
    """That of one database."""

    def __init__(self, using: str, wakeups: Wakeups) -> None:
        """Take the alias of the database, and who is to be given hints."""
        self._using, self._wakeups = using, wakeups
        self._ears, self._mouth = socket.socketpair()
        self._mouth.setblocking(False)
        self._ears.setblocking(False)
        self._is_awake = False
        self._is_away = False
        self._reached = -1

    def wake(self) -> None:
        """Have a pass made, soon."""
        if not self._is_awake:
            self._is_awake = True  # until a pass begins, which will see what was committed before
            with suppress(BlockingIOError):  # passes have failed for long, and more is unheard than there is room for
                self._mouth.send(b"!")

    def run(self) -> None:
        """Make passes for as long as the process lives; while the database is away, try again and again."""
        hints: threading.Thread | None = None
        while True:
            try:
                with connect(self._using) as connection, selectors.DefaultSelector() as selector:
                    selector.register(self._ears, selectors.EVENT_READ)
                    selector.register(connection.fileno(), selectors.EVENT_READ)
                    if hears(connection):
                        connection.execute(f"LISTEN {CHANNEL}")
                    elif hints is None and (url := setting("VALKEY_URL")):
                        hints = threading.Thread(target=listen, args=(url, self.wake), daemon=True)
                        hints.start()
                    self._serve(connection, selector)
            except Exception as error:  # whatever it was: without this thread nothing would be put in order
                if not self._is_away:
                    log.warning("sequencer", error=str(error))
                self._is_away = True
                time.sleep(LONGEST)

    def _serve(self, connection: psycopg.Connection, selector: selectors.BaseSelector) -> Never:
        """Make passes on a connection, until it is lost.

        Raises:
            psycopg.Error: it is.
        """
        pause = SHORTEST
        while True:
            self._is_awake = False
            began = time.monotonic()
            done = make_pass(connection)
            self._is_away = False
            ended = time.monotonic()
            self._hint(done.reached)
            if done.added:
                announce()
            pause = SHORTEST if done.added or done.busy else min(pause * 2, LONGEST)
            earliest = ended + max(SHORTEST, (ended - began) * SHARE)
            if self._rest(connection, selector, earliest, max(earliest, ended + pause)):
                pause = SHORTEST / 2

    def _rest(
        self, connection: psycopg.Connection, selector: selectors.BaseSelector, earliest: float, due: float
    ) -> bool:
        """Wait until the next pass is due, and give the hints that come meanwhile; return whether it was asked for."""
        is_asked = False
        while (left := due - time.monotonic()) > 0:
            for key, _ in selector.select(left):
                if key.fileobj is self._ears:
                    self._ears.recv(BYTES)
                    is_asked, due = True, earliest
                else:
                    for notification in connection.notifies(timeout=0):
                        self._hint(int(notification.payload))
                        due = due if is_asked else time.monotonic() + LONGEST  # another process is at it
        return is_asked

    def _hint(self, reached: int) -> None:
        if reached > self._reached:
            self._reached = reached
            self._wakeups.notify()


def make_pass(connection: psycopg.Connection) -> Pass:
    """Make a pass on a connection of the driver's own.

    Raises:
        psycopg.Error: it failed, and gave no position.
    """
    match connection.execute(SEQUENCE).fetchone():
        case int(reached), int(added), bool(busy):
            return Pass(reached, added, busy)
        case other:
            raise psycopg.DataError(f"The sequencer answered {other}")


def connect(using: str) -> psycopg.Connection:
    """Connect to a database as Django does, but without its pool, and with no time by which a statement must end.

    Raises:
        psycopg.Error: it is away.
    """
    database = connections[using]
    parameters = database.get_connection_params()
    connection_class = database.settings_dict["OPTIONS"].get("pool", {}).get("connection_class", psycopg.Connection)
    connection: psycopg.Connection = connection_class.connect(
        **parameters
        | {
            "autocommit": True,
            "application_name": APPLICATION,
            "options": f"{parameters.get('options', '')} -c statement_timeout=0",
            "prepare_threshold": None,  # through PgBouncer, the next statement may meet another connection
        }
    )
    return connection


def hears(connection: psycopg.Connection) -> bool:
    """Whether LISTEN would be of use: not on a standby, nor where PgBouncer gives each transaction another server.

    There it would stay with a connection that somebody else is given next.
    """
    answer = connection.execute("SELECT pg_backend_pid(), pg_is_in_recovery()").fetchone()
    return answer == (connection.info.backend_pid, False)
