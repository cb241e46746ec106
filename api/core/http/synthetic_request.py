"""A request that nobody sent: for code of a viewset's own that looks at one where no client has asked."""

from __future__ import annotations

from copy import copy
from functools import cache
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Model, UUIDField
from django.http import HttpRequest, QueryDict
from rest_framework.request import Request
from rest_framework.viewsets import GenericViewSet

from resources.core.uuids import uuid7


def imagined(
    viewset: type[GenericViewSet[Any]], person: Any = None, *, action: str = "list", method: str = "get"
) -> Any:
    """Return a viewset that was asked for its list, or another action, without a parameter, by a person or nobody."""
    asked = HttpRequest()
    asked.method, asked.path = method.upper(), _path(viewset)
    asked.META |= {"SERVER_NAME": "localhost", "SERVER_PORT": "80"}
    if person is not None:
        asked._force_auth_user = person  # type: ignore[attr-defined]  # as DRF's own tests say who asks
    view: Any = viewset(action_map={method: action}, args=(), kwargs={}, format_kwarg=None)
    view.request = view.initialize_request(asked)
    return view


def asked_by(viewset: type[GenericViewSet[Any]], request: Request) -> Any:
    """Return a viewset that was asked for its list, without a parameter, by whoever sent another request."""
    asked = copy(request._request)
    asked.method, asked.path, asked.path_info = "GET", _path(viewset), _path(viewset)
    asked.META, asked.GET = asked.META | {"REQUEST_METHOD": "GET", "QUERY_STRING": ""}, QueryDict()
    view: Any = viewset(action_map={"get": "list"}, args=(), kwargs={}, format_kwarg=None)
    view.request = view.initialize_request(asked)
    view.request.user, view.request.auth = request.user, request.auth
    return view


def _path(viewset: type[GenericViewSet[Any]]) -> str:
    return f"/{getattr(viewset, 'address', '') or viewset.__name__}"


def somebody() -> Any:
    """Return a person who is in no table, with a key of the kind that people have here."""
    person = get_user_model()()
    person.pk = uuid7() if isinstance(person._meta.pk, UUIDField) else person._meta.pk.to_python(1)
    return person


@cache
def told_model(viewset: type[GenericViewSet[Any]]) -> type[Model]:
    """Return the model of a viewset that names none by its `queryset` or `serializer_class`: code of its own tells.

    Raises:
        ImproperlyConfigured: that fails; the message says what to write.
    """
    view = imagined(viewset)
    try:
        meta: Any = getattr(view.get_serializer_class(), "Meta", None)
        model: type[Model] = getattr(meta, "model", None) or view.get_queryset().model
    except Exception as fault:
        raise ImproperlyConfigured(
            f"{viewset.__name__}: the model of its rows is read when the server starts, from what it shows to nobody "
            f"who asks for its list, and that fails: {type(fault).__name__}: {fault}. "
            "Name it:  queryset = Trip.objects.all()"
        ) from fault
    return model
