"""Forms: how what an HTML form sends (`multipart/form-data`, `x-www-form-urlencoded`) becomes a body as JSON has it.

A form knows texts and files only. Which text is a number, a list or a nested object, the fields of the serializer say;
DRF's own `get_value` finds them, so that names such as `stops[0]name` and `guest.name`, and what is left out of a form,
mean here what they mean there. From then on a form is held to what the contract says of bodies.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress

from django.core.files import File
from django.db.models import Model
from django.utils.datastructures import MultiValueDict
from rest_framework import serializers
from rest_framework.fields import empty

from resources.core.database.columns import value_column
from serializers.core.json import Json, decode
from serializers.core.kinds import Field, Serializer, child_of

INTO = re.compile(r"[.\[]")
"""What stands in a name of a form between the member and what leads into it."""

type Part = str | File[str] | File[bytes]
"""What a form sends under a name."""
type Form = MultiValueDict[str, Part]
"""What a form sends, or the part of it that is about one object."""
type Body = Json | File[str] | File[bytes] | Sequence[Body] | dict[str, Body]
"""JSON, in which a file stands as it is."""


def body_of(serializer: Serializer, form: Form) -> dict[str, Body]:
    """Return the body that a form is to a serializer; a member that it does not know is kept, to be refused by name."""
    fields = serializer.fields.fields
    names = dict.fromkeys(INTO.split(name)[0] for name in form)
    body: dict[str, Body] = {name: form.get(name) for name in names if name not in fields}
    for name, field in fields.items():
        if not field.read_only:
            value = field.get_value(form)
            if value is not empty:
                body[name] = value_of(field, value)
        elif name in form:
            body[name] = value_of(field, form.getlist(name)[-1])
    return body


def value_of(field: Field, value: Body | Form | set[str]) -> Body:
    """Return what a text, or what DRF has found of several, is as JSON; what fits no other kind stays a text."""
    if isinstance(field, serializers.ManyRelatedField) and isinstance(value, list | str):
        return [value_of(field.child_relation, item) for item in value]
    if isinstance(field, serializers.ListField | serializers.ListSerializer) and isinstance(value, list | str):
        return [value_of(child_of(field), item) for item in value]
    if isinstance(value, MultiValueDict):
        return _object(field, value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    return _read(field, value) if isinstance(value, str) else value


def _object(field: Field, form: Form) -> Body:
    """Return the members of an object, or of a dictionary, which DRF has found in a form."""
    if isinstance(field, serializers.Serializer):
        return body_of(field, form)
    texts: dict[str, Body] = {name: form.getlist(name)[-1] for name in form}
    if not isinstance(field, serializers.DictField):
        return texts
    return {name: value_of(child_of(field), text) for name, text in texts.items()}


def _read(field: Field, text: str) -> Body:
    """Read a text for a field whose JSON is none."""
    if isinstance(field, serializers.BooleanField):
        return _boolean(field, text)
    if isinstance(field, serializers.IntegerField | serializers.FloatField):
        return _number(text)
    if isinstance(field, serializers.ChoiceField):
        return _choice(field, text)
    if isinstance(field, serializers.PrimaryKeyRelatedField):
        return _key(field, text)
    return _json(text) if isinstance(field, serializers.JSONField) else text


def _boolean(field: serializers.BooleanField, text: str) -> bool | str | None:
    if text in field.NULL_VALUES:
        return None
    return True if text in field.TRUE_VALUES else False if text in field.FALSE_VALUES else text


def _number(text: str) -> int | float | str:
    value = _json(text)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else text


def _choice(field: serializers.ChoiceField, text: str) -> Body:
    value: Json = field.choice_strings_to_values.get(text, text)
    return value


def _key(field: serializers.PrimaryKeyRelatedField[Model], text: str) -> Body:
    if field.pk_field is not None:
        return value_of(field.pk_field, text)
    rows = field.get_queryset()
    assert rows is not None  # noqa: S101 - DRF does not start without
    kind = value_column(rows.model._meta.pk).get_internal_type()
    return _number(text) if "Integer" in kind or "Auto" in kind else text


def _json(text: str) -> Json:
    with suppress(ValueError):
        return decode(text.encode())
    return text  # of which DRF says that it is no JSON
