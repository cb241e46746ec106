"""What is mounted at /auth: allauth's routes for browsers and for apps, and our own beside them."""

from collections.abc import Iterable
from typing import Protocol

from allauth.headless import urls as allauth
from allauth.headless.constants import Client
from django.urls import URLPattern, URLResolver, path

from api.core.people.account import AccountView
from api.core.people.authenticator_app import AuthenticatorAppView
from api.core.people.middleware import ViewFunction, with_middleware

SERVED = frozenset(
    (
        *("config", "current_session", "sessions", "refresh", "signup", "login", "reauthenticate"),
        *("request_login_code", "confirm_login_code", "resend_login_code"),
        *("request_password_reset", "reset_password", "change_password"),
        *("manage_email", "verify_email", "resend_email_verification_code"),
        *("authenticators", "authenticate", "manage_recovery_codes"),
        *("manage_webauthn", "login_webauthn", "authenticate_webauthn", "reauthenticate_webauthn"),
    )
)
"""The names of allauth's routes that are in the contract. Others it has as well: for telephones, which nobody has here,
and with every release new ones, which clients may rely on only when the contract says so."""


class ApiView(Protocol):
    """A view of allauth's API, for browsers or for apps."""

    @classmethod
    def as_api_view(cls, *, client: Client) -> ViewFunction:
        """Return what answers a kind of client."""
        ...


def served_routes(routes: Iterable[URLPattern | URLResolver]) -> list[URLPattern | URLResolver]:
    """Return those of the routes that are served, each view in its surroundings."""
    return [
        URLResolver(
            route.pattern, served_routes(route.url_patterns), route.default_kwargs, route.app_name, route.namespace
        )
        if isinstance(route, URLResolver)
        else URLPattern(route.pattern, with_middleware(route.callback), route.default_args, route.name)
        for route in routes
        if isinstance(route, URLResolver) or route.name in SERVED
    ]


def our_routes(client: Client) -> list[URLPattern]:
    """Return the routes whose views are not allauth's: one that it lacks, and one in the place of its own."""
    views: dict[str, type[ApiView]] = {"account": AccountView, "account/authenticators/totp": AuthenticatorAppView}
    return [
        path(
            f"{client.value}/v1/{where}",
            with_middleware(view.as_api_view(client=client)),
            name=f"{client.value}/{where}",
        )
        for where, view in views.items()
    ]


app_name = "auth"
urlpatterns = [*served_routes(allauth.urlpatterns), *(route for client in Client for route in our_routes(client))]
