"""A request that nobody sent: for custom code of a viewset that looks at one where no client has asked."""

from __future__ import annotations

from copy import copy
from functools import cache

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Model, UUIDField
from django.http import HttpRequest, QueryDict
from rest_framework.request import Request
from rest_framework.viewsets import GenericViewSet

from resources.core.uuids import uuid7


def imagine[View: GenericViewSet[Model]](
    viewset: type[View], person: AbstractBaseUser | None = None, *, action: str = "list", method: str = "get"
) -> View:
    """Return a viewset that was asked for its list, or another action, without a parameter, by a person or nobody."""
    request = HttpRequest()
    request.method, request.path = method.upper(), _path(viewset)
    request.META |= {"SERVER_NAME": "localhost", "SERVER_PORT": "80"}
    if person is not None:
        request._force_auth_user = person  # type: ignore[attr-defined]  # as DRF's own tests say who asks
    view = viewset(action_map={method: action}, args=(), kwargs={}, format_kwarg=None)
    view.request = view.initialize_request(request)
    return view


def imagine_like[View: GenericViewSet[Model]](viewset: type[View], request: Request) -> View:
    """Return a viewset that was asked for its list, without a parameter, by whoever sent another request."""
    of_list = copy(request._request)
    of_list.method, of_list.path, of_list.path_info = "GET", _path(viewset), _path(viewset)
    of_list.META, of_list.GET = of_list.META | {"REQUEST_METHOD": "GET", "QUERY_STRING": ""}, QueryDict()
    view = viewset(action_map={"get": "list"}, args=(), kwargs={}, format_kwarg=None)
    view.request = view.initialize_request(of_list)
    view.request.user, view.request.auth = request.user, request.auth
    return view


def _path(viewset: type[GenericViewSet[Model]]) -> str:
    return f"/{getattr(viewset, 'address', '') or viewset.__name__}"


def somebody() -> AbstractBaseUser:
    """Return a person who is in no table, with a key of the kind that people have here."""
    person = get_user_model()()
    key = person._meta.pk
    person.pk = uuid7() if isinstance(key, UUIDField) else key.to_python(1)
    return person


@cache
def model_of_list(viewset: type[GenericViewSet[Model]]) -> type[Model]:
    """Return the model of a viewset that names none by its `queryset` or `serializer_class`: custom code tells.

    Raises:
        ImproperlyConfigured: that fails; the message says what to write.
    """
    view = imagine(viewset)
    try:
        meta = getattr(view.get_serializer_class(), "Meta", None)
        model: type[Model] = getattr(meta, "model", None) or view.get_queryset().model
    except Exception as fault:
        raise ImproperlyConfigured(
            f"{viewset.__name__}: the model of its rows is read when the server starts, from what it shows to nobody "
            f"who asks for its list, and that fails: {type(fault).__name__}: {fault}. "
            "Name it:  queryset = Trip.objects.all()"
        ) from fault
    return model
