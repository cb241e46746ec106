"""A cache by keys that clients make up: bounded, shared by all threads, and not to be flooded by who invents keys.

A value enters when its key is seen again; and when the cache is full, it takes the place of another only if its key was
seen more often of late. It is the admission of TinyLFU (Einziger, Friedman, Manes, 2017), with a plain counter in the
place of its sketch: an LRU would let a client that makes up keys push out everybody's.
"""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

CAPACITY = 1024
SIGHTINGS = 8 * CAPACITY
"""Sightings of keys after which all counts are halved, so that what was often seen once does not stay for ever."""
COMPARED = 8
"""Entries among which the least used is looked for: a sample does, where an order of all would cost every read."""


@dataclass
class Sketch:
    """Counts the sightings of keys of late, by their hashes: keys may be large, and of most nothing else is kept."""

    most: int = SIGHTINGS
    counts: Counter[int] = field(default_factory=Counter)
    total: int = 0

    def note(self, key: Hashable) -> int:
        """Count a sighting, and return how often the key was seen of late."""
        self.counts[hash(key)] += 1
        self.total += 1
        if self.total > self.most:
            self.counts = Counter({key: count // 2 for key, count in self.counts.items() if count > 1})
            self.total = self.counts.total()
        return self.count_of(key)

    def count_of(self, key: Hashable) -> int:
        """Return how often a key was seen of late."""
        return self.counts[hash(key)]


@dataclass
class Cache[T]:
    """Keeps values by keys that clients make up.

    Attributes:
        most: how many there may be.
    """

    most: int = CAPACITY
    entries: dict[Hashable, T] = field(default_factory=dict)
    sketch: Sketch = field(default_factory=Sketch)
    _lock: Any = field(default_factory=threading.Lock)

    def get(self, key: Hashable) -> T | None:
        """Return the value of a key. Some sightings of those in use are counted, so that they stay."""
        value = self.entries.get(key)
        if value is not None and random.random() < SAMPLED:  # noqa: S311 - not for secrets
            with self._lock:
                self.sketch.note(key)
        return value

    def worth(self, key: Hashable) -> bool:
        """Count the sighting of a key that is not cached, and tell whether its value would be.

        It would, if it was seen before, and more often than another that must go.
        """
        with self._lock:
            count = self.sketch.note(key)
            return count > 1 and (len(self.entries) < self.most or count > self.sketch.count_of(self._least()))

    def keep(self, key: Hashable, value: T) -> None:
        """Keep a value, in the place of another where there is no room."""
        with self._lock:
            if key not in self.entries and len(self.entries) >= self.most:
                del self.entries[self._least()]
            self.entries[key] = value

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self.entries.clear()
            self.sketch = Sketch(self.sketch.most)

    def _least(self) -> Hashable:
        """Return the key seen least of late, among a few."""
        few = random.sample(list(self.entries), min(COMPARED, len(self.entries)))
        return min(few, key=self.sketch.count_of)


SAMPLED = 1 / 16
"""The share of the sightings of cached keys that are counted; each stands for itself alone, which is enough to stay."""
