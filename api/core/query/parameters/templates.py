"""The cache in front of the parser: parameters that were read before are read again by their names.

What parameters of some names ask for is kept as a template; only their values are read anew, by the fields that the
parser reads them with. Whatever is new, wrong, or needs a closer look is the parser's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.http import QueryDict

from api.core.query.filters.custom_filters import strict_field
from api.core.query.filters.filter_sets import LookupFilter
from api.core.query.filters.strict import Strict
from api.core.query.grammar import Grammar
from api.core.query.parameters.condition_reader import NEGATION
from api.core.query.parameters.reader import CURSOR, LIMIT, Reader, selection_of
from api.core.query.shape import Query, Shape, Values
from api.core.query.visible_grammar import MOST_GRAMMARS, narrow
from api.core.resource.resource_type import ResourceType
from api.core.tracing.cache import Cache
from resources.core.access.hidden_fields import Hidden

PLACES: Mapping[str, Strict[Any]] = {"limit": LIMIT, "cursor": CURSOR}
SHAPING = frozenset(("ordering", "fields", "expand", "count"))
"""Parameters whose values belong to the shape; of others, such as `filter`, only a part of the value does."""
LONGEST = 512
"""Characters of a value that belongs to the shape, beyond which nothing is kept: memory must not grow with them."""

type Parameters = Sequence[tuple[str, str]]
"""Names and values as they were sent, those of one name together."""
type Signature = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class QueryTemplate:
    """What parameters of some names ask for.

    Attributes:
        resource: whose rows, by the label of their model.
        shape: what decides the SQL text.
        filters: the names and fields of the filters whose values are bound, by their slot.
    """

    resource: str
    shape: Shape
    filters: tuple[tuple[str, Strict[Any]], ...]


TEMPLATES: Cache[QueryTemplate] = Cache()


def query_of(grammar: Grammar, parameters: Parameters, *, item: bool = False) -> Query:
    """Read the parameters of a list, or (`item`) those of an operation on items.

    Raises:
        Refusal: `invalid-parameters`, with every fault.
    """
    return known_query(grammar, parameters, item=item) or _read(grammar, parameters, item)


def known_query(grammar: Grammar, parameters: Parameters, *, item: bool = False) -> Query | None:
    """Read parameters whose template is kept; None for others, and for values that are wrong."""
    texts = dict(parameters)
    signature = _signature(grammar, texts, item) if len(texts) == len(parameters) else None
    template = None if signature is None else TEMPLATES.get(signature)
    if template is None:
        return None
    try:
        filters = tuple([field.clean(texts[name]) for name, field in template.filters])
        limit = LIMIT.clean(texts["limit"]) if "limit" in texts else None
        cursor = CURSOR.clean(texts["cursor"]) if "cursor" in texts else None
    except ValidationError:
        return None
    return Query(template.resource, template.shape, Values(filters, (), limit, cursor))


class Vocabulary(NamedTuple):
    """The parameters of a grammar that templates know.

    Attributes:
        bound: the fields that read the values which are bound, by the names of their parameters.
        shaping: the names of those whose values belong to the shape.
    """

    bound: Mapping[str, Strict[Any]]
    shaping: frozenset[str]


@lru_cache(maxsize=MOST_GRAMMARS)
def vocabulary(resource: ResourceType, hidden: Hidden) -> Vocabulary:
    """Return the parameters of a resource that templates know; a filter that runs code is not among them."""
    filters = {name: each for name, each in narrow(resource, hidden).filters.items() if type(each) is LookupFilter}
    bound = {name: strict_field(each) for name, each in filters.items() if each.traceable and not each.in_shape}
    shaping = {name for name, each in filters.items() if each.in_shape}
    negated = {name + NEGATION: field for name, field in bound.items()}
    return Vocabulary({**PLACES, **bound, **negated}, SHAPING.union(shaping, (name + NEGATION for name in shaping)))


def _signature(grammar: Grammar, texts: Mapping[str, str], item: bool) -> Signature | None:
    """Return what tells a template from others: the names, in their order, and the values that belong to the shape."""
    resource, hidden = grammar.resource, grammar.hidden
    bound, shaping = vocabulary(resource, hidden)
    parts: list[object] = [resource, hidden, item]
    for name, text in texts.items():
        if name in bound:
            parts.append(name)
        elif name in shaping and len(text) <= LONGEST:
            parts.append((name, text))
        else:
            return None
    return tuple(parts)


def _read(grammar: Grammar, parameters: Parameters, item: bool) -> Query:
    """Read parameters in full, and keep what follows from their names if they come often."""
    texts = QueryDict(mutable=True)
    for name, text in parameters:
        texts.appendlist(name, text)
    if item:
        query = Query(_label(grammar), Shape((), 0, (), selection_of(grammar, texts)), Values())
    else:
        query = Reader(grammar, texts).query()
    single = dict(parameters)
    signature = _signature(grammar, single, item) if len(single) == len(parameters) else None
    if signature is not None and TEMPLATES.worth(signature):
        bound = vocabulary(grammar.resource, grammar.hidden).bound
        filters = tuple((name, bound[name]) for name in sorted(single) if name in bound and name not in PLACES)
        TEMPLATES.keep(signature, QueryTemplate(query.resource, query.shape, filters))
    return query


def _label(grammar: Grammar) -> str:
    return grammar.model._meta.label
