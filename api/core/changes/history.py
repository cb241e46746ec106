"""The history of one row: its changes, the newest first, as far as somebody may read what it was, and what it is.

Who may not read the row as it stands now, or as it was when it was deleted, learns nothing of it: neither that it ever
was. What was changed of it before they could read it is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from django.db import DEFAULT_DB_ALIAS, connections

from api.core.changes.feed import LONGEST_TRANSACTION
from api.core.changes.participants import Participant
from api.core.changes.visibility import NOTHING_TAKEN, Taken
from api.core.query.keys import key_fits
from resources.core.database import raw_forms
from resources.core.database.columns import value_column
from resources.core.journal import log
from resources.core.journal.cursor import Cursor
from resources.core.journal.log import Entry


class History(NamedTuple):
    """A page of the changes of a row.

    Attributes:
        events: as JSON, the newest first.
        next: before which the next page begins; None at the end.
    """

    events: Sequence[str]
    next: Cursor | None


def history(
    participant: Participant, key: str, before: Cursor | None, most: int, using: str = DEFAULT_DB_ALIAS
) -> History | None:
    """Return the changes of a row; None where there is no row that the reader may know of.

    Args:
        participant: its resource, as they follow it.
        key: of the row, as it stands in its address.
        before: the change before which the page begins; None for the newest.
        most: how many changes it has at most.
        using: the alias of the database.
    """
    visibility, column = participant.visibility, participant.resource.key
    if not key_fits(column, key):
        return None
    readable = visibility.pipeline.single_rows.filter(**{column.name: key})
    value, taken = readable.values_list("pk", flat=True).first(), NOTHING_TAKEN
    gone = value is None
    if gone and column.primary_key:  # by another column nobody is found who is gone
        value = value_column(column).to_python(key)
    raw = "" if value is None else raw_forms.key_text(participant.resource.model._meta.pk, value, connections[using])
    if gone:  # or another's: the statements are the same
        taken = _taken_at_last(participant, log.changes_of(participant.table, raw, None, 1, using), using)
        if not visibility.was_readable(raw, taken):
            return None
    entries = log.changes_of(participant.table, raw, before, most + 1, using)
    page = entries[:most]
    shown = visibility.of(page[::-1], taken, raw)
    events = [participant.writer.write(entry, shown[entry.position]) for entry in page if entry.position in shown]
    return History(events, page[-1].cursor if len(entries) > most else None)


def _taken_at_last(participant: Participant, latest: Sequence[Entry], using: str) -> Taken:
    """Return what the transaction that deleted a row may have taken along."""
    if not participant.facts.tables:
        return NOTHING_TAKEN
    position = latest[0].position if latest else 0
    around = (position - LONGEST_TRANSACTION, position + LONGEST_TRANSACTION)
    return Taken(participant.facts.tables, around if connections[using].vendor == "sqlite" else None)
