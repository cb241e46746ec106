"""The WSGI environ (PEP 3333) of an ASGI scope, for Django's synchronous request."""

import sys
from functools import lru_cache
from typing import IO
from urllib.parse import unquote_to_bytes

from api.core.server.asgi import HTTPScope

# The body has been received: its length is what was counted, and its framing was the server's business.
FRAMING = frozenset({b"content-length", b"transfer-encoding"})
LONG = 64
"""Bytes of a header's name that is not remembered: clients could choose others for ever."""
type Environ = dict[str, object]
"""The variables of a request (PEP 3333); texts but for a few, which are looked at before they are used."""

CGI = {"content-type": "CONTENT_TYPE"}
SEPARATORS = {"HTTP_COOKIE": "; "}  # RFC 9113, section 8.2.3; every other list is joined by commas (RFC 9110, 5.3)


def environ(scope: HTTPScope, body: IO[bytes], length: int) -> Environ:
    """Return a new environ.

    Args:
        scope: of the ASGI protocol `http`.
        body: the whole body, ready to be read from its start.
        length: its length in bytes, as received; never as declared.
    """
    script_name, path_info = _paths(scope)
    server = scope.get("server") or ("unknown", 0)
    client = scope.get("client") or ("", 0)
    values: dict[str, str] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": script_name,
        "PATH_INFO": path_info,
        "QUERY_STRING": scope.get("query_string", b"").decode("latin-1"),
        "CONTENT_LENGTH": str(length),
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1] or 0),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": client[0],
        "REMOTE_PORT": str(client[1]),
    }
    repeated: dict[str, list[str]] = {}
    for name, value in scope["headers"]:
        if key := (_key if len(name) < LONG else _key.__wrapped__)(name):
            text = value.decode("latin-1")
            if key in values:
                repeated.setdefault(key, [values[key]]).append(text)
            else:
                values[key] = text
    for key, texts in repeated.items():
        values[key] = SEPARATORS.get(key, ",").join(texts)
    return {
        **values,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }


@lru_cache(maxsize=512)
def _key(name: bytes) -> str | None:
    """Return a header's name in the environ; None for one that is left out.

    `X_User` would become the same key as `X-User`, so that a client could say what only a proxy may: it is left out.
    """
    name = name.lower()
    if b"_" in name or name in FRAMING:
        return None
    text = name.decode("latin-1")
    return CGI.get(text) or "HTTP_" + text.upper().replace("-", "_")


def _paths(scope: HTTPScope) -> tuple[str, str]:
    """Return SCRIPT_NAME and PATH_INFO: the bytes of the path, percent-decoded, each written as one character."""
    path, root = scope["path"], scope.get("root_path", "").rstrip("/")
    if path.isascii() and not root:
        return "", path
    raw = scope.get("raw_path")  # `path` was decoded as UTF-8: bytes that are not are lost there
    octets = unquote_to_bytes(raw.partition(b"?")[0]) if raw else path.encode(errors="surrogateescape")
    prefix = root.encode()
    if octets == prefix or octets.startswith(prefix + b"/"):
        octets = octets[len(prefix) :]
    return prefix.decode("latin-1"), octets.decode("latin-1")
