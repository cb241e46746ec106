"""Parameters that were understood once are understood again by their names: only the values are read anew."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.core.exceptions import ValidationError
from django.http import QueryDict

from api.core.query.filters.custom_filters import strict_field
from api.core.query.filters.filter_sets import LookupFilter
from api.core.query.filters.form_fields import Integer, Text, ValueField
from api.core.query.grammar import Grammar
from api.core.query.parameters.condition_reader import NEGATION
from api.core.query.parameters.reader import MOST_ROWS, Reader, selection_of
from api.core.query.shape import Query, Shape, Values
from api.core.query.visible_grammar import MOST_GRAMMARS
from api.core.read.plan_cache import Cache
from serializers.core.problems import Refusal

LIMIT, CURSOR = Integer(least=1, most=MOST_ROWS), Text()
PLACES: Mapping[str, ValueField] = {"limit": LIMIT, "cursor": CURSOR}
SHAPING = frozenset(("ordering", "fields", "expand", "count"))
"""Parameters whose values belong to the shape; of others, such as `filter`, only a part of the value does."""

type Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Form:
    """What parameters of some names ask for.

    Attributes:
        resource: whose rows, by the label of their model.
        shape: what decides the SQL text.
        filters: the names of the filters whose values are bound, by their slot.
    """

    resource: str
    shape: Shape
    filters: tuple[str, ...]


FORMS: Cache[Form] = Cache()


def parse(grammar: Grammar, pairs: Pairs, *, item: bool = False) -> Query | None:
    """Understand parameters; None where they are wrong, or need a closer look."""
    given = dict(pairs)
    fields = valued(grammar)
    if len(given) != len(pairs) or not given.keys() <= understood(grammar):
        return None
    signature = (grammar, item, *((name, None if name in fields else text) for name, text in pairs))
    form = FORMS.get(signature) or _learn(grammar, pairs, signature, item)
    if form is None:
        return None
    try:
        filters = tuple(fields[name].clean(given[name]) for name in form.filters)
        limit = LIMIT.clean(given["limit"]) if "limit" in given else None
        cursor = CURSOR.clean(given["cursor"]) if "cursor" in given else None
    except ValidationError:
        return None
    return Query(form.resource, form.shape, Values(filters, (), limit, cursor))


@lru_cache(maxsize=MOST_GRAMMARS)
def valued(grammar: Grammar) -> Mapping[str, ValueField]:
    """Return the fields that read the values which are bound, by the names of their parameters."""
    filters = grammar.filters
    bound = {
        name: strict_field(filter_)
        for name, filter_ in filters.items()
        if type(filter_) is LookupFilter and filter_.traceable and not filter_.in_shape
    }
    return {**PLACES, **bound, **{name + NEGATION: field for name, field in bound.items()}}


@lru_cache(maxsize=MOST_GRAMMARS)
def understood(grammar: Grammar) -> frozenset[str]:
    """Return the names of the parameters that are understood here."""
    filters = grammar.filters.items()
    shaping = {name for name, filter_ in filters if type(filter_) is LookupFilter and filter_.in_shape}
    return frozenset((*SHAPING, *valued(grammar), *shaping, *(name + NEGATION for name in shaping)))


def _learn(grammar: Grammar, pairs: Pairs, signature: Hashable, item: bool) -> Form | None:
    """Understand parameters in full, and keep what follows from their names if they come often."""
    query = QueryDict(mutable=True)
    for name, text in pairs:
        query[name] = text
    try:
        shape = Shape((), 0, (), selection_of(grammar, query)) if item else Reader(grammar, query).query().shape
    except Refusal:
        return None
    names = sorted(name for name in query if name in valued(grammar) and name not in PLACES)
    form = Form(grammar.model._meta.label, shape, tuple(names))
    if FORMS.worth(signature):
        FORMS.keep(signature, form)
    return form
