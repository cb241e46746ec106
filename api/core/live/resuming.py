"""What became of the rows of a live list since a cursor, for a client that has kept them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from api.core.changes.visibility import Shown, Visibility
from api.core.http.event_stream import Event
from api.core.live.list_rows import ListRows
from api.core.live.topic import News
from resources.core.journal import log
from resources.core.journal.cursor import Cursor
from resources.core.journal.log import Entry

MOST = 2000
"""Changes after which it is quicker to send all rows."""


class Resumable(Protocol):
    """A list, as far as this asks."""

    @property
    def rows(self) -> ListRows:
        """Return what reads its rows."""
        ...

    @property
    def is_window(self) -> bool:
        """Whether only the first rows are shown."""
        ...

    def is_touched(self, news: News) -> bool:
        """Whether something changed that decides about rows which did not."""
        ...


def since(live: Resumable, start: Cursor, end: Cursor) -> list[Event] | None:
    """Return the events that lead from a cursor to the rows as they are; None where only all rows would.

    Args:
        live: the list.
        start: up to where the client was told.
        end: up to where the list has been compared.

    Raises:
        CursorGone: the log does not hold what followed the cursor.
    """
    log.catch_up()  # the rows were read just now: what they owe to changes without a place yet would never be told
    page = log.page_after(start, None, MOST)
    if live.is_window or page.more or page.next.position < end.position:
        return None
    entries = dict[str, list[Entry]]()
    for entry in page.entries:
        entries.setdefault(entry.table, []).append(entry)
    own = entries.get(live.rows.table, [])
    if live.is_touched(News(entries, start, page.next, {})) or any(entry.operation == "R" for entry in own):
        return None
    visibility = Visibility(live.rows.plan.pipeline, live.rows.plan.origin)
    if own and not (visibility.is_exact and all(live.rows.reads(entry.key) for entry in own)):
        return None
    return _events(live.rows, own, visibility)


def _events(rows: ListRows, entries: Sequence[Entry], visibility: Visibility) -> list[Event]:
    """Tell of each row that changed once: whether it was in the list, and whether it is.

    What was in the list at any moment since may have been shown to the client, whose rows may be newer than its cursor.
    """
    shown, changed = visibility.of(entries), dict[str, list[Shown]]()
    for entry in entries:
        told = changed.setdefault(rows.key(entry.key), [])
        if entry.position in shown:
            told.append(shown[entry.position])
    found, events = rows.with_keys([*changed]), list[Event]()
    for key, told in changed.items():
        row = found.get(key)
        if row is not None:
            events.append(Event("enter" if told and told[0].kind == "created" else "change", row.json))
        elif told:
            events.append(Event("leave", f'{{"id":{told[0].id}}}'))
    return events
