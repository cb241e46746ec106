"""What is there when a process begins to serve stays until it ends: it is loaded at once, and then left alone."""

import gc
from importlib import import_module

from django.conf import settings

from resources.core.database.sqlite import stop_counting_memory


def settle() -> None:
    """Load the API's addresses, and take all objects there are out of the garbage collector's sight.

    Half a million of them, which it looked through time and again, and found in use. It also leaves the memory that
    forked processes share untouched.
    """
    import_module(settings.ROOT_URLCONF)
    gc.collect()
    stop_counting_memory()
    gc.freeze()
