"""What a body must be before a serializer sees it: only known members, of the JSON type that the contract says.

DRF's fields are lenient (a text may be sent as a number, a boolean as "yes") and ignore unknown and
read-only members. A client finds its mistakes sooner when neither happens.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from django.db import models
from rest_framework import serializers

from serializers.core.json import escape
from serializers.core.problems import Fault
from serializers.core.times import parse_instant

ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MISSING = object()


def _is_instant(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(parse_instant(value))
    except ValueError:
        return False


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_date(value: Any) -> bool:
    return isinstance(value, str) and bool(ISO_DATE.fullmatch(value))


Test = Callable[[Any], bool]
TYPES: tuple[tuple[type[serializers.Field[Any, Any, Any, Any]], Test, str], ...] = (
    (serializers.BooleanField, lambda value: isinstance(value, bool), "true or false"),
    (serializers.IntegerField, _is_whole, "a whole number"),
    (serializers.FloatField, _is_number, "a number"),
    (serializers.DecimalField, lambda value: _is_text(value) or _is_number(value), "a decimal number"),
    (serializers.DateTimeField, _is_instant, "a time such as 2026-11-22T10:30:00Z"),
    (serializers.DateField, _is_date, "a date such as 2026-11-22"),
    (serializers.CharField, _is_text, "a text"),
    (serializers.UUIDField, _is_text, "a UUID"),
    (serializers.TimeField, _is_text, "a time of day"),
    (serializers.DurationField, _is_text, "an ISO 8601 duration"),
    (serializers.ListField, lambda value: isinstance(value, list), "a list"),
    (serializers.DictField, lambda value: isinstance(value, dict), "an object"),
)
"""The JSON type each kind of field takes. The first kind that fits a field counts."""


def member_faults(
    serializer: Any, body: Mapping[str, Any], stored: Mapping[str, Any] | None, pointer: str = ""
) -> Iterator[Fault]:
    """Find members that are unknown, read-only with another value than the stored one, or of the wrong type.

    Args:
        serializer: the fields that are known.
        body: what was sent.
        stored: what the row shows now; None for a row that is being created.
        pointer: where the body stands in the whole.
    """
    fields = serializer.fields
    for name, value in body.items():
        place = f"{pointer}/{escape(name)}"
        if name not in fields:
            near = get_close_matches(name, list(fields), n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            yield Fault("unknown", f"There is no member {name[:100]!r}.{hint}", place)
        elif fields[name].read_only:
            if stored is None or stored.get(name, MISSING) != value:
                yield Fault("read_only", f"{name} cannot be set.", place)
        elif value is not None:
            yield from _type_faults(fields[name], value, place)


def _type_faults(field: Any, value: Any, pointer: str) -> Iterator[Fault]:
    if isinstance(field, serializers.ListSerializer | serializers.ManyRelatedField | serializers.ListField):
        yield from _list_faults(field, value, pointer)
    elif isinstance(field, serializers.Serializer):
        if isinstance(value, Mapping):
            yield from member_faults(field, value, None, pointer)
    else:
        expected = _expected(field, value)
        if expected:
            yield Fault("invalid", f"Expected {expected}.", pointer)


def _list_faults(field: Any, value: Any, pointer: str) -> Iterator[Fault]:
    if not isinstance(value, list):
        yield Fault("invalid", "Expected a list.", pointer)
        return
    item = field.child_relation if isinstance(field, serializers.ManyRelatedField) else field.child
    for place, member in enumerate(value):
        yield from _type_faults(item, member, f"{pointer}/{place}")


def _expected(field: Any, value: Any) -> str | None:
    """Say what a field expects, where a value is not of that type."""
    if isinstance(field, serializers.ChoiceField):
        known = field.grouped_choices if isinstance(field, serializers.MultipleChoiceField) else field.choices
        return None if value in list(known) or value == "" else "one of " + ", ".join(map(str, known))
    if isinstance(field, serializers.PrimaryKeyRelatedField):
        return _expected_key(field, value)
    return next((said for kind, test, said in TYPES if isinstance(field, kind) and not test(value)), None)


def _expected_key(field: Any, value: Any) -> str | None:
    key = field.get_queryset().model._meta.pk
    if isinstance(key, models.IntegerField):
        return None if _is_whole(value) else "a whole number"
    return None if _is_text(value) else "a text"
