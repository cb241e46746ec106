"""Which keys are being worked under, where the database itself cannot say: SQLite knows that somebody writes, not who.

In this process by a set, and between processes by locks of the system on a file beside the database, which end with
their process, whatever ends it.
"""

from __future__ import annotations

import fcntl
import os
import struct
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

PAUSE = 0.005
"""Seconds between two looks at whether a key is free."""
LINUX = sys.platform == "linux"
_busy: set[tuple[str, bytes]] = set()
_changing = threading.Lock()


class InFlightError(Exception):
    """Another request with the same key is under way."""


@contextmanager
def in_flight(path: str, digest: bytes, seconds: float) -> Iterator[None]:
    """Hold a key, when whoever else holds it has ended.

    Args:
        path: of the database.
        digest: of the key.
        seconds: for which to wait at most.

    Raises:
        InFlightError: it is not free by then.
    """
    until = time.monotonic() + seconds
    while not _take(path, digest):
        if time.monotonic() >= until:
            raise InFlightError
        time.sleep(PAUSE)
    try:
        yield
    finally:
        _give_back(path, digest)


def _take(path: str, digest: bytes) -> bool:
    with _changing:
        if (path, digest) in _busy or not _lock(path, digest, taken=True):
            return False
        _busy.add((path, digest))
        return True


def _give_back(path: str, digest: bytes) -> None:
    with _changing:
        _busy.discard((path, digest))
        _lock(path, digest, taken=False)


def _lock(path: str, digest: bytes, *, taken: bool) -> bool:
    """Lock the byte of a key, or let go of it; say whether that was done.

    Elsewhere than on Linux there is no such lock that ends with its process and is not lost when some other file is
    closed (`man 2 fcntl`, open file description locks).
    """
    file = _file_beside(path, os.getpid()) if LINUX else None
    if file is None:
        return True
    kind = fcntl.F_WRLCK if taken else fcntl.F_UNLCK
    byte = int.from_bytes(digest[:8]) >> 2
    try:
        fcntl.fcntl(file, fcntl.F_OFD_SETLK, struct.pack("hhqqi4x", kind, os.SEEK_SET, byte, 1, 0))
    except (BlockingIOError, PermissionError):
        return False
    return True


@lru_cache(maxsize=8)
def _file_beside(path: str, process: int) -> int | None:
    """Open the file whose bytes are locked, once in each process; None for a database that is in no file."""
    if not os.path.exists(path):
        return None
    return os.open(f"{path}-keys", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
