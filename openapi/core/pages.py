"""HTML pages of the server: rendered from `templates/`, under a strict content security policy, with an ETag."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.template import Context, Engine
from django.urls import get_script_prefix

from openapi.core import assets, guides, views

_ENGINE = Engine(dirs=[str(Path(__file__).parent / "templates")])

_NOTHING_ELSE = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}


def policy(**directives: str) -> str:
    """Write a content security policy that allows this server only; `style_src="..."` replaces one directive."""
    changed = {name.replace("_", "-"): value for name, value in directives.items()}
    return "; ".join(f"{name} {value}" for name, value in (_NOTHING_ELSE | changed).items())


STRICT = policy()


def respond(template: str, context: Mapping[str, Any], *, csp: str = STRICT, status: int = 200) -> HttpResponse:
    """Answer with a page."""
    html = _ENGINE.get_template(template).render(Context(_everywhere() | dict(context)))
    response = HttpResponse(html, status=status)
    response["Content-Security-Policy"] = csp
    response["Cache-Control"] = "no-cache"
    return views.versioned(response)


def prefix() -> str:
    """Return the path that the application is mounted at, with a slash at its end."""
    return get_script_prefix()


def _everywhere() -> dict[str, Any]:
    """What the frame around every page needs."""
    return {
        "frame": assets.url("frame.css"),
        "css": assets.url("docs.css"),
        "js": assets.url("docs.js"),
        "icon": assets.url("icon.svg"),
        "root": prefix(),
        "guides": guides.all_guides(),
        "name": settings.NAME,
        "version": settings.VERSION,
    }
