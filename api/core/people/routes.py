"""What is mounted at /auth: allauth's routes for browsers and for apps, and the deletion of one's account."""

from collections.abc import Iterable
from typing import Any

from allauth.headless import urls as allauth
from allauth.headless.constants import Client
from django.urls import URLPattern, URLResolver, path

from api.core.people.account import AccountView
from api.core.people.surroundings import surrounded

OF_TELEPHONES = frozenset(("manage_phone", "verify_phone", "resend_phone_verification_code"))
"""allauth's routes for telephone numbers, which it has even where nobody has one."""


def rebuilt(routes: Iterable[URLPattern | URLResolver]) -> list[URLPattern | URLResolver]:
    """Return the same routes, each view in its surroundings."""
    return [
        URLResolver(route.pattern, rebuilt(route.url_patterns), route.default_kwargs, route.app_name, route.namespace)
        if isinstance(route, URLResolver)
        else URLPattern(route.pattern, surrounded(route.callback), route.default_args, route.name)
        for route in routes
        if getattr(route, "name", None) not in OF_TELEPHONES
    ]


def deletion(client: Client) -> URLPattern:
    """Return the route that allauth lacks."""
    view: Any = AccountView.as_api_view(client=client)
    route: URLPattern = path(f"{client.value}/v1/account", view, name=f"{client.value}-account")
    return route


app_name = "auth"
urlpatterns = rebuilt([*allauth.urlpatterns, *map(deletion, Client)])
