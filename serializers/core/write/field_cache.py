"""Makes the fields of a serializer without asking its model about each one anew.

A `ModelSerializer` works out what its fields are made of whenever it is asked for them. For a class that leaves that as
it is the outcome is the same each time, so it is worked out once, and fields are made of the same again.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from functools import lru_cache
from typing import Any

from rest_framework.fields import Field
from rest_framework.serializers import ModelSerializer
from rest_framework.utils.serializer_helpers import BindingDict

DECIDING = tuple(name for name in vars(ModelSerializer) if name.startswith(("build_", "get_", "include_", "_get_")))
"""The methods that decide what fields there are, and what they are made of."""


def draft(serializer: Any) -> None:
    """Give a serializer its fields, if it has none yet and its class leaves it to DRF what they are."""
    if isinstance(serializer, ModelSerializer) and "fields" not in vars(serializer):
        drafts = _drafts(type(serializer))
        if drafts is not None:
            fields: Any = BindingDict(serializer)
            for name, field in drafts.items():
                fields[name] = _again(field)
            vars(serializer)["fields"] = fields


@lru_cache(maxsize=1024)
def _drafts(kind: Any) -> Mapping[str, Field[Any, Any, Any, Any]] | None:
    return kind().get_fields() if is_settled(kind) else None


def is_settled(kind: Any) -> bool:
    """Whether a class leaves it to DRF what its fields are, and DRF would give the same answer each time."""
    model = kind.Meta.model
    asking = (column for column in (*model._meta.fields, *model._meta.many_to_many) if column.is_relation)
    moving = any(callable(column.remote_field.limit_choices_to) for column in asking)
    return (
        not moving
        and kind.fields is ModelSerializer.fields
        and all(getattr(kind, name) is getattr(ModelSerializer, name) for name in DECIDING)
    )


def _again(field: Any) -> Any:
    """Make a field of what another was made of."""
    made_of = (*field._args, *field._kwargs.values())
    if not type(field).__module__.startswith("rest_framework.") or any(isinstance(part, Field) for part in made_of):
        return deepcopy(field)  # what it is made of may belong to one field alone
    return type(field)(*field._args, **field._kwargs)
