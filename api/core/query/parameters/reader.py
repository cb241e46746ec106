"""The first step of reading: a query string becomes a Query.

May refuse: an unknown parameter, one that stands twice, a value that does not parse. All faults are
reported at once, each with the nearest name that is known.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import get_args

from django.core.exceptions import ValidationError
from django.http import QueryDict

from api.core.query.faults import Faults
from api.core.query.filters import form_fields
from api.core.query.filters.conditions import Condition, Group
from api.core.query.filters.strict import Strict
from api.core.query.grammar import RESERVED, Grammar
from api.core.query.order.ordering import OrderTerm, closed_by_key
from api.core.query.parameters.condition_reader import ConditionReader
from api.core.query.parameters.groups import GroupReader
from api.core.query.parameters.selection import SelectionReader
from api.core.query.shape import Count, Paging, Query, Shape, Values
from serializers.core.read.selection import MOST_OBJECTS, Selection

DEFAULT_LIMIT, MOST_ROWS = 50, 500
MOST_NUMBERED = 100_000
"""Rows that classic pages lead through: the database counts all those before a page off, one by one."""
BEYOND = (
    f"Numbered pages end at row {MOST_NUMBERED:,}. Follow `next` from a page by cursor (limit in the place of page and "
    "page_size), or filter by what the rows are ordered by."
)
MOST_WORDS = 10
LIMIT, CURSOR = form_fields.Integer(least=1, most=MOST_ROWS), form_fields.Text()
"""What reads how many rows a page has at most, and where it begins."""


@dataclass
class Reader:
    """Reads the parameters of one request and gathers what is wrong with them."""

    grammar: Grammar
    parameters: QueryDict
    allowed: frozenset[str] = RESERVED

    def __post_init__(self) -> None:
        """Read conditions with the names of all other parameters in mind."""
        others = self.allowed | self.grammar.extra | {*self.grammar.ordered_by}
        self.faults = Faults(self.parameters)
        self.conditions = ConditionReader(self.grammar, self.faults, others)

    def read[Value, Otherwise](self, name: str, form: Strict[Value], otherwise: Otherwise) -> Value | Otherwise:
        """Read one reserved parameter, or return what counts where it is absent or wrong."""
        text = self.parameters.get(name)
        if text is None:
            return otherwise
        try:
            return form.clean(text)
        except ValidationError as error:
            self.faults.add(name, "invalid", error.messages[0])
            return otherwise

    def query(self) -> Query:
        """Read everything.

        Raises:
            Refusal: `invalid-parameters`, with every fault.
        """
        self._refuse_repeated()
        conditions = (*self._filters(), *self._groups())
        words = self._words()
        paging: Paging = "pages" if {"page", "page_size"} & set(self.parameters) else "keyset"
        shape = Shape(conditions, len(words), self._order(), self.selection(), paging, self._count(paging))
        values = self._values(words, paging)
        if paging == "pages":
            self._refuse_broad(values.limit or DEFAULT_LIMIT, shape.selection.objects)
        self.finish()
        return Query(self.grammar.model._meta.label, shape, values)

    def refuse_others(self) -> None:
        """Note every parameter that is not among those allowed."""
        self._refuse_repeated()
        for name in self.parameters:
            if name not in self.allowed | self.grammar.extra:
                self.faults.add(name, "unknown", self.faults.unknown("parameter", name, lambda: self.allowed))

    def finish(self) -> None:
        """Refuse the request if anything was wrong."""
        self.faults.refuse()

    def selection(self) -> Selection:
        """Read `fields` and `expand`."""
        return SelectionReader(self.grammar, self.parameters, self.faults).read()

    def _words(self) -> tuple[str, ...]:
        words = self.read("search", form_fields.Words(most=MOST_WORDS), ())
        if "search" in self.parameters and not self.grammar.search:
            self.faults.add("search", "unknown", "This resource cannot be searched.")
        return words

    def _values(self, words: tuple[str, ...], paging: Paging) -> Values:
        if paging == "keyset":
            limit = self.read("limit", LIMIT, None)
            return Values(tuple(self.conditions.slots), words, limit, self.read("cursor", CURSOR, None))
        for name in {"limit", "cursor"} & set(self.parameters):
            self.faults.add(name, "conflict", f"{name} does not go with page and page_size.")
        size = self.read("page_size", LIMIT, DEFAULT_LIMIT)
        page = self.read("page", form_fields.Integer(least=1, most=2**63 // MOST_ROWS - 1), 1)
        if (page - 1) * size >= MOST_NUMBERED:
            parameter = "page" if "page" in self.parameters else "page_size"
            self.faults.add(parameter, "max_value", BEYOND)
        return Values(tuple(self.conditions.slots), words, size, None, page)

    def _refuse_broad(self, rows: int, objects: int) -> None:
        """Refuse a numbered page of rows with more in their lists than it may show: it cannot end early."""
        if rows > 1 and rows * objects > MOST_OBJECTS:
            most = f"With these lists a numbered page has at most {max(1, MOST_OBJECTS // objects)} rows"
            parameter = "page_size" if "page_size" in self.parameters else "page"
            self.faults.add(parameter, "too_many", f"{most}; pages by cursor (limit, next) end where they are full.")

    def _count(self, paging: Paging) -> Count | None:
        ways: tuple[Count, ...] = get_args(Count)
        count = self.read("count", form_fields.OneOf(ways), None)
        if count == "estimated" and paging == "pages":
            self.faults.add("count", "conflict", "Numbered pages are counted exactly.")
        return count

    def _refuse_repeated(self) -> None:
        for name, values in self.parameters.lists():
            if len(values) > 1 and not self._many(name):
                self.faults.add(name, "repeated", f"{name} stands {len(values)} times; write it once.")

    def _many(self, name: str) -> bool:
        """Whether a parameter is written once for each of its values, or may be, as custom code reads it."""
        field = self.conditions.value_field(name)
        return name in self.grammar.extra if field is None else field.repeats

    def _order(self) -> tuple[OrderTerm, ...]:
        orderings = [name for name in ("ordering", *self.grammar.ordered_by) if name in self.parameters]
        if not orderings:
            return self.grammar.order
        parameter, *others = orderings
        for other in others:
            self.faults.add(other, "conflict", f"{other} does not go with {parameter}.")
        terms = list[OrderTerm]()
        for name in str(self.parameters[parameter]).split(","):
            term = self.grammar.orderings.get(name.removeprefix("-"))
            if term is None:
                self.faults.add(
                    parameter, "unknown", self.faults.unknown("ordering", name, lambda: self.grammar.orderings)
                )
            elif term.path in {each.path for each in terms}:
                self.faults.add(parameter, "repeated", f"{term.name} stands twice in the ordering.")
            else:
                terms.append(term.reversed() if name.startswith("-") else term)
        return closed_by_key(terms, self.grammar.key)

    def _filters(self) -> Iterable[Condition]:
        # By name, so that parameters in another order are the same request.
        for name in sorted(set(self.parameters) - self.allowed - self.grammar.extra - {*self.grammar.ordered_by}):
            several = self._many(name)
            value = [str(text) for text in self.parameters.getlist(name)] if several else str(self.parameters[name])
            condition = self.conditions.read(name, value, partial(self.faults.add, name))
            if condition is not None:
                yield condition

    def _groups(self) -> Iterable[Condition | Group]:
        text = self.parameters.get("filter")
        return () if text is None else GroupReader(self.conditions, self.faults).read(text)


ITEM_PARAMETERS = frozenset(("fields", "expand"))


def selection_of(grammar: Grammar, parameters: QueryDict) -> Selection:
    """Read the parameters of an operation on items: `fields` and `expand`, and no others.

    Raises:
        Refusal: `invalid-parameters`, with every fault.
    """
    reader = Reader(grammar, parameters, allowed=ITEM_PARAMETERS)
    reader.refuse_others()
    selection = reader.selection()
    reader.finish()
    return selection


def understand(grammar: Grammar, parameters: Mapping[str, str]) -> Query:
    """Read parameters as if a client had sent them."""
    query = QueryDict(mutable=True)
    query.update(dict(parameters))
    return Reader(grammar, query).query()
