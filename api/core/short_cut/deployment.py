"""What of the deployment decides about the short cut, read from the settings together, once."""

from collections.abc import Hashable, Iterator
from functools import lru_cache
from typing import NamedTuple

from django.conf import settings
from django.core.signals import setting_changed
from rest_framework.views import APIView

TRANSPARENT = ("api.core.", "corsheaders.", "django.middleware.security.", "django.middleware.csp.", "allauth.account.")
"""The middleware, and the classes of views, that a request passes through without a trace that is not learnt."""


class Deployment(NamedTuple):
    """Settings, as the short cut sees them.

    Attributes:
        transparent: whether nothing stands around the views, or asks in them who may come in, but what is known here.
        urlconf: where addresses lead.
        addressing: what clients' addresses, and the origin of links, are told from.
    """

    transparent: bool
    urlconf: str
    addressing: tuple[Hashable, ...]


@lru_cache(maxsize=1)
def deployment() -> Deployment:
    """Return what holds now; tests change it, and say so."""
    transparent = all(name.startswith(TRANSPARENT) for name in (*settings.MIDDLEWARE, *_classes_of_views()))
    addressing = (settings.PUBLIC_URL, tuple(settings.ALLOWED_HOSTS), settings.TRUSTED_PROXIES)
    return Deployment(transparent, settings.ROOT_URLCONF, addressing)


def _classes_of_views() -> Iterator[str]:
    """Yield the names of the classes that views have where they say nothing else (`REST_FRAMEWORK`)."""
    for kind in (*APIView.authentication_classes, *APIView.throttle_classes):
        yield f"{kind.__module__}.{kind.__qualname__}"


def forget(**_: object) -> None:
    """Read the settings anew."""
    deployment.cache_clear()


setting_changed.connect(forget)
