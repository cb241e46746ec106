"""The settings that decide about the short cut, read together once: each by itself takes Django half a microsecond."""

from collections.abc import Hashable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from django.conf import settings
from django.core.signals import setting_changed
from rest_framework.views import APIView

KNOWN = ("api.core.", "corsheaders.", "django.middleware.security.", "django.middleware.csp.", "allauth.account.")
"""The middleware, and the classes of views, that a request passes through without a trace that is not learnt."""


class Settled(NamedTuple):
    """What is settled.

    Attributes:
        open: whether nothing stands around the views, or asks in them who may come in, but what the short cut knows.
        urlconf: where addresses lead.
        alone: whether this process counts requests by itself, without asking Valkey.
        others: what addresses and links are told from.
    """

    open: bool
    urlconf: str
    alone: bool
    others: tuple[Hashable, ...]


@lru_cache(maxsize=1)
def settled() -> Settled:
    """Return what is settled; tests settle it otherwise, and say so."""
    others = (settings.PUBLIC_URL, tuple(settings.ALLOWED_HOSTS), settings.TRUSTED_PROXIES)
    known = all(name.startswith(KNOWN) for name in (*settings.MIDDLEWARE, *_classes_of_views()))
    return Settled(known, settings.ROOT_URLCONF, not settings.VALKEY_URL, others)


def _classes_of_views() -> Iterator[str]:
    """Yield the names of the classes that views have where they say nothing else (`REST_FRAMEWORK`)."""
    for kind in (*APIView.authentication_classes, *APIView.throttle_classes):
        yield f"{kind.__module__}.{kind.__qualname__}"


def unsettle(**_: Any) -> None:
    """Read the settings anew."""
    settled.cache_clear()


setting_changed.connect(unsettle)
