"""How long changes are kept: older ones are pruned from the beginning of the log, some at a time.

What is pruned is refused to readers (`CursorGone`), so the log has no gaps but at its beginning. The last change stays:
by it a reader that has read everything is known. A clock that stepped prunes nothing before what was written earlier.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.utils import CursorWrapper

from resources.core.journal.sequencer import LOCK
from resources.core.setting import setting

SECONDS_BETWEEN_LOOKS = 60
AT_ONCE = 1_000
"""Changes that are pruned in one transaction: on SQLite, other writers wait for it."""
PAUSE = 0.05
"""Seconds between two, in which others write."""
STEPS = 200
"""At one look, at most."""
# The first of those that are kept, and the last that is old before it. Positions are looked at, and changes of SQLite.
PLACES = {
    "postgresql": "SELECT p.position, c.changed_at < %s FROM headwater_position AS p"
    " JOIN headwater_change AS c ON c.id = p.change WHERE p.position > %s"
    " AND p.position < (SELECT max(position) FROM headwater_position) ORDER BY p.position LIMIT %s",
    "sqlite": "SELECT id, changed_at < %s FROM headwater_change"
    " WHERE id > %s AND id < (SELECT max(id) FROM headwater_change) ORDER BY id LIMIT %s",
}
REMOVE = {
    "postgresql": (
        "DELETE FROM headwater_change USING headwater_position AS p"
        " WHERE id = p.change AND p.position > %s AND p.position <= %s",
        "DELETE FROM headwater_position WHERE position > %s AND position <= %s",
    ),
    "sqlite": ("DELETE FROM headwater_change WHERE id > %s AND id <= %s",),
}
FORGET_PASSES = "DELETE FROM headwater_pass WHERE position < (SELECT max(position) FROM headwater_pass)"
"""Only the last pass is ever looked at."""


def prune(using: str = DEFAULT_DB_ALIAS) -> None:
    """Prune what is older than the setting JOURNAL_RETENTION says, in steps."""
    before = datetime.now(UTC) - timedelta(days=setting("JOURNAL_RETENTION"))
    for _ in range(STEPS):
        with transaction.atomic(using), connections[using].cursor() as cursor:
            if not prune_some(cursor, connections[using].vendor, before):
                return
        time.sleep(PAUSE)


def prune_some(cursor: CursorWrapper, vendor: str, before: datetime) -> bool:
    """Prune some of the oldest changes, and return whether there may be more; not while another process does."""
    if vendor == "postgresql":
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK + 1])
        if not cursor.fetchone()[0]:
            return False
        cursor.execute(FORGET_PASSES)
    cursor.execute("SELECT pruned FROM headwater_journal")
    (pruned,) = cursor.fetchone() or (0,)
    cursor.execute(PLACES[vendor], [_text(before, vendor), pruned, AT_ONCE])
    last = pruned
    for position, is_old in cursor.fetchall():
        if not is_old:
            break
        last = position
    if last == pruned:
        return False
    for statement in REMOVE[vendor]:
        cursor.execute(statement, [pruned, last])
    cursor.execute("UPDATE headwater_journal SET pruned = %s", [last])
    return True


def _text(time: datetime, vendor: str) -> str:
    """Write a time as SQLite's triggers do, for which texts are compared."""
    return f"{time:%Y-%m-%d %H:%M:%S.%f}"[:-3] if vendor == "sqlite" else time.isoformat()
