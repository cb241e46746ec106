"""Every route: the resources under /v1, the contract and its pages, and what operators ask."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from importlib import import_module
from importlib.util import find_spec

from django.conf import settings
from django.urls import include, path, re_path

from api.core.builtin import changes, keys, me, tickets
from api.core.diagnostics import health, index
from api.core.http import errors, metrics
from api.core.people.lazy_routes import LazyRoutes
from api.core.views.resource_view import ResourceView
from api.core.views.router import Router
from openapi.core import urls as contract
from resources.places.credits import CREDITS


def viewsets(domains: Iterable[str]) -> Iterator[type[ResourceView]]:
    """Yield the VIEWSETS of each domain that has a module in api/; one may be a model only.

    Raises:
        ImportError: such a module imports what is missing.
        AttributeError: it has no VIEWSETS.
    """
    for module in (f"api.{domain}" for domain in domains):
        spec = find_spec(module)
        if spec and spec.has_location:  # a folder where git has left nothing but __pycache__ is no module
            yield from import_module(module).VIEWSETS


router = Router()
served: tuple[type[ResourceView], ...] = (*viewsets(settings.DOMAINS), *keys.VIEWSETS)
for viewset in served:
    router.register(viewset)
router.check()

urlpatterns = [
    path("", index.Index.as_view(resources=router.names(), credits=tuple(map(asdict, CREDITS))), name="index"),
    re_path("^v1/me/?$", me.Me.as_view(), name="me"),
    re_path("^v1/tickets/?$", tickets.Tickets.as_view(), name="tickets"),
    re_path("^v1/changes/?$", changes.Changes.as_view(), name="changes"),
    path("v1/", include(router.urls)),
    LazyRoutes("auth/", "api.core.people.routes", "cryptography", "fido2", "jwt"),
    path("", include(contract)),
    path("livez", health.live, name="livez"),
    path("readyz", health.ready, name="readyz"),
    path("metrics", metrics.exposition, name="metrics"),
    re_path("", errors.not_found),
]

handler400 = errors.bad_request
handler403 = errors.permission_denied
handler404 = errors.not_found
handler500 = errors.server_error
