"""The first step of reading: a query string becomes a Query.

May refuse: an unknown parameter, one that stands twice, a value that does not parse. All faults are
reported at once, each with the nearest name that is known.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, get_args

from django.core.exceptions import ValidationError
from django.http import QueryDict

from api.core.query.faults import Faults
from api.core.query.filters import form_fields
from api.core.query.filters.conditions import Condition, Group
from api.core.query.grammar import RESERVED, Grammar
from api.core.query.order.ordering import OrderTerm, closed_by_key
from api.core.query.parameters.condition_reader import ConditionReader
from api.core.query.parameters.groups import GroupReader
from api.core.query.parameters.selection import SelectionReader
from api.core.query.shape import Count, Paging, Query, Shape, Values
from serializers.core.read.selection import MOST_OBJECTS, Selection

DEFAULT_LIMIT, MOST_ROWS = 50, 500
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

    def read[T](self, name: str, form: form_fields.Strict, otherwise: T) -> Any | T:
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
        words: tuple[str, ...] = self.read("search", form_fields.Words(most=MOST_WORDS), ())
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
        return Values(tuple(self.conditions.slots), words, size, None, page)

    def _refuse_broad(self, rows: int, objects: int) -> None:
        """Refuse a numbered page of rows with more in their lists than it may show: it cannot end early."""
        if rows > 1 and rows * objects > MOST_OBJECTS:
            told = f"With these lists a numbered page has at most {max(1, MOST_OBJECTS // objects)} rows"
            named = "page_size" if "page_size" in self.parameters else "page"
            self.faults.add(named, "too_many", f"{told}; pages by cursor (limit, next) end where they are full.")

    def _count(self, paging: Paging) -> Count | None:
        counted: Count | None = self.read("count", form_fields.OneOf(get_args(Count)), None)
        if counted == "estimated" and paging == "pages":
            self.faults.add("count", "conflict", "Numbered pages are counted exactly.")
        return counted

    def _refuse_repeated(self) -> None:
        for name, values in self.parameters.lists():
            if len(values) > 1 and not self._many(name):
                self.faults.add(name, "repeated", f"{name} stands {len(values)} times; write it once.")

    def _many(self, name: str) -> bool:
        """Whether a parameter is written once for each of its values, or may be, as code of one's own reads it."""
        field = self.conditions.value_field(name)
        return name in self.grammar.extra if field is None else field.repeats

    def _order(self) -> tuple[OrderTerm, ...]:
        asked = [name for name in ("ordering", *self.grammar.ordered_by) if name in self.parameters]
        if not asked:
            return self.grammar.order
        for other in asked[1:]:
            self.faults.add(other, "conflict", f"{other} does not go with {asked[0]}.")
        parameter, terms = asked[0], list[OrderTerm]()
        for name in str(self.parameters[parameter]).split(","):
            known = self.grammar.orderings.get(name.removeprefix("-"))
            if known is None:
                self.faults.add(
                    parameter, "unknown", self.faults.unknown("ordering", name, lambda: self.grammar.orderings)
                )
            elif known.path in {term.path for term in terms}:
                self.faults.add(parameter, "repeated", f"{known.name} stands twice in the ordering.")
            else:
                terms.append(known.reversed() if name.startswith("-") else known)
        return closed_by_key(terms, self.grammar.key)

    def _filters(self) -> Iterable[Condition]:
        # By name, so that parameters in another order are the same request.
        for name in sorted(set(self.parameters) - self.allowed - self.grammar.extra - {*self.grammar.ordered_by}):
            value = self.parameters.getlist(name) if self._many(name) else self.parameters[name]
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
