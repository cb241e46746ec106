"""The members of a body: only known ones, of the JSON type that the contract says, read-only ones unchanged."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import TypeGuard

from rest_framework import serializers

from serializers.core.json import Json, escape, same
from serializers.core.json_types import expected, has_custom_reading, too_large
from serializers.core.kinds import Field, Serializer, child_of
from serializers.core.problems import Fault
from serializers.core.write.write_access import Fixed

type Shown = Callable[[], Mapping[str, Json]]
"""Gives what a row shows; it is asked where a body repeats a member that cannot be set, and works that out once."""

MANY = (
    serializers.ListSerializer,
    serializers.ManyRelatedField,
    serializers.ListField,
    serializers.MultipleChoiceField,
)
NESTED = (*MANY, serializers.Serializer, serializers.JSONField, serializers.DictField)


def member_faults(
    serializer: Serializer, body: Mapping[str, Json], stored: Shown | None, pointer: str = ""
) -> Iterator[Fault]:
    """Find members that are unknown, read-only with another value than the stored one, or of the wrong type.

    Args:
        serializer: the fields that are known.
        body: what was sent.
        stored: what the row shows now, a member among it that this serializer does not know; None for a row that is
            being created.
        pointer: where the body stands in the whole.
    """
    fields = {name: field for name, field in serializer.fields.fields.items() if not _is_hidden(field)}
    for name, value in body.items():
        if name in fields and _is_fine(fields[name], value):
            continue
        place = f"{pointer}/{escape(name)}"
        known = name in fields
        if not known or fields[name].read_only or isinstance(fields[name], Fixed):
            if stored is None or not _repeats(stored(), name, value):
                yield Fault("read_only", f"{name} cannot be set.", place) if known else _unknown(name, fields, place)
        elif value is not None:
            yield from _type_faults(fields[name], value, place)


def _repeats(shown: Mapping[str, Json], name: str, value: Json) -> bool:
    return name in shown and same(shown[name], value)


def _is_fine(field: Field, value: Json) -> bool:
    """Whether a simple member is as it should be: most are, and need no pointer."""
    if field.read_only or isinstance(field, (Fixed, *NESTED)):
        return False
    return value is None or (expected(field, value) is None and not _is_blank_in(field, value))


def fits(field: Field, value: Json) -> bool:
    """Whether a value is of the type that a writable field takes."""
    return _is_fine(field, value) or value is None or not any(_type_faults(field, value, ""))


def _is_hidden(field: Field) -> bool:
    return isinstance(field, serializers.HiddenField) and not isinstance(field, Fixed)


def _unknown(name: str, known: Mapping[str, Field], pointer: str) -> Fault:
    shown = name[:100]
    near = get_close_matches(shown, list(known), n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return Fault("unknown", f"There is no member {shown!r}.{hint}", pointer)


def _type_faults(field: Field, value: Json, pointer: str) -> Iterator[Fault]:
    if isinstance(field, MANY):
        yield from _list_faults(field, value, pointer)
    elif isinstance(field, serializers.Serializer):
        yield from () if _has_custom_reading(field) else _object_faults(field, value, pointer)
    elif isinstance(field, serializers.JSONField):
        said = "This number is too large for a JSON member; send it as a text."
        yield from (Fault("max_value", said, place) for place in too_large(value, pointer))
    elif isinstance(value, Mapping) and _is_dictionary(field):
        yield from _items_faults(field.child, value.items(), pointer)
    elif said := expected(field, value) or "":
        yield Fault("invalid", f"Expected {said}.", pointer)
    elif _is_blank_in(field, value):
        yield Fault("blank", "This field may not be blank.", pointer)


def _is_dictionary(field: Field) -> TypeGuard[serializers.DictField]:
    return isinstance(field, serializers.DictField) and not _has_custom_reading(field)


def _has_custom_reading(field: Field) -> bool:
    kind: type = field.__class__
    return has_custom_reading(kind)


def _is_blank_in(field: Field, value: Json) -> bool:
    if not isinstance(field, serializers.CharField) or not isinstance(value, str):
        return False
    return not field.allow_blank and is_blank(value)


def is_blank(text: str) -> bool:
    """Whether a text holds nothing but what Python or ECMAScript, and so JSON Schema, takes for white space."""
    return text.replace("\ufeff", " ").isspace()


def _object_faults(field: Serializer, value: Json, pointer: str) -> Iterator[Fault]:
    if isinstance(value, Mapping):
        yield from member_faults(field, value, None, pointer)
    else:
        yield Fault("invalid", "Expected an object.", pointer)


def _list_faults(field: Field, value: Json, pointer: str) -> Iterator[Fault]:
    if not isinstance(value, list):
        yield Fault("invalid", "Expected a list.", pointer)
        return
    yield from _items_faults(_item_of(field), enumerate(value), pointer)


def _items_faults(item: Field, members: Iterable[tuple[str | int, Json]], pointer: str) -> Iterator[Fault]:
    """Find the items of a list, or the members of a dictionary, that are not of the type that each is to have."""
    for place, member in members:
        if member is not None or not item.allow_null:
            yield from _type_faults(item, member, f"{pointer}/{escape(str(place))}")


def _item_of(field: Field) -> Field:
    """Return the field that reads one item of a list."""
    if isinstance(field, serializers.ManyRelatedField):
        return field.child_relation
    if isinstance(field, serializers.MultipleChoiceField):
        return serializers.ChoiceField(field.choices)
    return child_of(field)
