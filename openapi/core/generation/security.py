"""How clients show who they are."""

from typing import Any

from django.conf import settings

from openapi.core.generation import policies

Schema = dict[str, Any]
KEY, ACCESS_TOKEN, SESSION_TOKEN, COOKIE, CSRF = "key", "accessToken", "sessionToken", "sessionCookie", "csrfToken"
SAFE = ("GET", "HEAD", "OPTIONS")

SCHEMES: dict[str, Schema] = {
    KEY: {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "hw_...",
        "description": "An API key: `Authorization: Bearer hw_...`. It acts for its owner, within its scopes, "
        "such as `trips:read`, `trips:write` or `*`. Make one with `POST /v1/keys`; an operator makes the first with "
        "`python manage.py createkey EMAIL`.",
    },
    ACCESS_TOKEN: {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "An access token of somebody who logged in at `/auth/app`: `Authorization: Bearer eyJ...`. It "
        "works for five minutes, and ends with its session; `refreshTokens` gives the next one.",
    },
    SESSION_TOKEN: {
        "type": "apiKey",
        "in": "header",
        "name": "X-Session-Token",
        "description": "The session of an app, from `meta.session_token` of answers at `/auth/app`.",
    },
    COOKIE: {
        "type": "apiKey",
        "in": "cookie",
        "name": settings.SESSION_COOKIE_NAME,
        "description": "The session of a browser, which logging in at `/auth/browser` sets.",
    },
    CSRF: {
        "type": "apiKey",
        "in": "header",
        "name": "X-CSRFToken",
        "description": "What the cookie `csrftoken` says, which every answer at `/auth/browser` sets. Needed beside a "
        "session cookie for everything but reading, and nowhere else.",
    },
}


def requirement(view: Any, method: str) -> list[Schema]:
    """Return what an operation asks for: any way to show who asks, or nothing as well."""
    anybody: list[Schema] = [{}] if policies.is_public(view, method) else []
    return [*anybody, *known(method)]


def known(method: str) -> list[Schema]:
    """Return the ways to show who asks."""
    return [{KEY: []}, {ACCESS_TOKEN: []}, {SESSION_TOKEN: []}, _cookie(method)]


def of_people(path: str, method: str, *, is_optional: bool) -> list[Schema]:
    """Return what an operation at /auth asks for; there, a key stands for nobody."""
    ways = [{SESSION_TOKEN: []}, {ACCESS_TOKEN: []}, _cookie(method)] if "{client}" in path else []
    return [{}, *ways] if is_optional else ways


def _cookie(method: str) -> Schema:
    return {COOKIE: []} if method in SAFE else {COOKIE: [], CSRF: []}
