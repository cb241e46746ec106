"""DRF's generic classes, as they are where nobody knows which field or serializer it will be.

What a field takes and gives are parameters of its class, each of which is one type only to DRF's stubs: neither
`object` nor `Never` fits both a `CharField` and an `IntegerField`. So `Any` stands for them here, and nowhere else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeGuard, cast

from rest_framework import serializers

if TYPE_CHECKING:
    from rest_framework import validators

type Field = serializers.Field[Any, Any, Any, Any]
"""A member of whatever kind: a column, a relation, a nested serializer, a list of them."""
type Serializer = serializers.Serializer[Any]
"""What shows and reads one row, by fields."""
type RowsSerializer = serializers.ListSerializer[Any]
"""What shows and reads a list of rows."""
type AnySerializer = serializers.BaseSerializer[Any]
"""Either of them, or one of somebody's own that has no fields."""
type RelatedField = serializers.RelatedField[Any, Any, Any]
"""A reference to a row: by its key, a slug, an address."""
type Validator = validators.Validator[Any]
"""What is asked of a value of a field, or of all values of a serializer."""


def row_serializer(serializer: Serializer | RowsSerializer) -> Serializer:
    """Return what shows one row: of a serializer of a list of rows, its child."""
    if not isinstance(serializer, serializers.ListSerializer):
        return serializer
    child: Serializer = getattr(serializer, "child")  # noqa: B009 - which may be any field, to the stubs
    return child


def as_serializer(serializer: AnySerializer) -> Serializer:
    """Return what shows or reads one row, by fields or in a custom way, which has what is asked of it."""
    return cast(Serializer, child_of(serializer))


def has_fields(serializer: AnySerializer) -> TypeGuard[Serializer | RowsSerializer]:
    """Whether what shows one row does so by fields."""
    return hasattr(child_of(serializer), "fields")


def child_of(field: Field) -> Field:
    """Return what shows one row of a list of rows, and one item of a list; of any other field that itself."""
    child: Field = getattr(field, "child", field)
    return child
