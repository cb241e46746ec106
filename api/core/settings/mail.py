"""Where mail goes and who it is from, as the environment says; refused when wrong."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured


def mailer(url: str) -> dict[str, Any]:
    """Read where mail goes: to a server, to the console, or into a folder, a file for each mail.

    `smtp+tls://user:password@host:587`, `smtps://`, `smtp://`, `consolemail://`, `filemail:///path`.
    """
    try:
        read = environ.Env.email_url_config(url)
    except (ImproperlyConfigured, ValueError):
        read = {}
    backend = read.get("EMAIL_BACKEND", "")
    if backend.endswith("smtp.EmailBackend") and read["EMAIL_HOST"]:
        return {"BACKEND": backend, "OPTIONS": _smtp(read)}
    if backend.endswith("filebased.EmailBackend") and read["EMAIL_FILE_PATH"]:
        return {"BACKEND": backend, "OPTIONS": {"file_path": f"/{read['EMAIL_FILE_PATH']}"}}
    if backend.endswith(("console.EmailBackend", "locmem.EmailBackend", "dummy.EmailBackend")):
        return {"BACKEND": backend}
    # The address is not repeated: it may hold a password.
    raise ImproperlyConfigured(
        "EMAIL_URL must be as smtp+tls://user:password@host:587, filemail:///path, consolemail://"
    )


def _smtp(read: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "host": read["EMAIL_HOST"],
        "port": read["EMAIL_PORT"] or (465 if read.get("EMAIL_USE_SSL") else 587 if read.get("EMAIL_USE_TLS") else 25),
        "username": read["EMAIL_HOST_USER"],
        "password": read["EMAIL_HOST_PASSWORD"],
        "use_tls": bool(read.get("EMAIL_USE_TLS")),
        "use_ssl": bool(read.get("EMAIL_USE_SSL")),
        "timeout": 10,  # seconds; who waits for the mail waits for the answer
    }


def sender(public: str) -> str:
    """Return the address that mail comes from, where none is set."""
    return f"no-reply@{urlsplit(public).hostname or 'localhost'}"
