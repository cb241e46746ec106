"""Conditions of writes (RFC 9110, section 13): `If-Match` names the version that is to be changed, and no other is.

May refuse: 412 for a row that has moved on, with the row as it is; 428 where a viewset asks for the condition.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from django.db.models import Model
from django.http import QueryDict
from django.utils.http import parse_etags
from rest_framework.request import Request

from api.core.http.links import absolute
from api.core.http.timing import Stopwatch
from api.core.query.parameters.reader import selection_of
from api.core.query.shape import Shape
from api.core.read.read import Item, ReadRequest, read_row
from serializers.core.json import decode
from serializers.core.problems import Fault, Problem, Refusal, problem, refuse

if TYPE_CHECKING:
    from api.core.query.grammar import Grammar
    from api.core.resource.resource_type import RowSource
    from api.core.views.resource_view import ResourceView
    from serializers.core.read.selection import Selection

IF_MATCH, IF_NONE_MATCH = "If-Match", "If-None-Match"
ANY = "*"
OF_A_ROW = re.compile(r'"(?P<version>[0-9a-f]+)-[0-9a-f]{16}(-[a-z]+)?"')
"""The ETag of an item: its version, the digest of a representation, and the coding of a compressed one. A weak one is
another: the comparison is strong (section 8.8.3.2)."""
SAFE = frozenset(("GET", "HEAD", "OPTIONS"))


def is_conditional(request: Request) -> bool:
    """Whether a request is to do something under a condition only."""
    return request.method not in SAFE and not {IF_MATCH, IF_NONE_MATCH}.isdisjoint(request.headers)


def refuse_unconditional(view: ResourceView, request: Request) -> None:
    """Refuse to change a row without a condition where its viewset asks for one.

    Raises:
        Refusal: `precondition-required`.
    """
    if view.require_if_match and view.detail and request.method not in SAFE and IF_MATCH not in request.headers:
        detail = f"Say in {IF_MATCH} which version of the row this is about: read it first, and send its ETag."
        raise refuse("precondition-required", detail, [Fault("required", detail, header=IF_MATCH)])


def refuse_unmatched(view: ResourceView, request: Request, row: Model, selection: Selection | None = None) -> None:
    """Refuse to do something with a row that is not as the client knows it; best asked while the row is locked.

    Args:
        view: of the resource.
        request: whose headers name versions.
        row: as it is stored.
        selection: what is shown of it, where it is not all.

    Raises:
        Refusal: `precondition-failed`, with the row as it is.
    """
    if not is_conditional(request) or vars(view).get("holds_condition"):
        return
    vars(view)["holds_condition"] = True  # for the rest of the request, which may change the row itself
    wanted, unwanted = _tags(request, IF_MATCH), _tags(request, IF_NONE_MATCH)
    if wanted in (None, {ANY}) and unwanted is None:
        return
    item = _current(view, request, row, selection)
    if wanted is not None and ANY not in wanted and _version(item.etag) not in map(_version, wanted):
        detail = "The row has changed since: `current` is how it is now."
        raise Refusal(_failed(detail, IF_MATCH, item))
    # Here the comparison is weak (section 13.1.2).
    strong = {tag.removeprefix("W/") for tag in unwanted or ()}
    if ANY in strong or _version(item.etag) in map(_version, strong):
        raise Refusal(_failed("There is such a row: `current` is how it is.", IF_NONE_MATCH, item))


def _tags(request: Request, name: str) -> set[str] | None:
    """Return the ETags that a header names; None where it is not there."""
    header = request.headers.get(name)
    return None if header is None else set(parse_etags(header))


def _version(etag: str) -> str:
    """Return the version of the row that an ETag names; an ETag that is none of a row's is a version that none has."""
    found = OF_A_ROW.fullmatch(etag)
    return found["version"] if found else etag


def _current(view: ResourceView, request: Request, row: Model, selection: Selection | None) -> Item:
    """Return a row as a read of it shows it, whatever the serializer of an action is."""
    grammar, resource = view.grammar_for(view.actor), view.resource_type()
    source: RowSource = view
    if selection is None:
        source = resource.source_like(request) if resource.custom_code else resource.source()
    shape = Shape((), 0, (), _everything(grammar) if selection is None else selection)
    asked = ReadRequest(source, grammar, view.actor, (), absolute(""))
    item = read_row(asked, shape, row.pk, Stopwatch(), view.model()._meta.pk)
    if item is None:
        raise view.missing(row.pk)
    return item


@lru_cache(maxsize=1024)
def _everything(grammar: Grammar) -> Selection:
    """Return what is shown where nothing else is asked for."""
    return selection_of(grammar, QueryDict())


def _failed(detail: str, header: str, item: Item) -> Problem:
    known = problem("precondition-failed", detail, [Fault("moved_on", detail, header=header)])
    members = {"current": decode(item.body), "etag": item.etag}
    return Problem(known.kind, known.detail, known.faults, (("ETag", item.etag),), members)
