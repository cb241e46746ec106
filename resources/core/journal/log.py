"""The log of changes as readers see it: in one order, each change once, from any cursor on.

May refuse: `CursorGone` where what follows a cursor is not to be had.
"""
# ruff: noqa: S608 - what is put into statements here are names of columns, and places of parameters

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import NamedTuple

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from resources.core.database.drivers import DriverRow, fetch
from resources.core.database.sql import Parameter
from resources.core.journal.cursor import Cursor, CursorGone
from resources.core.journal.sequencer import sequence

SPAN = 20_000
"""Positions that one statement looks at, most of which may be of other tables than those that are asked for."""
PATIENCE = 1.0
"""Seconds for which a pass of the sequencer is waited for that is under way."""
PAUSE = 0.002


class Entry(NamedTuple):
    """One change, in its place.

    Attributes:
        position: its place in the order; they are dense on PostgreSQL.
        fingerprint: of the history up to it.
        id: its number as it was written.
        transaction: that wrote it; None where a program other than Headwater has written to SQLite.
        table: the name of the table of the row.
        key: the raw form of the row's primary key, as text.
        operation: `I`, `U`, `D` or `R` (`Change.Operation`).
        before, after: the raw values of the row's columns, as a JSON object; None where there is none.
        changed_at: when it was written, by the clock of whoever did; no order follows from it.
        actor, api_key, request_id: who acted, as far as that is known.
    """

    position: int
    fingerprint: str
    id: int
    transaction: int | None
    table: str
    key: str
    operation: str
    before: str | None
    after: str | None
    changed_at: datetime
    actor: str | None
    api_key: str | None
    request_id: str | None

    @property
    def cursor(self) -> Cursor:
        """Return the cursor of a reader that has read up to this change."""
        return Cursor(self.position, self.fingerprint)


class Page(NamedTuple):
    """Some of the log.

    Attributes:
        entries: in order; they end at the end of a transaction, unless one is longer than a page.
        next: from where to read on, though nothing was found.
        more: whether there is more to be read at once.
    """

    entries: list[Entry]
    next: Cursor
    more: bool


class Dialect(NamedTuple):
    """How the log is asked for in one database.

    Attributes:
        latest: the SQL of the last change's position, and of what its fingerprint is made of.
        beyond: that of the first change from a position on.
        after: that of the entries between two positions; `{tables}` stands for a condition on tables, `{images}` for
            what a row was before and after, or for nothing.
        images: the SQL of these.
        fingerprint: makes a fingerprint of it.
    """

    latest: str
    beyond: str
    after: str
    images: str
    fingerprint: Callable[[str], str]


def hash_of(text: str) -> str:
    """Return the fingerprint of a change on SQLite, where a history has no branches but those of restored backups."""
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


_DRAWN = "SELECT position, to_hex(epoch) FROM headwater_position"
_MARK = """id, id || ' ' || COALESCE("transaction", '') || ' ' || changed_at || ' ' || table_name || ' ' || key"""
_WRITTEN = f"SELECT {_MARK} FROM headwater_change"
_COLUMNS = "c.actor, c.api_key, c.request_id"
DIALECTS = {
    "postgresql": Dialect(
        latest=f"{_DRAWN} ORDER BY position DESC LIMIT 1",
        beyond=f"{_DRAWN} WHERE position >= %s ORDER BY position LIMIT 1",
        after=f"SELECT p.position, to_hex(p.epoch), c.id, c.transaction::text::bigint, c.table_name, c.key,"
        f" c.operation, {{images}}, c.changed_at, {_COLUMNS}"
        " FROM headwater_position AS p JOIN headwater_change AS c ON c.id = p.change"
        " WHERE p.position > %s AND p.position <= %s{tables} ORDER BY p.position LIMIT %s",
        images="c.before::text, c.after::text",
        fingerprint=str,
    ),
    "sqlite": Dialect(
        latest=f"{_WRITTEN} ORDER BY id DESC LIMIT 1",
        beyond=f"{_WRITTEN} WHERE id >= %s ORDER BY id LIMIT 1",
        after=f'SELECT {_MARK}, id, "transaction", c.table_name, c.key, c.operation,'
        f" {{images}}, CAST(c.changed_at AS text), {_COLUMNS} FROM headwater_change AS c"
        " WHERE id > %s AND id <= %s{tables} ORDER BY id LIMIT %s",
        # Another program may have written what is no UTF-8, which the driver refuses to read as text.
        images="CAST(c.before AS BLOB), CAST(c.after AS BLOB)",
        fingerprint=hash_of,
    ),
}


NO_IMAGES = "NULL, NULL"


def latest(using: str = DEFAULT_DB_ALIAS) -> Cursor:
    """Return the cursor of a reader that has read all there is."""
    dialect, connection = _dialect(using)
    return _cursor(dialect, fetch(connection, dialect.latest, ())) or Cursor(0, _journal(connection)[0])


def check(cursor: Cursor, using: str = DEFAULT_DB_ALIAS) -> None:
    """Make sure that what follows a cursor is still to be had, all of it.

    Raises:
        CursorGone: it is not.
    """
    if cursor.position:
        stands = _beyond(cursor.position, using) == cursor
    else:
        stands = (cursor.fingerprint, 0) == _journal(connections[using])
    if not stands:
        raise CursorGone(str(cursor))


