"""What a process starts with is out of the garbage collector's sight when it begins to serve."""

import _sqlite3
import subprocess
import sys

import pytest

COUNT = "import gc, {}; print(gc.get_freeze_count(), len(gc.get_objects()))"


@pytest.mark.parametrize("application", ["api.asgi", "api.wsgi"])
def test_next_to_nothing_is_left_to_look_through(application):
    done = subprocess.run([sys.executable, "-c", COUNT.format(application)], capture_output=True, text=True, check=True)
    frozen, seen = map(int, done.stdout.split())
    assert frozen > 100 * seen


@pytest.mark.parametrize("application", ["api.asgi", "api.wsgi"])
def test_the_addresses_are_loaded_before_the_first_request(application):
    told = f"import sys, {application}; print('api.urls' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True).stdout == "True\n"


MEMORY = """
import sqlite3, _sqlite3, ctypes
{before}
import api.asgi
connection = sqlite3.connect(":memory:")
connection.execute("CREATE TABLE kept AS SELECT 1")
print(ctypes.CDLL(_sqlite3.__file__).sqlite3_memory_used() > 0, connection.execute("SELECT * FROM kept").fetchall())
"""


@pytest.mark.parametrize(("before", "counted"), [("", False), ("other = sqlite3.connect(':memory:')", True)])
def test_sqlite_counts_its_memory_only_where_somebody_was_connected_before(before, counted):
    ctypes = pytest.importorskip("ctypes")
    if not hasattr(ctypes.CDLL(getattr(_sqlite3, "__file__", None)), "sqlite3_config"):
        pytest.skip("this Python hides its SQLite")
    done = subprocess.run([sys.executable, "-c", MEMORY.format(before=before)], capture_output=True, text=True)
    assert done.stdout == f"{counted} [(1,)]\n", done.stderr
