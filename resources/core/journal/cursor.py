"""A place in the log of changes, as a reader keeps it: how far it has read, and of which history.

May refuse: `ValueError` for a text that is no cursor, `CursorGone` for one that nothing can be read on from.
"""

from __future__ import annotations

import re
from typing import NamedTuple

CURSOR = re.compile(r"(0|[1-9][0-9]{0,18})-([0-9a-f]{1,16})")
LAST = 2**63 - 1
"""The last position that a database can have: none compares with one beyond."""


class CursorGone(Exception):
    """Nothing can be read on from a cursor: what followed it was pruned, or another history stands at its position.

    The latter is so when the database was restored from a backup, or when a standby took over that had not received
    the last of what was written: what others have written since must not be taken for what followed.
    """


class Cursor(NamedTuple):
    """Up to where a reader has read.

    Attributes:
        position: of the last change that it has read; 0 for none.
        fingerprint: of the history that has led there, in hexadecimal digits. No other history has the same at the
            same position; it needs no knowledge of when a database was restored, or taken over.
    """

    position: int
    fingerprint: str

    def __str__(self) -> str:
        """Return it as it stands in URLs and events."""
        return f"{self.position}-{self.fingerprint}"

    @classmethod
    def parse(cls, text: str) -> Cursor:
        """Read what `str` has written.

        Raises:
            ValueError: it is none.
        """
        match = CURSOR.fullmatch(text)
        if match is None or int(match[1]) > LAST:
            raise ValueError(f"No cursor of the log of changes: {text!r}")
        return cls(int(match[1]), match[2])
