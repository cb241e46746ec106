"""What a body means beside the row that is stored: the whole of it (PUT), or a patch of its JSON columns (PATCH)."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from django.db.models import Model, Value
from django.db.models.expressions import DatabaseDefault
from rest_framework import serializers
from rest_framework.fields import empty

from serializers.core.write.model_rules import model_of


def complete(serializer: Any, body: Any, repeated: Collection[str] = ()) -> None:
    """Complete what is read from the body of a PUT: a member that was left out takes its default.

    A default is taken, and not validated as input: it is what a new row would have. One of the serializer's own is left
    to DRF; one that only the database can tell is added when all has been validated (`add_expressions`).

    Args:
        serializer: of a stored row, ready to read the body.
        body: as it was sent.
        repeated: members that are left out of it, since they repeat what is stored (`repeat`).
    """
    model = model_of(serializer)
    if model is None or not isinstance(body, Mapping):
        return
    columns = {column.name: column for column in model._meta.get_fields()}
    left_out = {
        field.source: columns[field.source]
        for name, field in serializer.fields.items()
        if not (name in body or name in repeated or field.read_only or field.required)
        and field.default is empty
        and field.source in columns
    }
    defaults = {source: value for source, column in left_out.items() for value in _default(column)}
    serializer.expressions = {name: value for name, value in defaults.items() if isinstance(value, DatabaseDefault)}
    _add(serializer, {name: value for name, value in defaults.items() if name not in serializer.expressions})


def repeat(serializer: Any, names: Collection[str]) -> None:
    """Let members that repeat what is stored count as read, and stay as they are, whatever is asked of new values."""
    stored = {}
    for name in names:
        field = serializer.fields[name]
        field.read_only, field.required = True, False
        if len(field.source_attrs) == 1 and not isinstance(field, serializers.ManyRelatedField):
            stored[field.source] = getattr(serializer.instance, field.source, None)
    serializer.unwritten = frozenset(stored)
    _add(serializer, stored)


def settle(serializer: Any) -> None:
    """Add to what was validated the defaults that only the database can tell; take away what stays as it is."""
    values = serializer.validated_data
    for name in getattr(serializer, "unwritten", ()):
        values.pop(name, None)
    for name, expression in getattr(serializer, "expressions", {}).items():
        values.setdefault(name, expression)


def _add(serializer: Any, values: Mapping[str, Any]) -> None:
    """Let a serializer read some values besides those of its body."""
    if values:
        read = serializer.to_internal_value
        serializer.to_internal_value = lambda data: {**values, **read(data)}


def _default(column: Any) -> Iterator[Any]:
    """Yield the default of a column: a value, or an expression; nothing, where a new row would need one."""
    if column.many_to_many:
        yield []
    if not column.concrete or column.many_to_many:
        return
    value = constant(column.get_default())
    if isinstance(value, DatabaseDefault):
        yield value
    elif value is None:
        yield from [None] if column.null else []
    elif column.is_relation:
        target = column.target_field
        rows = target.model._base_manager.filter(**{target.name: value})
        yield from [value] if isinstance(value, Model) else rows[:1]
    else:
        yield column.to_python(value)


def constant(default: Any) -> Any:
    """Return the value of a default that the database has, where it is one that is written down."""
    expression = getattr(default, "expression", None) if isinstance(default, DatabaseDefault) else None
    return expression.value if isinstance(expression, Value) else default


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


def with_merged_columns(serializer: Any, body: Any) -> Any:
    """Merge the members of a patch that are JSON columns with what the row holds."""
    if not isinstance(body, Mapping):
        return body
    return {name: _merged_column(serializer, name, value) for name, value in body.items()}


def _merged_column(serializer: Any, name: str, value: Any) -> Any:
    field = serializer.fields.get(name)
    if not isinstance(field, serializers.JSONField) or field.read_only or value is None:
        return value
    return merged(field.get_attribute(serializer.instance), value)
