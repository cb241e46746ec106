"""What a body means beside the row that is stored: the whole of it (PUT), or a patch of its JSON columns (PATCH)."""

from collections.abc import Collection, Iterator

from django.db.models import Field, ForeignObject, ManyToManyField, Model, Value
from django.db.models.expressions import DatabaseDefault
from rest_framework import serializers
from rest_framework.fields import empty

from resources.core.database.columns import Column
from serializers.core.json import Json
from serializers.core.kinds import Serializer
from serializers.core.write.model_rules import model_of
from serializers.core.write.values import Values


def complete(serializer: Serializer, body: Json, repeated: Collection[str] = ()) -> None:
    """Complete what is read from the body of a PUT: a member that was left out takes its default.

    A default is taken, and not validated as input: it is what a new row would have. One of the serializer's own is left
    to DRF; one that only the database can tell is added when all has been validated (`add_expressions`).

    Args:
        serializer: of a stored row, ready to read the body.
        body: as it was sent.
        repeated: members that are left out of it, since they repeat what is stored (`repeat`).
    """
    model = model_of(serializer)
    if model is None or not isinstance(body, dict):
        return
    columns = {column.name: column for column in model._meta.get_fields() if isinstance(column, Field)}
    left_out = {
        field.source: columns[field.source]
        for name, field in serializer.fields.items()
        if not (name in body or name in repeated or field.read_only or field.required)
        and field.default is empty
        and field.source in columns
    }
    defaults = {source: value for source, column in left_out.items() for value in _default(column)}
    expressions = {name: value for name, value in defaults.items() if isinstance(value, DatabaseDefault)}
    vars(serializer)["expressions"] = expressions
    _add(serializer, {name: value for name, value in defaults.items() if name not in expressions})


def repeat(serializer: Serializer, names: Collection[str]) -> None:
    """Let members that repeat what is stored count as read, and stay as they are, whatever is asked of new values."""
    stored: dict[str, object] = {}
    for name in names:
        field = serializer.fields[name]
        field.read_only, field.required = True, False
        if len(field.source_attrs) == 1 and not isinstance(field, serializers.ManyRelatedField):
            source = field.source or name
            stored[source] = getattr(serializer.instance, source, None)
    vars(serializer)["unwritten"] = frozenset(stored)
    _add(serializer, stored)


def settle(serializer: Serializer) -> None:
    """Add to what was validated the defaults that only the database can tell; take away what stays as it is."""
    values = serializer.validated_data
    for name in vars(serializer).get("unwritten", ()):
        values.pop(name, None)
    for name, expression in vars(serializer).get("expressions", {}).items():
        values.setdefault(name, expression)


def _add(serializer: Serializer, values: Values) -> None:
    """Let a serializer read some values besides those of its body."""
    if values:
        read = serializer.to_internal_value
        vars(serializer)["to_internal_value"] = lambda data: {**values, **read(data)}


def _default(column: Column) -> Iterator[object]:
    """Yield the default of a column: a value, or an expression; nothing, where a new row would need one."""
    if isinstance(column, ManyToManyField):
        yield []
    if not column.concrete or isinstance(column, ManyToManyField):
        return
    value = constant(column.get_default())
    if isinstance(value, DatabaseDefault):
        yield value
    elif value is None:
        yield from [None] if column.null else []
    elif isinstance(column, ForeignObject):
        target = column.target_field
        rows = target.model._base_manager.filter(**{target.name: value})
        yield from [value] if isinstance(value, Model) else rows[:1]
    else:
        yield column.to_python(value)


def constant[Default](default: Default) -> Default:
    """Return the value of a default that the database has, where it is one that is written down."""
    expression = getattr(default, "expression", None) if isinstance(default, DatabaseDefault) else None
    value: Default = expression.value if isinstance(expression, Value) else default
    return value


def merge(stored: Json, patch: Json) -> Json:
    """Apply a JSON Merge Patch (RFC 7396, section 2)."""
    if not isinstance(patch, dict):
        return patch
    result = dict(stored) if isinstance(stored, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merge(result.get(name), value)
    return result


def merge_columns(serializer: Serializer, body: Json) -> Json:
    """Merge the members of a patch that are JSON columns with what the row holds."""
    if not isinstance(body, dict):
        return body
    return {name: _merge_column(serializer, name, value) for name, value in body.items()}


def _merge_column(serializer: Serializer, name: str, value: Json) -> Json:
    field = serializer.fields.get(name)
    if not isinstance(field, serializers.JSONField) or field.read_only or value is None:
        return value
    stored: Json = getattr(field, "get_attribute")(serializer.instance)  # noqa: B009 - any JSON, and not what DRF's stubs say
    return merge(stored, value)
