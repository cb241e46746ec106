"""Requests with `dry_run=true`, on their way through a view. May refuse: an action that does not say that it can."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING

from django.http import HttpResponseBase
from rest_framework.request import Request

from api.core.views.repeats import rendered
from api.core.write.idempotency import UNSAFE
from api.core.write.rehearsal import rehearsal
from serializers.core.problems import Fault, Refusal, refuse

if TYPE_CHECKING:
    from api.core.views.resource_view import ResourceView

PARAMETER = "dry_run"
VALUES = {"true": True, "false": False}

type Handler = Callable[..., HttpResponseBase]


def take_parameter(request: Request) -> bool:
    """Take the parameter off a request, whose others are then read as ever; say whether it asks for a rehearsal.

    Raises:
        Refusal: it has another value, or stands twice.
    """
    if request.method not in UNSAFE or PARAMETER not in request.query_params:
        return False
    others = request.query_params.copy()
    values = others.pop(PARAMETER)
    if len(values) != 1 or values[0] not in VALUES:
        raise _wrong("invalid", f"{PARAMETER} is true or false, and stands once.")
    vars(request._request)["GET"] = others  # which Django reads once
    return VALUES[values[0]]


def rehearsed(view: ResourceView, handler: Handler, *, is_custom: bool) -> Handler:
    """Let the method of a view answer as ever, and keep nothing of what it does.

    Raises:
        Refusal: it is a custom action that does not say that all it does can be taken back.
    """
    if is_custom and not view.rehearsable:
        raise _wrong("not_offered", "What this action does may not be possible to take back: it offers no dry run.")

    @wraps(handler)
    def call(request: Request, *args: str, **kwargs: str) -> HttpResponseBase:
        with rehearsal():
            return rendered(view, request, handler(request, *args, **kwargs))

    return call


def _wrong(code: str, detail: str) -> Refusal:
    return refuse("invalid-parameters", detail, [Fault(code, detail, parameter=PARAMETER)])
