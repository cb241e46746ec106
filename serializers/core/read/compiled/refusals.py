"""What SQL cannot stand in for: where Python decides what is shown."""

from __future__ import annotations

from rest_framework import serializers

from serializers.core.json_types import KNOWN_MODULES
from serializers.core.kinds import Field
from serializers.core.read.compiled.columns import definer_of


class NotCompiled(Exception):
    """A serializer that SQL cannot stand in for; says which member, and why."""


def refuse_gaps(field: Field) -> None:
    """Refuse what DRF leaves out of the object, or fills with a default, where a relation on the way is null."""
    if not field.allow_null or field.default is not serializers.empty:
        raise NotCompiled("where a relation on the way is null, it is left out or has a default")


def refuse_custom_ways(field: Field) -> None:
    """Refuse a serializer or relation whose class decides in Python what is shown."""
    methods = ("to_representation", "get_attribute", "get_fields", "get_url", "__init__")
    for method in methods:
        if hasattr(type(field), method):
            definer = definer_of(type(field), method)
            if not definer.__module__.startswith(KNOWN_MODULES):
                raise NotCompiled(f"{definer.__name__}.{method} decides in Python what is shown")
