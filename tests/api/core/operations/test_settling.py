"""What a process starts with is out of the garbage collector's sight when it begins to serve."""

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
