"""Forms: how what an HTML form sends (`multipart/form-data`, `x-www-form-urlencoded`) becomes a body as JSON has it.

A form knows texts and files only. Which text is a number, a list or a nested object, the fields of the serializer say;
DRF's own `get_value` finds them, so that names such as `stops[0]name` and `guest.name`, and what is left out of a form,
mean here what they mean there. From then on a form is held to what the contract says of bodies.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.utils.datastructures import MultiValueDict
from rest_framework import serializers
from rest_framework.fields import empty
from rest_framework.utils import html

from serializers.core.json import decode

NAME = re.compile(r"[^.\[]*")
"""What a name in a form begins with: the member, before what leads into it."""


def body_of(serializer: Any, form: MultiValueDict[str, Any]) -> dict[str, Any]:
    """Return the body that a form is to a serializer; a member that it does not know is kept, to be refused by name."""
    fields = serializer.fields.fields
    sent = dict.fromkeys(NAME.match(name)[0] for name in form)  # type: ignore[index]
    body = {name: form.get(name) for name in sent if name not in fields}
    for name, field in fields.items():
        value = form[name] if field.read_only and name in form else empty if field.read_only else field.get_value(form)
        if value is not empty:
            body[name] = value_of(field, value)
    return body


def value_of(field: Any, value: Any) -> Any:
    """Return what a text, or what DRF has found of several, is as JSON; what fits no other kind stays a text."""
    if isinstance(field, serializers.ManyRelatedField):
        return [value_of(field.child_relation, item) for item in value]
    if isinstance(field, (serializers.ListField, serializers.ListSerializer)):
        return [value_of(field.child, item) for item in value] if html.is_html_input(value) is False else value
    if isinstance(field, serializers.Serializer):
        return body_of(field, value) if isinstance(value, MultiValueDict) else value
    if isinstance(field, serializers.DictField) and isinstance(value, MultiValueDict):
        return {name: value_of(field.child, text) for name, text in value.items()}
    if not isinstance(value, str):
        return sorted(value) if isinstance(value, (set, frozenset)) else value
    return next((read(field, value) for kind, read in KINDS if isinstance(field, kind)), value)


def _boolean(field: Any, text: str) -> Any:
    if text in field.NULL_VALUES:
        return None
    return True if text in field.TRUE_VALUES else False if text in field.FALSE_VALUES else text


def _number(field: Any, text: str) -> Any:
    with suppress(ValueError):
        found = decode(text.encode())
        return found if isinstance(found, int | float) and not isinstance(found, bool) else text
    return text


def _choice(field: Any, text: str) -> Any:
    return field.choice_strings_to_values.get(text, text)


def _key(field: Any, text: str) -> Any:
    if field.pk_field is not None:
        return value_of(field.pk_field, text)
    key = field.get_queryset().model._meta.pk
    while key.is_relation:
        key = key.target_field
    return _number(field, text) if "Integer" in key.get_internal_type() or "Auto" in key.get_internal_type() else text


def _json(field: Any, text: str) -> Any:
    with suppress(ValueError):
        return decode(text.encode())
    return text  # of which DRF says that it is no JSON


KINDS: tuple[tuple[type[Any], Callable[[Any, str], Any]], ...] = (
    (serializers.BooleanField, _boolean),
    (serializers.IntegerField, _number),
    (serializers.FloatField, _number),
    (serializers.ChoiceField, _choice),
    (serializers.PrimaryKeyRelatedField, _key),
    (serializers.JSONField, _json),
)
"""How the texts of a form are read for fields whose JSON is none."""
