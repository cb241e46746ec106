"""How a view makes its serializers: as they are declared, or as custom code of the viewset makes them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, TypedDict, Unpack

from django.db.models import Model
from rest_framework.viewsets import GenericViewSet

from api.core.http.links import absolute
from api.core.resource.marks import custom_method, ours
from serializers.core.json import Json
from serializers.core.kinds import AnySerializer, Serializer, as_serializer
from serializers.core.read.selection import EVERYTHING, Selection, present

type Instance = Model | Iterable[Model] | None
"""What a serializer shows or changes."""


class SerializerOptions(TypedDict, total=False):
    """What a serializer is given beside a row."""

    data: Json
    partial: bool
    many: bool


@cache
def _overrides(view: type[SerializerView], name: str) -> bool:
    return custom_method(view, (name,)) is not None


@ours
class SerializerView(GenericViewSet):  # type: ignore[type-arg]
    """A view with serializers, which may ask for one before a request has come."""

    request: Any = None
    leaves_serializer = False
    """Whether `get_serializer` leaves a serializer as it is: Headwater has asked for it, and makes it strict itself."""

    @classmethod
    def overrides(cls, name: str) -> bool:
        """Whether a method is a custom one, and neither Headwater's nor DRF's."""
        return _overrides(cls, name)

    def presentation(self, selection: Selection = EVERYTHING) -> Serializer:
        """Return a serializer that shows a selection."""
        serializer = as_serializer(self.declared_serializer())
        present(serializer, selection)
        return serializer

    def declared_serializer(self, *args: Instance, **options: Unpack[SerializerOptions]) -> AnySerializer:
        """Return a serializer as it is declared: of its class, or as a custom `get_serializer` makes it.

        It is not yet held to what the contract says of bodies, nor to field rules.
        """
        if not self.overrides("get_serializer"):
            make: Callable[..., AnySerializer] = self.get_serializer_class()
            return make(*args, context=self.get_serializer_context(), **options)
        self.leaves_serializer = True
        try:
            return self.get_serializer(*args, **options)
        finally:
            self.leaves_serializer = False

    def get_serializer_context(self) -> dict[str, object]:
        """Give serializers what DRF gives them, and the origin of links, which a stream needs after its request."""
        context = dict(super().get_serializer_context()) if self.request else {"view": self}
        return context | {"origin": absolute("")}
