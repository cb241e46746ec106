"""Memory that was freed goes back to the system.

The allocator of most Linux systems (glibc) keeps it for the thread that freed it. SQLite's caches are freed in every
thread as soon as one has written: a process that had read and then wrote held 128 MB, of which 46 were free.
"""

import sys
from ctypes import CDLL

SECONDS_BETWEEN_TRIMS = 10


def trim() -> None:
    """Give back what is free, where the allocator can be told to (`man 3 malloc_trim`); it takes some milliseconds."""
    if sys.platform == "linux" and hasattr(library := CDLL(None), "malloc_trim"):  # musl has none
        library.malloc_trim(0)
