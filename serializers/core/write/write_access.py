"""Keeps the writer of a body from what they may not see, which is an unknown member, or see and not write."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from django.db.models import Model
from rest_framework import serializers
from rest_framework.fields import empty

from resources.core.access.hidden_fields import NOTHING, Hidden, conceals
from serializers.core.json import escape
from serializers.core.kinds import Serializer, Validator
from serializers.core.paths import source_of
from serializers.core.problems import Fault
from serializers.core.write.model_rules import BROKEN, UNSEEN, model_of, unseen


@dataclass(frozen=True, slots=True)
class Guard:
    """What the writer of a body may not say.

    Attributes:
        model: whose rows are written; None where nothing is kept from anybody.
        hidden: what they may not see.
        fixed: what they may not write.
    """

    model: type[Model] | None = None
    hidden: Hidden = NOTHING
    fixed: Hidden = NOTHING


UNGUARDED = Guard()


class Fixed(serializers.HiddenField):
    """A member that its writer may see and not set: in a new row it takes the serializer's own default."""


def protect(levels: Iterable[Serializer], guard: Guard) -> None:
    """Take from a serializer, and from those nested in it, what its writer may not say."""
    if guard.model is None or not (guard.hidden or guard.fixed):
        return
    for place, level in enumerate(levels):
        model = model_of(level) if place else _of_root(level, guard.model)
        if model is not None:
            _protect(level, replace(guard, model=model), new=_is_new(level))


def _is_new(serializer: Serializer) -> bool:
    return serializer.root.instance is None


def _of_root(serializer: Serializer, model: type[Model]) -> type[Model]:
    """Return whose rows the outermost serializer writes: an action may have one for another model than its resource."""
    written = model_of(serializer) or model
    return model if written._meta.concrete_model is model._meta.concrete_model else written


def hidden_in(serializer: Serializer, model: type[Model] | None, hidden: Hidden) -> set[str]:
    """Return the members of a serializer that show what is hidden."""
    if model is None or not hidden:
        return set()
    model = _of_root(serializer, model)
    return {name for name, field in serializer.fields.items() if conceals(hidden, model, source_of(field).shown_path)}


def _protect(serializer: Serializer, guard: Guard, *, new: bool) -> None:
    assert guard.model is not None  # noqa: S101
    model, fields = guard.model, serializer.fields.items()
    hidden = hidden_in(serializer, model, guard.hidden)
    fixed = {name for name, field in fields if conceals(guard.fixed, model, source_of(field).path)} - hidden
    columns = {path[0] for start, path in guard.hidden if start is model and len(path) == 1}
    vars(serializer)[UNSEEN] = frozenset(hidden | columns)
    for name in hidden | fixed:
        _leave_out(serializer, name, seen=name in fixed, new=new)
    unasked = unseen(serializer) | (fixed if new else set())
    serializer.validators = [each for each in serializer.validators if unasked.isdisjoint(_names_of(each))]


def _leave_out(serializer: Serializer, name: str, *, seen: bool, new: bool) -> None:
    """Take a member out, or make it read-only; in a new row a default of the serializer's own counts all the same."""
    field = serializer.fields[name]
    if new and not field.read_only and field.default is not empty:
        source = None if field.source == name else field.source
        serializer.fields[name] = (Fixed if seen else serializers.HiddenField)(default=field.default, source=source)
    elif seen:
        field.read_only, field.required = True, False
    else:
        del serializer.fields[name]


def _names_of(validator: Validator) -> set[str]:
    """Return the members that a validator of a whole serializer names in what it says."""
    named = {getattr(validator, name, None) for name in ("field", "date_field")}
    return {*getattr(validator, "fields", ()), *(name for name in named if name)}


def discreet(found: Iterable[Fault], serializer: Serializer, pointer: str) -> Iterator[Fault]:
    """Say of faults that lead to what the writer may not see nothing but that there is one."""
    places = {f"{pointer}/{escape(name)}" for name in unseen(serializer)}
    if not places:
        yield from found
        return
    for fault in found:
        hidden = any(fault.pointer == place or (fault.pointer or "").startswith(f"{place}/") for place in places)
        yield Fault("invalid", BROKEN, pointer) if hidden else fault
