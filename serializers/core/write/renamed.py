"""Two names of one column while both live: a body may use either, and both where they say the same."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from rest_framework import serializers
from rest_framework.fields import empty

from serializers.core.json import Json
from serializers.core.kinds import Field, Serializer


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
            _hold_to(old, new, body[names[1]])


def _leave_out(field: Field) -> None:
    field.read_only, field.required, field.default = True, False, empty


def _hold_to(old: Field, new: Field, sent: Json) -> None:
    """Let the old name take only what the new one says in its own form; what is wrong with that is told of itself."""
    read: Callable[[object], object] = old.run_validation

    def run_validation(data: object = empty) -> object:
        value = read(data)
        try:
            other = new.run_validation(sent)
        except serializers.ValidationError:
            return value
        if value != other:
            raise serializers.ValidationError(
                f"{old.field_name} is the old name of {new.field_name}, and says something else. Send one of them.",
                "conflict",
            )
        return value

    vars(old)["run_validation"] = run_validation
