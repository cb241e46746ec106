"""Absolute links: from PUBLIC_URL where it is set, else from the host that the request was sent to."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from urllib.parse import quote_plus, urljoin

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, QueryDict

SAFE = re.compile(r"[A-Za-z0-9_.~-]*")
"""Text that stands in a query string as it is (RFC 3986, section 2.3)."""
_ORIGIN: ContextVar[str] = ContextVar("origin", default="")


def origin_of(request: HttpRequest) -> str:
    """Return scheme and host as the client should use them, and the path that the API is mounted at.

    Scheme and host are left out where the host cannot be trusted.
    """
    mounted_at: str = request.META.get("SCRIPT_NAME", "")
    return _host_of(request) + mounted_at.rstrip("/")


def _host_of(request: HttpRequest) -> str:
    if settings.PUBLIC_URL:
        return str(settings.PUBLIC_URL)
    try:
        return f"{request.scheme}://{request.get_host()}"
    except DisallowedHost:
        return ""


@contextmanager
def origin_set(request: HttpRequest) -> Iterator[None]:
    """Make `absolute`, and DRF's own links, speak of this request's host while it is served."""
    token = _ORIGIN.set(_host_of(request))
    if settings.PUBLIC_URL:
        request.build_absolute_uri = _public  # type: ignore[method-assign, assignment]  # DRF asks it
    try:
        yield
    finally:
        _ORIGIN.reset(token)


def _public(location: str = "") -> str:
    return urljoin(f"{_ORIGIN.get()}/", location)


def absolute(path: str) -> str:
    """Put the host of the request that is being served in front of a path, as `reverse` returns it."""
    return _ORIGIN.get() + path


def with_parameters(url: str, parameters: Iterable[tuple[str, str]], name: str = "", text: str = "") -> str:
    """Return a URL with parameters in their order, one of them changed where it is named, or added at the end."""
    query = [(each, text if each == name else before) for each, before in parameters]
    if name and (name, text) not in query:
        query.append((name, text))
    written = [f"{each}={text}" if SAFE.fullmatch(each + text) else _encoded(each, text) for each, text in query]
    return f"{url}?{'&'.join(written)}"


def _encoded(name: str, text: str) -> str:
    return _remembered(name, text) if len(name) + len(text) <= SHORT else _quoted(name, text)


def _quoted(name: str, text: str) -> str:
    return f"{quote_plus(name)}={quote_plus(text)}"


SHORT = 128
"""Characters of a parameter whose encoded form is remembered: orderings, mostly."""
_remembered = lru_cache(maxsize=1024)(_quoted)


def pairs(parameters: QueryDict) -> list[tuple[str, str]]:
    """Return names and values as they were sent, those of one name together."""
    return [(name, str(text)) for name, texts in parameters.lists() for text in texts]
