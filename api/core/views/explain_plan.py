"""`?explain=plan`: how the database goes about the very request, for staff, since plans tell how many rows others have.

May refuse: a form other than JSON.
"""

from __future__ import annotations

from dataclasses import asdict

from django.http import HttpResponse
from rest_framework.exceptions import NotAcceptable
from rest_framework.request import Request

from api.core.diagnostics.request_plan import plans
from api.core.http.responses import answer, body_digest
from api.core.http.timing import Stopwatch
from api.core.query.parameters.templates import query_of
from api.core.read.plan import plan
from api.core.read.read import ReadRequest, read_row
from api.core.views.explain_access import PLAN
from resources.core.actor import Actor
from serializers.core.json import encode

MEDIA_TYPE = "application/vnd.headwater.plan+json"


def wants_plan(request: Request, actor: Actor) -> bool:
    """Whether a request that asks for an explanation asks for this one, and by staff."""
    return actor.is_staff and request.query_params.getlist("explain") == [PLAN]


def explain(request: Request, asked: ReadRequest) -> HttpResponse:
    """Answer with the statements of a read, each with its plan.

    Args:
        request: that came.
        asked: what it asks for beside that.

    Raises:
        Refusal: `invalid-parameters`.
        NotAcceptable: the client would have a stream.
    """
    if request.accepted_renderer.media_type != "application/json":
        raise NotAcceptable
    parameters = [(name, value) for name, value in asked.parameters if name != "explain"]
    asked = asked._replace(parameters=parameters)
    query = query_of(asked.grammar, parameters, item=asked.key is not None)
    watch, headers = Stopwatch(), dict[str, str]()
    with plans(asked.grammar.model._default_manager.db) as found:
        if asked.key is None:
            page = plan(asked.source, asked.grammar, query, asked.actor, asked.origin).page()
            watch.lap("sql")
            headers = watch.header(page.level)
        elif item := read_row(asked, query.shape, asked.key, watch):
            headers = watch.header(item.level)
    body = encode({"statements": [asdict(each) for each in found]})
    response = answer(request, body, f'"{body_digest(body)}"', headers)
    response["Content-Type"] = MEDIA_TYPE
    return response
