"""Uniqueness: asked of a body that is right otherwise, among the rows that its writer may read.

DRF asks it while it reads a body. Here it is asked afterwards, so that the policy can be asked of the new row before.
What a row that nobody may know of has taken is left to the database, which has the last word in any case.

May refuse: what another row has already. That is a conflict, whatever the code that a constraint gives it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace

from django.core.exceptions import ValidationError
from django.db import models
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail
from rest_framework.fields import get_error_detail
from rest_framework.validators import BaseUniqueForValidator, UniqueTogetherValidator, UniqueValidator

from resources.core.policy import ALL
from serializers.core.json import escape
from serializers.core.kinds import Field, Serializer
from serializers.core.problems import Fault
from serializers.core.write.model_rules import model_of
from serializers.core.write.references import Readable
from serializers.core.write.values import Values

type Rule = UniqueValidator | UniqueTogetherValidator | BaseUniqueForValidator
"""A validator of DRF's that asks what other rows have."""
type Ask = Callable[..., None]
"""Raises where another row has it. Is given a value and its field, or all values and the serializer."""
type Details = Sequence[str | Details] | Mapping[str, Details]
"""What DRF says is wrong; its texts have codes."""

ALONE: tuple[type[Rule], ...] = (UniqueValidator,)
TOGETHER: tuple[type[Rule], ...] = (UniqueTogetherValidator, BaseUniqueForValidator)
RULES = "uniqueness"
"""Where a prepared serializer has noted what was set apart from it."""


@dataclass(frozen=True, slots=True)
class Uniqueness:
    """A validator of uniqueness, set apart from the serializer that it belongs to.

    Attributes:
        validator: DRF's, or what answers in its place.
        rule: DRF's, in any case.
        names: the members that it compares.
        alone: whether it is one of a field, and takes its value; the others take all values.
    """

    validator: Ask
    rule: Rule
    names: tuple[str, ...]
    alone: bool

    @property
    def members(self) -> tuple[str, ...]:
        """Return the members that it looks at: those that it compares, and those that say whether it does."""
        return (*self.names, *getattr(self.rule, "condition_fields", ()))

    def faults(self, serializer: Serializer, values: Values, pointer: str) -> Iterator[Fault]:
        """Ask it, and yield what is wrong: a conflict, or a member that it needs and that is missing."""
        try:
            if self.alone:
                field = serializer.fields[self.names[0]]
                for value in _value(field, values):
                    self.validator(value, field)
            else:
                self.validator({**serializer._read_only_defaults(), **values}, serializer)
        except serializers.ValidationError as error:
            yield from self._faults(error.detail, pointer)
        except ValidationError as error:
            yield from self._faults(get_error_detail(error), pointer)

    def place(self, pointer: str) -> str:
        """Return where the fault is: the member, if it is about one alone."""
        return f"{pointer}/{escape(self.names[0])}" if len(self.names) == 1 else pointer

    def broken(self, pointer: str) -> Fault:
        """Return the conflict, for where the database has found it."""
        words, code = str(self.rule.message), "unique"
        if isinstance(self.rule, UniqueTogetherValidator):
            words, code = words.format(field_names=", ".join(self.rule.fields)), self.rule.code
        return Fault(code, words, self.place(pointer), is_conflict=True)

    def _faults(self, detail: Details, pointer: str) -> Iterator[Fault]:
        for name, errors in detail.items() if isinstance(detail, Mapping) else [(None, detail)]:
            place = self.place(pointer) if name is None else f"{pointer}/{escape(name)}"
            for error in errors if isinstance(errors, list) else [errors]:
                code = str(error.code) if isinstance(error, ErrorDetail) else "invalid"
                yield Fault(code, str(error), place, is_conflict=code != "required")


