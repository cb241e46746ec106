"""Serializers that stand ready for the body of any request: their fields are made once, and only DRF's code sees them.

May refuse: a class that runs code of somebody's own, or whose fields need to know the request.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

from django.db.models import Model
from rest_framework import serializers
from rest_framework.fields import empty

from resources.core.policy import ALL
from serializers.core.fields import Instant, UUIDv7
from serializers.core.write import validation
from serializers.core.write.fast_validation import PLAIN, accept, taken
from serializers.core.write.field_cache import is_settled
from serializers.core.write.single_lookup import hasten
from serializers.core.write.uniqueness import of

FREE = frozenset((*PLAIN, Instant, UUIDv7, serializers.UUIDField, serializers.DecimalField, serializers.DateField))
"""The fields that know nothing of a request."""
OWN = ("__init__", "validate", "create", "save", "get_validators", "get_initial")
"""The methods of a serializer that could see its fields while a row is made."""


class Standing(NamedTuple):
    """A serializer that stands ready.

    Attributes:
        serializer: holds no body.
        references: the models that its bodies refer to.
    """

    serializer: Any
    references: frozenset[type[Model]]

    def validated(self, body: Any, context: Any) -> Any:
        """Return a serializer of a body; None where that is not plainly right."""
        made = validation.another(self.serializer, body)
        made._context = context
        right = taken(made, None) and not validation.faults_with_others(made, "", ask=False)
        return made if right else None


@lru_cache(maxsize=1024)
def standing(kind: Any) -> Standing | None:
    """Return a serializer that stands ready to make new rows."""
    plain = issubclass(kind, serializers.ModelSerializer) and is_settled(kind)
    if not plain or any(getattr(kind, name) is not getattr(serializers.ModelSerializer, name) for name in OWN):
        return None
    serializer = kind(data=None)
    validation.prepare(serializer, lambda _: ALL)
    hasten(serializer)
    accept(serializer)
    fields = [field for field in serializer.fields.values() if not field.read_only]
    own = serializer.validators or any(hasattr(serializer, f"validate_{field.field_name}") for field in fields)
    stock = all(type(each.rule).__module__.startswith("rest_framework.") for each in of(serializer))
    if own or not stock or not all(map(_is_free, fields)):
        return None
    referring: list[Any] = [field for field in fields if type(field) is serializers.PrimaryKeyRelatedField]
    return Standing(serializer, frozenset(field.queryset.model for field in referring))


def _is_free(field: Any) -> bool:
    needing = any(getattr(each, "requires_context", False) for each in field.validators)
    return type(field) in FREE and field.default is empty and not needing
