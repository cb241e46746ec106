"""A request that nobody sent: for code of a viewset's own that looks at one where no client has asked."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest

if TYPE_CHECKING:
    from api.core.resource import ResourceView


def imagined(viewset: type[ResourceView], person: Any = None) -> ResourceView:
    """Return a viewset that was asked for its list, without a parameter, by a person or by nobody."""
    asked = HttpRequest()
    asked.method, asked.path = "GET", f"/{viewset.plural()}"
    asked.META |= {"SERVER_NAME": "localhost", "SERVER_PORT": "80"}
    if person is not None:
        asked._force_auth_user = person  # type: ignore[attr-defined]  # as DRF's own tests say who asks
    view = viewset(action_map={"get": "list"}, args=(), kwargs={}, format_kwarg=None)
    view.request = view.initialize_request(asked)
    return view


def shown_to_nobody(viewset: type[ResourceView]) -> Any:
    """Return the serializer that a viewset's list is declared to show rows with.

    Raises:
        ImproperlyConfigured: code of its own fails; the message says where.
    """
    try:
        return imagined(viewset).presentation()
    except Exception as fault:
        raise ImproperlyConfigured(
            f"{viewset.__name__}: which members its rows have is read when the server starts, from what it shows to "
            f"nobody who asks for its list, and that fails: {type(fault).__name__}: {fault}. Let get_serializer_class "
            "and the serializer give something there, too."
        ) from fault


@cache
def serializer_class_of(viewset: type[ResourceView]) -> Any:
    """Return the serializer class that shows rows where they are shown within others, whoever asks."""
    return imagined(viewset).get_serializer_class()
