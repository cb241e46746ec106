"""Reads names and values of filters into Conditions; the values go to the slots of the request.

May refuse: a name that is no filter's, a value that does not parse.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError

from api.core.query.faults import Faults
from api.core.query.filters.conditions import Condition
from api.core.query.filters.custom_filters import strict_field
from api.core.query.filters.filter_sets import LookupFilter
from api.core.query.filters.strict import ParameterValue, ValueField
from api.core.query.grammar import Grammar

NEGATION = "__not"

type AddFault = Callable[[str, str], None]
"""Notes a fault, by its code and in words."""


@dataclass
class ConditionReader:
    """Reads the conditions of one request.

    Attributes:
        grammar: has the filters.
        faults: gathers what is wrong.
        others: the names of parameters that are no filters, one of which may be meant.
        slots: the values so far.
    """

    grammar: Grammar
    faults: Faults
    others: frozenset[str] = frozenset()
    slots: list[object] = field(default_factory=list)

    def value_field(self, name: str) -> ValueField | None:
        """Return the form field that reads the value of a filter, or None where there is no such filter."""
        filter_ = self.grammar.filters.get(name.removesuffix(NEGATION))
        return None if filter_ is None else strict_field(filter_)

    def read(self, name: str, value: ParameterValue, fault: AddFault) -> Condition | None:
        """Read one filter and its value; note what is wrong through `fault` and return None."""
        plain, negated = name.removesuffix(NEGATION), name.endswith(NEGATION)
        filter_ = self.grammar.filters.get(plain)
        if filter_ is None:
            fault("unknown", self._unknown(name, negated))
            return None
        try:
            cleaned = strict_field(filter_).clean(value)
        except ValidationError as error:
            fault("invalid", error.messages[0])
            return None
        if isinstance(filter_, LookupFilter) and filter_.in_shape and isinstance(cleaned, Hashable):
            return Condition(plain, -1, negated, cleaned)
        self.slots.append(cleaned)
        return Condition(plain, len(self.slots) - 1, negated)

    def _unknown(self, name: str, negated: bool) -> str:
        def names() -> list[str]:
            negations = [f"{filter_}{NEGATION}" for filter_ in self.grammar.filters] if negated else []
            return [*self.grammar.filters, *negations, *self.others]

        return self.faults.unknown("parameter", name, names)
