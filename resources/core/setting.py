"""Django's settings, each looked up once: Django itself takes half a microsecond for every look at one."""

from functools import cache
from typing import Any

from django.conf import settings
from django.core.signals import setting_changed


@cache
def setting(name: str) -> Any:  # each of another type
    """Return a setting."""
    return getattr(settings, name)


def forget(**_: object) -> None:
    """Look settings up anew: a test has changed one, and says so."""
    setting.cache_clear()


setting_changed.connect(forget)