def changes_after(
    position: int, tables: Collection[str] | None, most: int, using: str = DEFAULT_DB_ALIAS
) -> list[Entry]:
    """Return entries after a position, without a look at whether anything is missing there.

    Args:
        position: after which they stand.
        tables: whose changes are asked for; None for all.
        most: how many, at most; there are fewer where a transaction ends. One that is longer is split.
        using: the alias of the database.
    """
    end, entries, more = latest(using), list[Entry](), True
    while more and not entries:
        entries, (position, _), more = _between(position, end, tables, most, using)
    return entries


def changes_of(table: str, key: str, before: Cursor | None, most: int, using: str = DEFAULT_DB_ALIAS) -> list[Entry]:
    """Return the changes of one row, the newest first, as far as they are kept.

    Args:
        table: of the row.
        key: its raw key.
        before: the change before which they stand; None for all.
        most: how many, at most.
        using: the alias of the database.
    """
    dialect, connection = _dialect(using)
    upto = latest(using).position if before is None else before.position - 1
    places = " AND c.table_name = %s AND c.key = %s"
    newest_first = dialect.after.format(tables=places, images=dialect.images).replace(" LIMIT", " DESC LIMIT")
    return [_entry(dialect, row) for row in fetch(connection, newest_first, (-1, upto, table, key, most))]


def page_after(
    cursor: Cursor,
    tables: Collection[str] | None,
    most: int,
    using: str = DEFAULT_DB_ALIAS,
    *,
    images: bool = True,
) -> Page:
    """Return what follows a cursor, after a bounded look, and from where to go on.

    Args:
        cursor: up to where was read.
        tables: whose changes are asked for; None for all.
        most: how many, at most; there are fewer where a transaction ends. One that is longer is split.
        using: the alias of the database.
        images: whether `before` and `after` are wanted, too; most of what is read is these.

    Raises:
        CursorGone: it is not to be had.
    """
    page = Page(*_between(cursor.position, latest(using), tables, most, using, images=images))
    check(cursor, using)  # afterwards: as pruning begins at the beginning, nothing was pruned before it was read
    return page


def catch_up(using: str = DEFAULT_DB_ALIAS) -> None:
    """Have all changes that are committed by now take their place, rather than wait for the sequencer to do it."""
    if connections[using].vendor != "postgresql":
        return
    deadline = time.monotonic() + PATIENCE
    while sequence(using).busy and time.monotonic() < deadline:
        time.sleep(PAUSE)


def _between(
    position: int, end: Cursor, tables: Collection[str] | None, most: int, using: str, *, images: bool = True
) -> tuple[list[Entry], Cursor, bool]:
    """Return entries after a position, up to where was looked, and whether there is more before the end."""
    dialect, connection = _dialect(using)
    upto = end
    if tables is not None and position + SPAN < end.position:
        upto = _beyond(position + SPAN, using) or end
    places = "" if tables is None else f" AND c.table_name IN ({', '.join(['%s'] * len(tables)) or 'NULL'})"
    bounds: tuple[Parameter, ...] = (position, upto.position, *sorted(tables or ()), most + 1)
    sql = dialect.after.format(tables=places, images=dialect.images if images else NO_IMAGES)
    entries = [_entry(dialect, row) for row in fetch(connection, sql, bounds)]
    if len(entries) <= most:
        return entries, upto, upto != end
    whole = next((n for n in range(most, 0, -1) if _ends(entries[n - 1], entries[n])), most)
    return entries[:whole], entries[whole - 1].cursor, True


def _ends(entry: Entry, following: Entry) -> bool:
    """Whether a transaction ends with an entry; of those of other programs on SQLite nothing is known."""
    return entry.transaction is None or entry.transaction != following.transaction


def _entry(dialect: Dialect, row: DriverRow) -> Entry:
    """Make an entry of a row.

    Raises:
        TypeError: it is none; no trigger writes such a thing.
    """
    match row:
        case (
            int(position),
            str(mark),
            int(number),
            int() | None as transaction,
            str(table),
            str(key),
            str(operation),
            str() | bytes() | None as before,
            str() | bytes() | None as after,
            datetime() | str() as at,
            str() | None as actor,
            str() | None as api_key,
            str() | None as request_id,
        ):
            place = position, dialect.fingerprint(mark), number, transaction
            changed_at = at if isinstance(at, datetime) else datetime.fromisoformat(at).replace(tzinfo=UTC)
            who = actor, api_key, request_id
            return Entry(*place, table, key, operation, _text(before), _text(after), changed_at, *who)
    raise TypeError(f"No change was ever written as {row}")


def _text(image: str | bytes | None) -> str | None:
    return image.decode(errors="replace") if isinstance(image, bytes) else image


def _beyond(position: int, using: str) -> Cursor | None:
    """Return the cursor of the first change from a position on: SQLite's positions may have gaps."""
    dialect, connection = _dialect(using)
    return _cursor(dialect, fetch(connection, dialect.beyond, (position,)))


def _cursor(dialect: Dialect, rows: list[DriverRow]) -> Cursor | None:
    match rows:
        case [(int(position), str(mark))]:
            return Cursor(position, dialect.fingerprint(mark))
    return None


def _journal(connection: BaseDatabaseWrapper) -> tuple[str, int]:
    """Return the fingerprint of the beginning, and how far was pruned; of a table that was emptied, no cursor's."""
    match fetch(connection, "SELECT beginning, pruned FROM headwater_journal", ()):
        case [(int(beginning), int(pruned))]:
            return f"{beginning:x}", pruned
    return "", 0


def _dialect(using: str) -> tuple[Dialect, BaseDatabaseWrapper]:
    connection = connections[using]
    return DIALECTS[connection.vendor], connection
