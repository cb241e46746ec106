"""How a body becomes a saved row: strict members, the serializer's own validation, then the model's rules.

May refuse: anything wrong with the body, all of it at once, each fault with its pointer.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from django.db.models import CheckConstraint, Model, Q
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail
from rest_framework.settings import api_settings
from rest_framework.validators import UniqueValidator

from resources.core.keys import UUIDv7Key
from serializers.core.json import escape
from serializers.core.problems import Fault, Refusal, refuse
from serializers.core.strict import member_faults

CONFLICTS = frozenset(("unique", "unique_together", "unique_for_date", "unique_for_month", "unique_for_year"))
Readable = Callable[[type[Model]], Q]


class UUIDv7(serializers.UUIDField):
    """A key that a client brings: it must be a UUID of version 7 (RFC 9562, section 5.7)."""

    default_error_messages = {"version": "Expected a UUID of version 7."}

    def to_internal_value(self, data: Any) -> Any:
        """Read the key."""
        value = super().to_internal_value(data)
        if value.version != 7:
            self.fail("version")
        return value


def prepare(serializer: Any, readable: Readable) -> None:
    """Make a serializer ready to read a body: keys may be brought, references lead to readable rows only.

    A reference to a row that the actor may not read is the same error as one to a row that does not exist.
    """
    model = serializer.Meta.model if hasattr(serializer, "Meta") else None
    key = serializer.fields.get("id")
    if model and issubclass(model, UUIDv7Key) and key is not None and serializer.instance is None:
        serializer.fields["id"] = UUIDv7(required=False, help_text=key.help_text, validators=[_unused(model)])
    elif key is not None and serializer.instance is not None:
        key.read_only = True
    for field in serializer.fields.values():
        reference = getattr(field, "child_relation", field)
        queryset = getattr(reference, "queryset", None)
        if queryset is not None:
            reference.queryset = queryset.all().filter(readable(queryset.model))


def _unused(model: type[Model]) -> UniqueValidator:
    return UniqueValidator(model._base_manager.all(), "A row with this id exists.")


def faults(serializer: Any, body: Any, stored: Mapping[str, Any] | None, pointer: str = "") -> list[Fault]:
    """Validate a body with a prepared serializer and return everything that is wrong with it."""
    if not isinstance(body, Mapping):
        return [Fault("invalid", "Expected an object.", pointer)]
    found = list(member_faults(serializer, body, stored, pointer))
    told = {fault.pointer for fault in found}
    if not serializer.is_valid(raise_exception=False):
        found += [fault for fault in error_faults(serializer.errors, pointer) if fault.pointer not in told]
    if not found:
        found += _rule_faults(serializer, pointer)
    return found


def error_faults(errors: Any, pointer: str = "") -> Iterator[Fault]:
    """Walk DRF's errors, whatever their form, and give each its pointer."""
    if isinstance(errors, ErrorDetail):
        yield Fault(str(errors.code), str(errors), pointer)
    elif isinstance(errors, Mapping):
        for name, inner in errors.items():
            whole = name in (api_settings.NON_FIELD_ERRORS_KEY, NON_FIELD_ERRORS)
            yield from error_faults(inner, pointer if whole else f"{pointer}/{escape(str(name))}")
    elif isinstance(errors, list | tuple):
        for place, inner in enumerate(errors):
            nested = isinstance(inner, Mapping | list | tuple)
            yield from error_faults(inner, f"{pointer}/{place}" if nested else pointer)
    else:
        yield Fault("invalid", str(errors), pointer)


def refusal(found: list[Fault]) -> Refusal:
    """Make the refusal of a body: a conflict where nothing else is wrong, otherwise invalid."""
    slug = "conflict" if all(fault.code in CONFLICTS for fault in found) else "invalid-body"
    detail = found[0].detail if len(found) == 1 else f"{len(found)} members are not valid."
    return refuse(slug, detail, found)


def replaced(serializer: Any, body: Mapping[str, Any]) -> dict[str, Any]:
    """Complete the body of a PUT: a member that was left out takes its default."""
    columns = {column.name: column for column in serializer.Meta.model._meta.concrete_fields}
    defaults = {}
    for name, field in serializer.fields.items():
        column = columns.get(field.source)
        if name in body or field.read_only or field.required or column is None:
            continue
        value = column.get_default()
        if value is not None or field.allow_null:
            defaults[name] = value if value is None else field.to_representation(value)
    return {**defaults, **body}


def merged(stored: Any, patch: Any) -> Any:
    """Apply a JSON Merge Patch (RFC 7396, section 2)."""
    if not isinstance(patch, Mapping):
        return patch
    result = dict(stored) if isinstance(stored, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result


def merge_json_columns(serializer: Any, body: Any) -> Any:
    """Merge the members of a patch that are JSON columns with what the row holds."""
    if not isinstance(body, Mapping):
        return body
    columns = {n for n, field in serializer.fields.items() if isinstance(field, serializers.JSONField)}
    row = serializer.instance
    return {
        name: merged(getattr(row, serializer.fields[name].source), value)
        if name in columns and value is not None
        else value
        for name, value in body.items()
    }


def _rule_faults(serializer: Any, pointer: str) -> Iterator[Fault]:
    """Ask the model's own rules: its `clean`, and the checks that the database would make."""
    model = getattr(getattr(serializer, "Meta", None), "model", None)
    if model is None:
        return
    candidate = _candidate(model, serializer)
    names = {field.source: name for name, field in serializer.fields.items()}
    try:
        candidate.clean()
        for constraint in model._meta.constraints:
            if isinstance(constraint, CheckConstraint):
                constraint.validate(model, candidate)
    except ValidationError as error:
        yield from _model_faults(error, names, pointer)


def _candidate(model: type[Model], serializer: Any) -> Model:
    """Make the row as it would be saved, without touching the one that is stored."""
    stored = serializer.instance
    candidate = model()
    if stored is not None:
        for column in model._meta.concrete_fields:
            setattr(candidate, column.attname, getattr(stored, column.attname))
        candidate._state.adding = False
    for name, value in serializer.validated_data.items():
        column = next((c for c in model._meta.concrete_fields if c.name == name), None)
        if isinstance(column, models.Field):
            setattr(candidate, name, value)
    return candidate


def _model_faults(error: ValidationError, names: Mapping[str, str], pointer: str) -> Iterator[Fault]:
    by_field = error.error_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.error_list}
    for field, errors in by_field.items():
        place = pointer if field == NON_FIELD_ERRORS else f"{pointer}/{escape(names.get(field, field))}"
        for one in errors:
            yield Fault(one.code or "invalid", one.messages[0], place)
