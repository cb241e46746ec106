"""Takes a body that is plainly right, without what DRF does for the sake of one that is not.

What is worked out about a serializer once is asked of each of its bodies. It gives the very values that DRF would, or
none at all: whatever is wrong, or not known to be right, goes DRF's way, which also knows how to say it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from django.core import validators as django
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db.models import Model
from rest_framework import serializers
from rest_framework.fields import SkipField, empty
from rest_framework.validators import ProhibitSurrogateCharactersValidator

from serializers.core.fields import WIDEST
from serializers.core.json import Json
from serializers.core.json_types import tests_of_key
from serializers.core.kinds import Field, Serializer
from serializers.core.write.batch_lookup import rows_of
from serializers.core.write.members import Shown, fits, is_blank, member_faults
from serializers.core.write.uniqueness import Ask
from serializers.core.write.values import Values

type Read = Callable[[Json], object]
"""Reads a value of a body, as its column or its field has it."""
type Plain = bool | int | float | str | Model | None
"""What a value is that is taken for what it is."""
type ReadPlain = Callable[[Json], Plain]
type Check = Callable[[Plain], None]
"""What a validator asks of a value; raises where it is not as it should be."""
type Within = Callable[..., bool]
"""Whether a value, of the type that its validator is for, is within a limit."""
type Limit = tuple[Within, int | float]
"""What is asked of a value, and the limit."""

READING = (
    *("is_valid", "run_validation", "validate_empty_values", "to_internal_value", "set_value"),
    *("run_validators", "_writable_fields", "_read_only_defaults"),
)
"""The methods by which DRF reads a body."""
LEAVING_OUT = (serializers.Field, serializers.CharField, serializers.RelatedField)
"""The classes whose `run_validation` leaves out what is not sent."""
LIMITS: Mapping[type, Within] = {
    django.MaxLengthValidator: lambda value, limit: len(value) <= limit,
    django.MinLengthValidator: lambda value, limit: len(value) >= limit,
    django.MaxValueValidator: lambda value, limit: bool(value <= limit),
    django.MinValueValidator: lambda value, limit: bool(value >= limit),
}
"""What the validators that have a limit ask."""
UNFIT = re.compile("[\x00\ud800-\udfff]")
OF_TEXTS = (django.ProhibitNullCharactersValidator, ProhibitSurrogateCharactersValidator)
"""What DRF asks of every text; `UNFIT` asks both."""
ACCEPTANCE = "_acceptance"
"""Where a prepared serializer has noted how it takes bodies quickly."""


class Doubtful(ValueError):
    """A value that is not plainly right."""


class Step(NamedTuple):
    """How one member is read.

    Attributes:
        name, source: what a body calls it, and what the model does.
        read: reads a value; raises Doubtful, or what DRF's fields raise.
        absent: gives the value where a body has none, and may raise SkipField, too; None where it is left out.
        method: the name of the serializer's own `validate_...`, if it has one.
    """

    name: str
    source: str
    read: Read
    absent: Callable[[], object] | None
    method: str | None


class Acceptance:
    """What is worked out about a prepared serializer, and asked of all that read their bodies alike."""

    def __init__(self, serializer: Serializer) -> None:
        """Take the serializer."""
        fields = [field for field in serializer.fields.values() if not field.read_only]
        self.steps = [_step(serializer, field) for field in fields]
        self.known = {str(field.field_name) for field in fields if not isinstance(field, serializers.HiddenField)}

    def take(self, serializer: Serializer, stored: Shown | None) -> bool:
        """Validate a body, if it is plainly right."""
        body = serializer.initial_data
        if type(body) is not dict:
            return False
        others = {name: body[name] for name in body.keys() - self.known}
        if others and any(member_faults(serializer, others, stored)):
            return False
        try:
            values = self._values(serializer, body)
        except (Doubtful, serializers.ValidationError, ValidationError):
            return False
        vars(serializer).update(_validated_data=values, _errors={})
        return True

    def _values(self, serializer: Serializer, body: Mapping[str, Json]) -> Values:
        values: dict[str, object] = {}
        for name, source, read, absent, method in self.steps:
            if name in body:
                value = read(body[name])
            elif absent is None:
                continue
            else:
                try:
                    value = absent()
                except SkipField:
                    continue
            values[source] = value if method is None else getattr(serializer, method)(value)
        if serializer.validators:
            serializer.run_validators(values)
        found: Values | None = serializer.validate(values)
        if found is None:
            raise Doubtful
        return found


def accept(serializer: Serializer) -> None:
    """Let a prepared serializer, and its copies, take bodies quickly, unless it reads them in a way of its own."""
    fields = [field for field in serializer.fields.values() if not field.read_only]
    simple = all(len(field.source_attrs) == 1 and _is_given_by_name(type(field)) for field in fields)
    if simple and _reads_as_drf_does(type(serializer)):
        vars(serializer)[ACCEPTANCE] = Acceptance(serializer)


def acceptance_of(serializer: Serializer) -> Acceptance | None:
    """Return how a prepared serializer takes bodies quickly; None where it does not."""
    known: Acceptance | None = vars(serializer).get(ACCEPTANCE)
    return known


def accepts(serializer: Serializer, stored: Shown | None) -> bool:
    """Validate the body of a serializer, if it takes bodies quickly, and this one is plainly right.

    Args:
        serializer: holds the body.
        stored: what the row shows now; None for a new one.
    """
    known = acceptance_of(serializer)
    return known is not None and known.take(serializer, stored)


def _reads_as_drf_does(kind: type[Serializer]) -> bool:
    return all(getattr(kind, name, None) is getattr(serializers.Serializer, name) for name in READING)


def _is_given_by_name(kind: type[Field]) -> bool:
    return kind.get_value.__module__.startswith("rest_framework.")


def _step(serializer: Serializer, field: Field) -> Step:
    name = str(field.field_name)
    method = f"validate_{name}"
    make = PLAIN.get(type(field))
    read = None if make is None or getattr(field, "trim_whitespace", False) else make(field)
    return Step(
        name,
        field.source or name,
        partial(_as_drf, field) if read is None else partial(_plainly, read, *_validators(field), field.allow_null),
        None if _is_left_out(field, partial=serializer.partial) else partial(field.run_validation, empty),
        method if hasattr(serializer, method) else None,
    )


def _is_left_out(field: Field, *, partial: bool) -> bool:
    kind, optional = type(field), partial or (not field.required and field.default is empty)
    usual = kind.run_validation in {known.run_validation for known in LEAVING_OUT}
    return usual and optional and kind.validate_empty_values is serializers.Field.validate_empty_values


def _as_drf(field: Field, value: Json) -> object:  # whatever a field makes of it
    if not fits(field, value):
        raise Doubtful
    return field.run_validation(value)


def _plainly(
    read: ReadPlain, limits: Sequence[Limit], validators: Sequence[Check], nullable: bool, sent: Json
) -> Plain:
    if sent is None:
        if not nullable:
            raise Doubtful
        return None
    value = read(sent)
    if value == "":  # of which DRF asks no more
        return value
    for within, limit in limits:
        if not within(value, limit):
            raise Doubtful
    for validate in validators:
        validate(value)
    return value


def _validators(field: Field) -> tuple[list[Limit], list[Check]]:
    """Return the limits of a field, and what else is asked of its values."""
    limits: list[Limit] = []
    others: list[Check] = []
    for validator in field.validators:
        within, limit = LIMITS.get(type(validator)), getattr(validator, "limit_value", None)
        if within is not None and limit is not None and not callable(limit):
            limits.append((within, limit))
        elif type(validator) not in OF_TEXTS:
            others.append(_check(validator, field))
    return limits, others


def _check(validator: Ask, field: Field) -> Check:
    if getattr(validator, "requires_context", False):
        return lambda value: validator(value, field)
    return validator


def _boolean(value: Json) -> bool:
    if type(value) is not bool:
        raise Doubtful
    return value


def _whole(value: Json) -> int:
    if type(value) is not int or not WIDEST[0] <= value <= WIDEST[1]:
        raise Doubtful
    return value


def _number(value: Json) -> float:
    if type(value) is not float:
        return float(_whole(value))
    if not math.isfinite(value):
        raise Doubtful
    return value


def _text(field: Field) -> ReadPlain:
    may_be_blank = isinstance(field, serializers.CharField) and field.allow_blank

    def read(value: Json) -> str:
        if type(value) is not str or UNFIT.search(value):
            raise Doubtful
        if not may_be_blank and (value == "" or is_blank(value)):
            raise Doubtful
        return value

    return read


def _reference(field: Field) -> ReadPlain | None:
    """Read a key; what the fields of a list and of one body hold in place of a queryset is quick to ask."""
    if getattr(field, "pk_field", None) is not None:
        return None
    rows = rows_of(field)
    test, _ = tests_of_key(rows.model)

    def read(value: Json) -> Model:
        if not test(value):
            raise Doubtful
        try:
            return rows.get(pk=value)
        except (ObjectDoesNotExist, TypeError, ValueError):
            raise Doubtful from None

    return read


PLAIN: Mapping[type, Callable[[Field], ReadPlain | None]] = {
    serializers.BooleanField: lambda _: _boolean,
    serializers.IntegerField: lambda _: _whole,
    serializers.BigIntegerField: lambda _: _whole,
    serializers.FloatField: lambda _: _number,
    serializers.CharField: _text,
    serializers.PrimaryKeyRelatedField: _reference,
}
"""How values are read for the fields of DRF's own that are met most: such values are taken for what they are."""
