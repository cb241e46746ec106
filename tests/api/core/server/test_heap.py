"""Memory that was freed goes back to the system."""

import subprocess
import sys

import pytest

PIECES = """
import ctypes
from pathlib import Path

from api.core.server.heap import trim

library = ctypes.CDLL(None)
library.malloc.restype, library.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]


def resident():
    return next(int(line.split()[1]) for line in Path("/proc/self/status").read_text().splitlines() if "VmRSS" in line)


pieces = [library.malloc(4000) for _ in range(5000)]
for piece in pieces:
    ctypes.memset(piece, 1, 4000)
for piece in pieces[:-1]:  # the last one keeps the others from the system
    library.free(piece)
before = resident()
trim()
print(before - resident())
"""


def test_what_was_freed_below_what_is_used_goes_back():
    if not hasattr(pytest.importorskip("ctypes").CDLL(None), "malloc_trim"):
        pytest.skip("the allocator of this system cannot be told to")
    done = subprocess.run([sys.executable, "-c", PIECES], capture_output=True, text=True, check=True)
    assert int(done.stdout) > 15_000
