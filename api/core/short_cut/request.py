"""What a request asks for, if it is one that the short cut can answer: a plain GET of a resource of plain reads."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Mapping
from functools import cache, lru_cache
from inspect import getattr_static
from io import BytesIO
from types import FunctionType
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl

from django.core.exceptions import DisallowedHost
from django.urls import Resolver404, get_resolver, resolve
from rest_framework.viewsets import GenericViewSet

from api.core.http.authentication import secret_in
from api.core.http.compression import coding_for
from api.core.http.links import origin_of
from api.core.http.proxies import client_of
from api.core.http.request import Request
from api.core.resource.marks import custom_method
from api.core.resource.resource_type import ResourceType
from api.core.short_cut.deployment import Deployment, deployment
from api.core.views.reading import ReadView
from resources.core.actor import ANONYMOUS, Actor
from resources.core.api_keys.keyring import KEYRING

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

PLAIN = re.compile(r"[!-~]*")
"""A path or a query that needs no second look at its characters."""
ACCEPTED = frozenset(("", "*/*", "application/json"))
NO_BODY = frozenset(("", "0"))
LEFT_TO_DJANGO = (
    *("HTTP_ORIGIN", "HTTP_COOKIE", "HTTP_X_SESSION_TOKEN", "HTTP_IF_NONE_MATCH", "HTTP_RANGE", "HTTP_EXPECT"),
    "HTTP_TRANSFER_ENCODING",
)
"""What is rare in a read, or is answered with more than the row: cookies, CORS, conditions, bodies."""
METHODS = tuple(
    name
    for name in dir(ReadView)
    if name != "get_parsers" and isinstance(getattr_static(ReadView, name), FunctionType | classmethod | property)
)
"""What code of a viewset's own may stand in the place of: all of a view but how it reads bodies. Any of them may be
where somebody is refused (`get_permissions`), so none is thought not to matter."""


class Client(NamedTuple):
    """What a client says of itself and of how it would have its answers: the same with every request.

    Attributes:
        address: where it is.
        origin: what links begin with.
        coding: in which it would have bodies; None for as they are.
    """

    address: str
    origin: str
    coding: str | None


class PlainGet(NamedTuple):
    """A request for a page or an item.

    Attributes:
        resource: whose.
        path: of the collection.
        key: of the item; None for a page.
        parameters: names and values, in their order.
        actor: who asks.
        client: from where, and how it would be answered.
        id: by which the client calls the request; empty for a new one.
        family: what decides most of the headers of its answer.
    """

    resource: ResourceType
    path: str
    key: str | None
    parameters: list[tuple[str, str]]
    actor: Actor
    client: Client
    id: str
    family: Hashable


def plain_get(environ: WSGIEnvironment) -> PlainGet | None:
    """Return what is asked for; None where Django must answer."""
    get, query = environ.get, environ.get("QUERY_STRING", "")
    if environ["REQUEST_METHOD"] != "GET" or get("CONTENT_LENGTH", "") not in NO_BODY or any(map(get, LEFT_TO_DJANGO)):
        return None
    client, place = client_in(environ), place_of(environ["PATH_INFO"])
    if client is None or place is None or not PLAIN.fullmatch(query):
        return None
    (resource, collection, key), authorization = place, get("HTTP_AUTHORIZATION")
    actor = actor_behind(authorization) if authorization else ANONYMOUS
    parameters = parameters_of(query)
    if actor is None or parameters is None:
        return None
    family = (resource, key is None, actor.id is None, client.origin)
    return PlainGet(resource, collection, key, parameters, actor, client, get("HTTP_X_REQUEST_ID", ""), family)


def client_in(environ: WSGIEnvironment) -> Client | None:
    """Return who sends a request; None for one whose requests Django must answer."""
    about, said = deployment(), tuple(map(environ.get, SAID))
    if not about.transparent or len("".join(filter(None, said))) > LONGEST:
        return None
    return _client(said, about)


def place_of(path: str) -> tuple[ResourceType, str, str | None] | None:
    """Return the resource that a path leads to, the path of its collection, and the key of an item."""
    if len(path) > LONGEST or not PLAIN.fullmatch(path):
        return None
    urlconf = deployment().urlconf
    collection, _, key = path.rpartition("/")
    resource = resource_at(collection, urlconf) if key else None
    if resource is not None:
        return (resource, collection, key) if _leads_to_items(collection, urlconf) else None
    resource = resource_at(path, urlconf)
    return (resource, path, None) if resource else None


def parameters_of(query: str) -> list[tuple[str, str]] | None:
    """Return the parameters; None for texts that need a second look."""
    if "%" not in query and "+" not in query:
        parts = [part.partition("=") for part in query.split("&") if part]
        return [(name, text) for name, _, text in parts]
    parameters = parse_qsl(query, keep_blank_values=True)
    return parameters if all(text.isprintable() and "\ufffd" not in text for _, text in parameters) else None


@lru_cache(maxsize=4096)
def _client(said: tuple[str | None, ...], about: Deployment) -> Client | None:
    """Return who has said so; None for one whose requests Django must answer."""
    environ = {name: value for name, value in zip(SAID, said, strict=True) if value is not None}
    if environ.get("SCRIPT_NAME") or environ.get("HTTP_ACCEPT", "") not in ACCEPTED:
        return None
    origin = _origin(environ)
    address = client_of(environ).get("REMOTE_ADDR") or environ.get("REMOTE_ADDR", "")
    return None if origin is None else Client(address, origin, coding_for(environ.get("HTTP_ACCEPT_ENCODING", "")))


def actor_behind(authorization: str) -> Actor | None:
    """Return who shows a key; None where finding out takes a query, or where it is none."""
    secret = secret_in(authorization)
    if secret is None:
        return None
    KEYRING.renew()
    return KEYRING.recall(secret)


@lru_cache(maxsize=1024)
def resource_at(path: str, urlconf: str) -> ResourceType | None:
    """Return the resource whose collection is at a path, if nothing but plain reads is done there."""
    try:
        viewset: Any = getattr(resolve(path, urlconf).func, "cls", None)
    except Resolver404:
        return None
    reads = isinstance(viewset, type) and issubclass(viewset, ReadView)
    return viewset.resource_type() if reads and viewset.path() == path and is_plain(viewset) else None


@cache
def _leads_to_items(collection: str, urlconf: str) -> bool:
    """Whether whatever stands below a collection is an item, and no action or page of somebody's own."""
    inside = f"{collection}/"
    found = [(address, actions) for address, actions in _addresses(get_resolver(urlconf)) if address.startswith(inside)]
    names = [(address.removeprefix(inside).rstrip("/?$"), actions.get("get")) for address, actions in found]
    return [action for name, action in names if name and "/" not in name] == ["retrieve"]


