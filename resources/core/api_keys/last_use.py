"""When each key was last used: noted in memory by every use, written to the database once in a while, all at once."""

import threading
import time
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime

from django.db import transaction
from django.db.models import F, Q

from resources.core.api_keys.models import ApiKey

SECONDS_BETWEEN_WRITES = 60
AT_ONCE = 100
"""Keys that are written in one transaction, so that other writers of SQLite's file do not wait long."""

UNCHANGED = {"revision": F("revision"), "updated_at": F("updated_at")}
"""A use is no change of the row: who holds its ETag may go on from there."""


class LastUses:
    """The uses that are not written yet. Noting one costs an assignment; `write` may run in any thread."""

    def __init__(self) -> None:
        """Know of none."""
        self._waiting: dict[uuid.UUID, float] = {}
        self._writing = threading.Lock()

    def note(self, key: uuid.UUID) -> None:
        """Remember that a key is used now."""
        self._waiting[key] = time.time()

    def write(self) -> None:
        """Write what was noted since the last time; what cannot be written stays noted.

        Raises:
            DatabaseError: it cannot be written.
        """
        with self._writing:
            pending, self._waiting = self._waiting, {}
            # In one order in every process, so that two never wait for each other's rows.
            uses = sorted(pending.items())
            try:
                while uses:
                    _write(uses[:AT_ONCE])
                    del uses[:AT_ONCE]
            except BaseException:
                self._waiting = dict(uses) | self._waiting
                raise


def _write(pending: Iterable[tuple[uuid.UUID, float]]) -> None:
    """Write some uses, unless another process has written a later one."""
    with transaction.atomic():
        for key, seconds in pending:
            at = datetime.fromtimestamp(seconds, UTC)
            earlier = Q(last_used_at=None) | Q(last_used_at__lt=at)
            ApiKey.objects.filter(earlier, pk=key).update(last_used_at=at, **UNCHANGED)


LAST_USES = LastUses()
"""Those of this process."""
