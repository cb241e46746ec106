"""Where mail goes and who it is from, as the environment says; refused when wrong."""

from collections.abc import Mapping
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured


def mailer(url: str) -> dict[str, object]:
    """Read where mail goes: to a server, to the console, or into a folder, a file for each mail.

    `smtp+tls://user:password@host:587`, `smtps://`, `smtp://`, `consolemail://`, `filemail:///path`.
    """
    try:
        parts = environ.Env.email_url_config(url)
    except (ImproperlyConfigured, ValueError):
        parts = {}
    backend = parts.get("EMAIL_BACKEND", "")
    if backend.endswith("smtp.EmailBackend") and parts["EMAIL_HOST"]:
        return {"BACKEND": backend, "OPTIONS": _smtp(parts)}
    if backend.endswith("filebased.EmailBackend") and parts["EMAIL_FILE_PATH"]:
        return {"BACKEND": backend, "OPTIONS": {"file_path": f"/{parts['EMAIL_FILE_PATH']}"}}
    if backend.endswith(("console.EmailBackend", "locmem.EmailBackend", "dummy.EmailBackend")):
        return {"BACKEND": backend}
    # The address is not repeated: it may hold a password.
    raise ImproperlyConfigured(
        "EMAIL_URL must be as smtp+tls://user:password@host:587, filemail:///path, consolemail://"
    )


def _smtp(parts: Mapping[str, object]) -> dict[str, object]:
    tls, ssl = bool(parts.get("EMAIL_USE_TLS")), bool(parts.get("EMAIL_USE_SSL"))
    return {
        "host": parts["EMAIL_HOST"],
        "port": parts["EMAIL_PORT"] or (465 if ssl else 587 if tls else 25),
        "username": parts["EMAIL_HOST_USER"],
        "password": parts["EMAIL_HOST_PASSWORD"],
        "use_tls": tls,
        "use_ssl": ssl,
        "timeout": 10,  # seconds; who waits for the mail waits for the answer
    }


def sender(public: str) -> str:
    """Return the address that mail comes from, where none is set."""
    return f"no-reply@{urlsplit(public).hostname or 'localhost'}"