def _addresses(resolver: Any, before: str = "/") -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield the patterns of all addresses, and which of a viewset's actions each leads to."""
    for pattern in resolver.url_patterns:
        text = before + str(pattern.pattern).lstrip("^").replace("[^/]", ".")  # in which a slash ends nothing
        if hasattr(pattern, "url_patterns"):
            yield from _addresses(pattern, text)
        else:
            yield text, getattr(pattern.callback, "actions", None) or {}


@cache
def is_plain(viewset: Any) -> bool:
    """Whether a viewset does with a read what Headwater and DRF do, and nothing of its own."""
    own = custom_method(viewset, METHODS) or viewset.resource_type().custom_code
    asks = viewset.permission_classes or viewset.extra_parameters
    stock = ("authentication_classes", "renderer_classes", "throttle_classes", "content_negotiation_class")
    changed = any(getattr(viewset, name) != getattr(GenericViewSet, name) for name in stock)
    return not (own or asks or changed)


def _origin(environ: WSGIEnvironment) -> str | None:
    """Return what links begin with; None for a host that is not ours."""
    scheme = client_of(environ).get("wsgi.url_scheme") or environ["wsgi.url_scheme"]
    named = {name: environ[name] for name in NAMING if environ.get(name)}
    request = Request({**named, **NOTHING_ELSE, "wsgi.url_scheme": scheme})
    try:
        request.get_host()
    except DisallowedHost:
        return None
    return origin_of(request)


NAMING = ("HTTP_HOST", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PORT", "SERVER_NAME", "SERVER_PORT")
"""What Django reads the host from."""
NOTHING_ELSE = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "wsgi.input": BytesIO()}
SAID = (
    *("SCRIPT_NAME", "HTTP_ACCEPT", "HTTP_ACCEPT_ENCODING", "wsgi.url_scheme"),
    *("REMOTE_ADDR", "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", *NAMING),
)
"""All that is looked at, but for the address, the identity, and the request's own name."""
LONGEST = 1024
"""Characters of it, and of a path, beyond which Django answers: what is remembered must not grow with what is sent."""
