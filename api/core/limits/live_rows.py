"""How many rows the live lists of this process know, and who opened them. May refuse: more than one may have, or all.

A list that many watch is known once, and counts for whoever opened it first.
"""

import threading
from collections import Counter, deque

from api.core.limits.streams import PAUSE
from resources.core.setting import setting
from serializers.core.problems import refuse

SHARES = 5
"""One person, key or address may have this part of all of them: nobody keeps all others out."""
LEAST = 10
"""Rows that a list counts as, if it has fewer: it takes memory by itself."""


class LiveRows:
    """Those of one process."""

    def __init__(self) -> None:
        """Begin with none."""
        self._lock = threading.Lock()
        self._of: Counter[str] = Counter()
        self._count = 0
        self._returned: deque[tuple[str, int]] = deque()
        """What was given back and is still counted: the garbage collector gives it back, while the lock may be held."""

    def check(self, who: str, more: int) -> None:
        """Make sure that there is room.

        Raises:
            Refusal: there is none.
        """
        with self._lock:
            self._check(who, max(more, LEAST))

    def add(self, who: str, more: int) -> None:
        """Count more rows, or fewer.

        Raises:
            Refusal: there is no room for more.
        """
        with self._lock:
            if more > 0:
                self._check(who, more)
            self._add(who, more)

    def give_back(self, who: str, number: int) -> None:
        """Count fewer rows from now on."""
        self._returned.append((who, -number))

    def _check(self, who: str, more: int) -> None:
        while self._returned:
            self._add(*self._returned.popleft())
        most = setting("MAX_LIVE_ROWS")
        if self._count + more > most:
            told = "The live lists of the server have as many rows as it takes."
            raise refuse("unavailable", told, retry_after=PAUSE)
        if self._of[who] + more > most // SHARES:
            told = f"Your live lists have more than {most // SHARES} rows together. Watch fewer, or narrower ones."
            raise refuse("too-many-requests", told, retry_after=PAUSE)

    def _add(self, who: str, more: int) -> None:
        self._count += more
        self._of[who] += more
        if not self._of[who]:
            del self._of[who]


class Share:
    """What one list has of them. It is given back when nobody holds it any more."""

    __slots__ = ("_number", "_rows", "_who")

    def __init__(self, rows: LiveRows, who: str) -> None:
        """Take where it is, and whose."""
        self._rows, self._who, self._number = rows, who, 0

    def resize(self, rows: int) -> None:
        """Have so many rows.

        Raises:
            Refusal: there is no room for more.
        """
        number = max(rows, LEAST)
        self._rows.add(self._who, number - self._number)
        self._number = number

    def __del__(self) -> None:
        """Give it back."""
        self._rows.give_back(self._who, self._number)


LIVE_ROWS = LiveRows()
"""Those of this process."""
