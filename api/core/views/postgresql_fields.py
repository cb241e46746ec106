"""DRF is told of PostgreSQL's own fields where a model has one; elsewhere their driver stays unloaded.

It is a seventh of the memory of a process that serves SQLite (11 MB), and a twelfth of its start.
"""

import sys
from importlib import import_module

FIELDS = "django.contrib.postgres.fields"


def install() -> None:
    """Load what DRF finds to be installed; without these fields, if no model has asked for them by now."""
    if FIELDS in sys.modules:
        return
    sys.modules[FIELDS] = None  # type: ignore[assignment]  # not to be found (Python's reference, section 5.3.1)
    try:
        import_module("rest_framework.compat")
    finally:
        del sys.modules[FIELDS]