def set_apart(serializer: Serializer, readable: Readable) -> None:
    """Take the validators of uniqueness from a prepared serializer; they see the rows that its writer may read."""
    fields = [(name, field) for name, field in serializer.fields.items() if not field.read_only]
    apart = [Uniqueness(each, each, (name,), alone=True) for name, field in fields for each in _take(field, ALONE)]
    apart += [Uniqueness(each, each, _members(each), alone=False) for each in _take(serializer, TOGETHER)]
    written = model_of(serializer)
    replace_rules(serializer, [_restricted(each, written, readable) for each in apart])


def _take(owner: Field, kinds: tuple[type[Rule], ...]) -> list[Rule]:
    """Take some validators from a field or a serializer."""
    rules: list[Rule] = [each for each in owner.validators if isinstance(each, kinds)]
    if rules:
        owner.validators = [each for each in owner.validators if not isinstance(each, kinds)]
    return rules


def _members(rule: Rule) -> tuple[str, ...]:
    if isinstance(rule, UniqueTogetherValidator):
        return tuple(rule.fields)
    return (rule.field, rule.date_field) if isinstance(rule, BaseUniqueForValidator) else ()


def _restricted(each: Uniqueness, written: type[models.Model] | None, readable: Readable) -> Uniqueness:
    model = each.rule.queryset.model
    # The rows of one table may be several resources: what counts is the one that is written.
    mine = written is not None and issubclass(written, model._meta.concrete_model)
    allowed = readable(written if written is not None and mine else model)
    if allowed is ALL:
        return each
    rule = copy(each.rule)
    rule.queryset = rule.queryset.all().filter(allowed)
    return replace(each, validator=rule, rule=rule)


def of(serializer: Serializer) -> Sequence[Uniqueness]:
    """Return what has been set apart from a serializer."""
    rules: Sequence[Uniqueness] = vars(serializer).get(RULES, ())
    return rules


def replace_rules(serializer: Serializer, rules: Sequence[Uniqueness]) -> None:
    """Let a serializer have other rules than those that were set apart from it."""
    vars(serializer)[RULES] = rules


def conflicts(serializer: Serializer, values: Values, pointer: str, wrong: Collection[str] = ()) -> Iterator[Fault]:
    """Find what other rows have already.

    Args:
        serializer: from which the validators were set apart.
        values: what would be saved, by `source`.
        pointer: where the body stands in the whole.
        wrong: the members, escaped, that are wrong by themselves; what compares them is not asked.
    """
    for each in of(serializer):
        if not wrong or {escape(name) for name in each.members}.isdisjoint(wrong):
            yield from each.faults(serializer, values, pointer)


def about(serializer: Serializer, columns: Collection[str]) -> Uniqueness | None:
    """Return the validator that compares some columns of a serializer's model, and no others."""
    fields = serializer.fields
    return next((each for each in of(serializer) if {fields[name].source for name in each.names} == {*columns}), None)


def has_constraint(each: Uniqueness, serializer: Serializer) -> bool:
    """Whether the database holds what a validator asks, so that two rows written together cannot both pass it."""
    model = model_of(serializer)
    if (
        model is None
        or not issubclass(model, each.rule.queryset.model._meta.concrete_model)
        or isinstance(each.rule, BaseUniqueForValidator)
        or getattr(each.rule, "lookup", "exact") != "exact"
    ):
        return False
    names = {serializer.fields[name].source for name in each.names}
    return any(columns <= names for columns in _unique_columns(model))


def _unique_columns(model: type[models.Model]) -> Iterator[set[str]]:
    """Yield the sets of columns in which no two rows of a model are the same."""
    for owner in (model, *model._meta.parents):
        yield from ({column.name} for column in owner._meta.concrete_fields if column.unique)
        yield from ({*names} for names in owner._meta.unique_together)
        for rule in owner._meta.constraints:
            if isinstance(rule, models.UniqueConstraint) and rule.fields and rule.condition is None:
                yield {*rule.fields}


def _value(field: Field, values: Values) -> Iterator[object]:
    """Yield the value of a field, unless there is none or it is null."""
    *leading, last = field.source_attrs
    for name in leading:
        nested = values.get(name)
        if not isinstance(nested, Mapping):
            return
        values = nested
    if values.get(last) is not None:
        yield values[last]
