"""The keys in a body: one that a client brings for a new row, and those that lead to other rows."""

from collections.abc import Callable, Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db.models import Model, Q
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail
from rest_framework.fields import SkipField

from resources.core.policy import ALL, either

Readable = Callable[[type[Model]], Q]
MOST_REFERENCES = 1000

addressable = RegexValidator(
    r"\A(?!\.\.?\Z)[^\s/\\\x00-\x1f\x7f-\x9f](?:[^/\\\x00-\x1f\x7f-\x9f]*[^\s/\\\x00-\x1f\x7f-\x9f])?\Z",
    "This cannot stand in an address: it holds a slash or a control character, has a space at an end, or is all dots.",
    code="not_addressable",
)
"""What a key that the world gives must be, if its row is to be found under it."""


class UUIDv7(serializers.UUIDField):
    """A key that a client brings: it must be a UUID of version 7 (RFC 9562, section 5.7)."""

    default_error_messages = {"version": "Expected a UUID of version 7."}

    def to_internal_value(self, data: Any) -> Any:
        """Read the key."""
        value = super().to_internal_value(data)
        if value.version != 7:
            self.fail("version")
        return value


class References(serializers.ManyRelatedField):
    """A list of keys, looked up with one query; each that leads nowhere is told by itself."""

    default_error_messages = {"max_length": "At most {most} references can be given."}

    def to_internal_value(self, data: Any) -> list[Model]:
        """Find the rows that the keys lead to.

        Raises:
            ValidationError: there are too many or too few, or some lead nowhere.
        """
        if len(data) > MOST_REFERENCES:
            self.fail("max_length", most=MOST_REFERENCES)
        if not data and not self.allow_empty:
            self.fail("empty")
        rows: Any = self.child_relation.get_queryset()
        keys = [_key(rows.model, item) for item in data]
        found = rows.in_bulk([key for key in keys if key is not None])
        wrong: Any = {place: [self._missing(data[place])] for place, key in enumerate(keys) if key not in found}
        if wrong:
            raise serializers.ValidationError(wrong)
        return [found[key] for key in keys]

    def _missing(self, item: Any) -> ErrorDetail:
        said = self.child_relation.error_messages["does_not_exist"]
        return ErrorDetail(said.format(pk_value=item), code="does_not_exist")


def _key(model: type[Model], item: Any) -> Any:
    """Return the value of a key, or None for what cannot be one."""
    try:
        return model._meta.pk.to_python(item)
    except ValidationError:
        return None


def look_up_together(fields: Iterable[Any]) -> None:
    """Let lists of plain keys be looked up with one query each."""
    for field in fields:
        if type(field) is serializers.ManyRelatedField and _is_plain(field.child_relation):
            field.__class__ = References  # the same field, with whatever its serializer has changed on it


def _is_plain(reference: Any) -> bool:
    return type(reference) is serializers.PrimaryKeyRelatedField and reference.pk_field is None


def restrict(fields: Iterable[Any], readable: Readable, row: Model | None) -> None:
    """Let references lead only to rows that may be read, and to those that the row refers to already.

    A reference to a row that the actor may not read is the same error as one to a row that does not exist.
    """
    for field in fields:
        reference = getattr(field, "child_relation", field)
        queryset = getattr(reference, "queryset", None)
        if queryset is None:
            continue
        allowed = readable(queryset.model)
        if allowed is not ALL:
            kept = [] if row is None else _referred_to(field, row)
            reference.queryset = queryset.all().filter(either(allowed, Q(pk__in=kept)))


def _referred_to(field: Any, row: Model) -> list[Any]:
    """Return the keys that a row refers to now."""
    try:
        found = field.get_attribute(row)
    except (AttributeError, SkipField):
        return []
    related = found if isinstance(field, serializers.ManyRelatedField) else [found]
    return [one.pk for one in related if one is not None]
