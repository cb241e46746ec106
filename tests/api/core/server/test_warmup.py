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


NEEDED_LATER = ("cryptography", "fido2", "jwt", "markdown_it", "redis")
"""What people need to log in, pages to be shown, and many processes to count together: 20 MB of modules."""


@pytest.mark.parametrize("application", ["api.asgi", "api.wsgi"])
def test_what_few_requests_need_is_not_loaded_before_them(application):
    told = f"import sys, {application}; print([name for name in {NEEDED_LATER} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True).stdout == "[]\n"


@pytest.mark.parametrize(("before", "told"), [("", False), ("import django.contrib.postgres.fields", True)])
def test_drf_is_told_of_the_fields_of_postgresql_where_a_model_may_have_one(before, told):
    asked = "import rest_framework.compat as found; print(found.postgres_fields is not None)"
    started = f"{before}\nimport api.asgi\nimport django.contrib.postgres.fields\n{asked}"
    done = subprocess.run([sys.executable, "-c", started], capture_output=True, text=True, check=True)
    assert done.stdout == f"{told}\n"


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
