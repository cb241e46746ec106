"""Two names of one column while both live: a body may use either, and both where they say the same."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import partial

from rest_framework import serializers
from rest_framework.fields import empty

from resources.core.database.columns import Column
from serializers.core.json import Json, round_trip, same
from serializers.core.kinds import Field, Serializer
from serializers.core.write.model_rules import model_of

CONTRADICTION = "contradiction"
"""The code of what is wrong with two names that say different things, of which one may say what is stored."""


def new_names(serializer: Serializer, old_names: Collection[str]) -> dict[str, str]:
    """Return the members that are written to the same column as old ones, by the old ones' names."""
    writable = {name: field for name, field in serializer.fields.items() if not field.read_only}
    new = {field.source: name for name, field in writable.items() if name not in old_names}
    return {name: new[writable[name].source] for name in old_names if name in writable and writable[name].source in new}


def settle_names(serializer: Serializer, old_names: Collection[str]) -> None:
    """Let a serializer read the name that its body uses: the other one is neither missing nor set to its default.

    Of a body that is not known yet, as of each of a list that is read at once, either may be missing.
    """
    pairs = new_names(serializer, old_names)
    model = model_of(serializer)
    columns = {each.name: each for each in model._meta.concrete_fields} if model is not None else {}
    body = getattr(serializer, "initial_data", None)
    for names in pairs.items():
        old, new = (serializer.fields[name] for name in names)
        if not isinstance(body, Mapping):
            old.required = new.required = False
        elif names[0] not in body:
            _leave_out(old)
        elif names[1] not in body:
            _leave_out(new)
        else:
            _hold_to(old, new, body[names[1]], columns.get(str(old.source)))


def _leave_out(field: Field) -> None:
    field.read_only, field.required, field.default = True, False, empty


def _stored[Value](column: Column | None, value: Value) -> Value:
    """Return a value as the column has it, whatever form a field gives it; a related row is itself."""
    return value if column is None or column.is_relation or value is None else column.to_python(value)


def _hold_to(old: Field, new: Field, sent: Json, column: Column | None) -> None:
    """Let the old name take only what the new one says in its own form; what is wrong with that is told of itself."""
    vars(old)["run_validation"] = partial(_read_both, old.run_validation, old, new, sent, column)


def _read_both[Value](
    read: Callable[[Json], Value], old: Field, new: Field, sent: Json, column: Column | None, data: Json
) -> Value:
    value = read(data)
    try:
        other: Value = new.run_validation(sent)
    except serializers.ValidationError:
        return value
    if _stored(column, value) != _stored(column, other) and not _shows(old, other, data):
        raise serializers.ValidationError(
            f"{old.field_name} is the old name of {new.field_name}, and says something else. Send one of them.",
            CONTRADICTION,
        )
    return other  # which may say more: the old name may show a decimal as a whole number


def _shows[Value](old: Field, value: Value, sent: Json) -> bool:
    """Whether the old name shows a value as what was sent: a client may send back what it has read."""
    try:
        return value is not None and same(round_trip(old.to_representation(value)), sent)
    except (AttributeError, TypeError, ValueError):
        return False
