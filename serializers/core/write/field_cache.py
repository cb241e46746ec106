"""Makes the fields of a serializer without asking its model about each one anew.

A `ModelSerializer` works out what its fields are made of whenever it is asked for them. For a class that leaves that as
it is the outcome is the same each time, so it is worked out once, and fields are made of the same again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from functools import lru_cache

from django.db.models import Model
from rest_framework import serializers
from rest_framework.serializers import ModelSerializer
from rest_framework.utils.serializer_helpers import BindingDict

from serializers.core.kinds import AnySerializer, Field

DECIDING = tuple(name for name in vars(ModelSerializer) if name.startswith(("build_", "get_", "include_", "_get_")))
"""The methods that decide what fields there are, and what they are made of."""


def draft(serializer: AnySerializer) -> None:
    """Give a serializer its fields, if it has none yet and its class leaves it to DRF what they are."""
    if isinstance(serializer, ModelSerializer) and "fields" not in vars(serializer):
        drafts = _drafts(type(serializer))
        if drafts is not None:
            fields = BindingDict(serializer)
            for name, field in drafts.items():
                fields[name] = _again(field)
            vars(serializer)["fields"] = fields


@lru_cache(maxsize=1024)
def _drafts(kind: type[ModelSerializer[Model]]) -> Mapping[str, Field] | None:
    return kind().get_fields() if is_settled(kind) else None


def is_settled(kind: type[ModelSerializer[Model]]) -> bool:
    """Whether a class leaves it to DRF what its fields are, and DRF would give the same answer each time."""
    model: type[Model] = getattr(kind, "Meta").model  # noqa: B009 - without which DRF asks for none
    asking = (column for column in (*model._meta.fields, *model._meta.many_to_many) if column.is_relation)
    moving = any(callable(getattr(column.remote_field, "limit_choices_to", None)) for column in asking)
    return (
        not moving
        and kind.fields is ModelSerializer.fields
        and all(getattr(kind, name) is getattr(ModelSerializer, name) for name in DECIDING)
    )


def _again(field: Field) -> Field:
    """Make a field of what another was made of."""
    arguments: tuple[object, ...] = vars(field)["_args"]
    options: dict[str, object] = vars(field)["_kwargs"]
    made_of = (*arguments, *options.values())
    stock = type(field).__module__.startswith("rest_framework.")
    if not stock or any(isinstance(part, serializers.Field) for part in made_of):
        return deepcopy(field)  # what it is made of may belong to one field alone
    make: Callable[..., Field] = type(field)
    return make(*arguments, **options)
