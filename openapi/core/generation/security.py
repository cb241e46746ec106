"""How clients show who they are."""

from typing import Any

from openapi.core.generation import policies

Schema = dict[str, Any]
KEY = "key"

SCHEMES: dict[str, Schema] = {
    KEY: {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "hw_...",
        "description": "An API key: `Authorization: Bearer hw_...`. It acts for its owner, within its scopes, "
        "such as `trips:read`, `trips:write` or `*`. Make one with `POST /v1/keys`; an operator makes the first with "
        "`python manage.py createkey EMAIL`.",
    }
}


def requirement(view: Any) -> list[Schema]:
    """Return what an operation asks for: a key, or nothing as well."""
    return [{}, {KEY: []}] if policies.is_public(view) else [{KEY: []}]
