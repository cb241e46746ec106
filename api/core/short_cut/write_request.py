"""What a request is to write, if it is one for the short cut: a JSON object for a resource of plain writes."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from functools import cache
from inspect import getattr_static
from io import BytesIO
from types import FunctionType
from typing import TYPE_CHECKING
from urllib.parse import quote

from django.utils.http import RFC3986_SUBDELIMS
from rest_framework.viewsets import GenericViewSet

from api.core.query.deprecations import old_members
from api.core.resource.marks import custom_method
from api.core.resource.resource_type import ResourceType
from api.core.server.body import limit
from api.core.short_cut.request import LEFT_TO_DJANGO, Client, actor_behind, client_in, place_of
from api.core.views.writing import WriteView
from resources.core.actor import Actor
from resources.core.policy import Verb
from serializers.core.json import Json, decode
from serializers.core.write.prepared import Prepared, prepared_for

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

RARE = (*LEFT_TO_DJANGO, "HTTP_PREFER", "HTTP_IF_MATCH", "HTTP_IF_UNMODIFIED_SINCE", "HTTP_CONTENT_ENCODING")
"""What is rare in a write, or asks for more than the row."""
JSON = frozenset(("application/json", "application/json; charset=utf-8"))
MOST = 65_536
"""Bytes of a body: a longer one is read by Django, which need not read it twice."""
SAFE = f"{RFC3986_SUBDELIMS}/~:@"
"""What Django leaves as it is in the address of a row."""
METHODS = {"POST": False, "PATCH": True}
"""The methods of HTTP, and whether each changes a row that there is."""
OF_A_VIEW = tuple(
    name
    for name in dir(WriteView)
    if isinstance(getattr_static(WriteView, name), FunctionType | classmethod | property)
)
"""What code of a viewset's own may stand in the place of: all of a view."""


@dataclass(frozen=True, slots=True)
class PlainWrite:
    """A request to create a row, or to change one.

    Attributes:
        resource: whose.
        path: of the collection.
        key: of the row that is changed, as it stands in the address; None for a new one.
        actor: who asks; somebody known.
        client: from where, and how it would be answered.
        id: by which the client calls the request; empty for a new one.
        prepared: the serializer that is ready for such bodies.
    """

    resource: ResourceType
    path: str
    key: str | None
    actor: Actor
    client: Client
    id: str
    prepared: Prepared

    @property
    def verb(self) -> Verb:
        """Return what it is to the policy."""
        return "create" if self.key is None else "update"

    @property
    def method(self) -> str:
        """Return its method of HTTP."""
        return "POST" if self.key is None else "PATCH"

    @property
    def status(self) -> int:
        """Return the status of its answer, where nothing is wrong."""
        return 201 if self.key is None else 200

    @property
    def family(self) -> Hashable:
        """Return what decides most of the headers of its answer."""
        return (self.resource, self.key is None, self.client.origin)

    def address(self, key: object) -> str:
        """Return the address of an item, as `reverse` gives it."""
        return f"{self.client.origin}{self.path}/{quote(str(key), safe=SAFE)}"


def plain_write(environ: WSGIEnvironment) -> PlainWrite | None:
    """Return what is to be written, but for the body; None where Django must answer."""
    method = environ["REQUEST_METHOD"]
    if method not in METHODS or environ.get("CONTENT_TYPE") not in JSON or environ.get("QUERY_STRING"):
        return None
    client, place = client_in(environ), place_of(environ["PATH_INFO"])
    if client is None or place is None or any(map(environ.get, RARE)):
        return None
    (resource, path, key), actor = place, actor_behind(environ.get("HTTP_AUTHORIZATION", ""))
    kind = resource.source
    if actor is None or METHODS[method] is (key is None):
        return None
    if not isinstance(kind, type) or not issubclass(kind, WriteView) or not is_plain(kind):
        return None
    serializer: type | None = kind.serializer_class
    prepared = None if serializer is None else prepared_for(serializer, changes=METHODS[method])
    if prepared is None or not prepared.is_saved_plainly:
        return None
    return PlainWrite(resource, path, key, actor, client, environ.get("HTTP_X_REQUEST_ID", ""), prepared)


def body_in(environ: WSGIEnvironment) -> Json:
    """Read a short body, and leave it to be read again; None where it is long, or no JSON."""
    length = environ.get("CONTENT_LENGTH") or ""
    if not (length.isascii() and length.isdigit() and int(length) <= min(MOST, limit())):
        return None
    text = environ["wsgi.input"].read(int(length))
    environ["wsgi.input"] = BytesIO(text)
    try:
        return decode(text)
    except ValueError:
        return None


@cache
def is_plain(viewset: type[WriteView]) -> bool:
    """Whether a viewset does with a write what Headwater and DRF do, and nothing of its own."""
    settings = ("authentication_classes", "renderer_classes", "throttle_classes", "content_negotiation_class")
    changed = any(getattr(viewset, name) != getattr(GenericViewSet, name) for name in (*settings, "parser_classes"))
    own = custom_method(viewset, OF_A_VIEW) or viewset.resource_type().custom_code
    resource = viewset.resource_type()
    plain = viewset.serializer_class is not None and resource.key.primary_key and not old_members(resource)
    return plain and not (own or viewset.require_if_match or viewset.permission_classes or changed)
