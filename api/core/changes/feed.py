"""Delta sync: the log of changes from a cursor on, as events that somebody may know of.

May refuse: `changes-gone` where the log does not hold what followed a cursor any more.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from django.db import DEFAULT_DB_ALIAS, connections

from api.core.changes.participants import Participant
from api.core.changes.rights import has_changed
from api.core.changes.visibility import NOTHING_TAKEN, Taken
from resources.core.database import budget
from resources.core.database.drivers import fetch
from resources.core.journal import log
from resources.core.journal.cursor import Cursor, CursorGone
from resources.core.journal.log import Entry
from serializers.core.problems import Refusal, problem

LONGEST_TRANSACTION = 20_000
"""How far on SQLite it is looked for the ends of a transaction that pages do not hold as a whole."""


class Events(NamedTuple):
    """Some of what was changed.

    Attributes:
        events: as JSON, in the order of the log.
        next: from where to read on.
        more: whether there is more to be read at once.
        reset: the names of resources whose lists are to be read again: more or fewer of their rows may be read now,
            though these did not change. There are no events of theirs.
    """

    events: Sequence[str]
    next: Cursor
    more: bool
    reset: Sequence[str] = ()


def events_after(
    participants: Sequence[Participant], since: Cursor | None, most: int, using: str = DEFAULT_DB_ALIAS
) -> Events:
    """Return what somebody may know of the changes after a cursor.

    Args:
        participants: the resources that they follow.
        since: up to where they have read; None to begin now.
        most: how many changes are looked at, at most.
        using: the alias of the database.

    Raises:
        Refusal: `changes-gone`.
    """
    if since is None:
        return Events((), log.latest(using), more=False)
    tables = frozenset[str]().union(*(each.tables for each in participants))
    try:
        page = log.page_after(since, tables, most, using)
    except CursorGone:
        raise gone(using, "The log does not hold what followed this cursor any more.") from None
    entries: dict[str, list[Entry]] = {}
    for entry in page.entries:
        entries.setdefault(entry.table, []).append(entry)
    if any(entry.operation == "R" for entry in page.entries):
        raise gone(using, "A table was changed as a whole: no single changes tell what became of its rows.")
    reset, shown = list[str](), list[tuple[int, str]]()
    for each in participants:
        budget.check()
        events = None
        if not has_changed(each.facts, entries, using):
            events = written(each, entries, taken_by(each, page.entries, using))
        if events is None:
            reset.append(each.resource.plural)
        else:
            shown += events
    shown.sort(key=lambda one: one[0])
    return Events([event for _, event in shown], page.next, page.more, reset)


def written(
    participant: Participant, entries: Mapping[str, Sequence[Entry]], taken: Taken
) -> list[tuple[int, str]] | None:
    """Return the events of one resource, each with its position; None where they do not tell all of it."""
    own = {entry.position: entry for entry in entries.get(participant.table, ())}
    shown = participant.visibility.of([*own.values()], taken)
    if not participant.visibility.is_exact and _may_be_missed([*own.values()], shown):
        return None
    write = participant.writer.write
    events = [(position, write(own[position], one)) for position, one in shown.items()]
    told = {(own[position].transaction, one.id) for position, one in shown.items()}
    for table, column in participant.links.items():
        linked = {entry.position: entry for entry in entries.get(table, ())}
        for position, one in participant.visibility.present([*linked.values()], column).items():
            entry = linked[position]
            if entry.transaction is None or (entry.transaction, one.id) not in told:
                events.append((position, write(entry, one)))
    return events


def _may_be_missed(entries: Sequence[Entry], shown: Container[int]) -> bool:
    """Whether a row that there was before some changes is not shown: it may have been readable until then."""
    first, last = {entry.key: entry for entry in reversed(entries)}, {entry.key: entry for entry in entries}
    return any(entry.operation != "I" and last[key].position not in shown for key, entry in first.items())


def taken_by(participant: Participant, entries: Sequence[Entry], using: str) -> Taken:
    """Return what the transactions of changes took of what decides who may read a resource."""
    tables, vendor = participant.facts.tables, connections[using].vendor
    if not tables or not any(entry.table == participant.table and entry.operation in "UD" for entry in entries):
        return NOTHING_TAKEN
    first, last = entries[0], entries[-1]
    if not _is_split(first, last, using):
        tables = frozenset(entry.table for entry in entries if entry.operation in "UD" and entry.table in tables)
        beyond = 0
    else:
        beyond = LONGEST_TRANSACTION
    around = (first.position - 1 - beyond, last.position + beyond) if vendor == "sqlite" else None
    return Taken(tables, around) if tables else NOTHING_TAKEN


def _is_split(first: Entry, last: Entry, using: str) -> bool:
    """Whether a transaction has begun before the first of some changes, or ends after the last."""
    sql = {
        "sqlite": 'SELECT "transaction" FROM headwater_change WHERE id IN (%s, %s)',
        "postgresql": "SELECT c.transaction::text::bigint FROM headwater_position AS p"
        " JOIN headwater_change AS c ON c.id = p.change WHERE p.position IN (%s, %s)",
    }
    connection = connections[using]
    around = fetch(connection, sql[connection.vendor], (first.position - 1, last.position + 1))
    return any(transaction in (first.transaction, last.transaction) for (transaction,) in around if transaction)


def gone(using: str, why: str) -> Refusal:
    """Return the refusal of a cursor, with another one to begin again with."""
    start = str(log.latest(using))
    detail = f"{why} Keep the cursor {start}, read the lists anew, and go on from it:  since={start}"
    return Refusal(replace(problem("changes-gone", detail), members={"cursor": start}))
