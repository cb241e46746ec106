"""Every route: the resources under /v1, the contract and its pages, and what operators ask."""

from dataclasses import asdict

from django.urls import include, path, re_path

from api import places, trips
from api.core.builtin import keys, me
from api.core.diagnostics import health, index
from api.core.http import errors, metrics
from api.core.people.later import Later
from api.core.views.router import Router
from openapi.core import urls as contract
from resources.places.credits import CREDITS

router = Router()
for viewset in (*places.VIEWSETS, *trips.VIEWSETS, *keys.VIEWSETS):
    router.register(viewset)
router.check()

urlpatterns = [
    path("", index.Index.as_view(resources=router.names(), credits=tuple(map(asdict, CREDITS))), name="index"),
    re_path("^v1/me/?$", me.Me.as_view(), name="me"),
    path("v1/", include(router.urls)),
    Later("auth/", "api.core.people.routes", "cryptography", "fido2", "jwt"),
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
