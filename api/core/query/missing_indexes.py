"""Which filters, searches and orders no index serves, by what the models declare: no database is asked.

So it is known once for each kind of request, and is the same while a table is small.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum, auto

from django.db import connections
from django.db.models import CharField, F, ForeignObjectRel, Model, TextField, UniqueConstraint

from api.core.query.filters.conditions import Condition, Group
from api.core.query.filters.filter_sets import LookupFilter
from api.core.query.filters.lookups import COMPARISONS
from api.core.query.filters.search import column_of
from api.core.query.grammar import grammar_of
from api.core.query.order.ordering import OrderTerm
from api.core.query.shape import Missing, Shape
from api.core.resource.resource_type import ResourceType
from resources.core.database.columns import Column, is_a
from resources.core.database.related import LOOKUP_SEPARATOR, end_of, is_relation, relation
from resources.core.fields import CharField as CodePointCharField
from resources.core.fields import TextField as CodePointTextField
from resources.core.indexes import FoldedIndex, SearchIndex, TextIndex, TrigramIndex, index_on

PLAIN = frozenset(("exact", "in", *COMPARISONS, "range", "isnull", "year"))
"""Lookups that find their rows in one stretch, or some, of an index that begins with the column."""
BY_YEAR = frozenset(("exact", *COMPARISONS))
"""What may follow `year`: Django makes a range of these."""
OF_TEXT: dict[str, tuple[type[TextIndex], ...]] = {
    **dict.fromkeys(("iexact", "istartswith"), (FoldedIndex, TrigramIndex)),
    **dict.fromkeys(("contains", "icontains", "endswith", "iendswith"), (TrigramIndex,)),
}
SEARCH, ORDER = "search", "ordering"


class Use(Enum):
    """What a condition does for finding the rows of a list."""

    FINDS = auto()
    """An index leads to its rows."""
    PASSES = auto()
    """It leaves most rows, as a negation does: a walk in the order of the list soon has a page of them."""
    LOOKS = auto()
    """Rows are looked at until enough are found: all of them, where there are few."""


type IsLarge = Callable[[type[Model]], bool]


def missing(resource: ResourceType, shape: Shape, is_large: IsLarge) -> tuple[Missing, ...]:
    """Return the parts of a list for which a large table is read whole; none where another part leads to the rows.

    Args:
        resource: whose list.
        shape: says what is asked.
        is_large: whether a table is.
    """
    return _missing(resource, shape, is_large) if missing_anywhere(resource, shape) else ()


def missing_anywhere(resource: ResourceType, shape: Shape) -> tuple[Missing, ...]:
    """Return the same, if all tables were large."""
    known = shape.missing.get(resource)
    if known is None:
        known = shape.missing[resource] = _missing(resource, shape, lambda _: True)
    return known


def _missing(resource: ResourceType, shape: Shape, is_large: IsLarge) -> tuple[Missing, ...]:
    judge = _Judge(resource, is_large)
    use = judge.joined(Group("and", shape.conditions), searched=bool(shape.words))
    if use is Use.FINDS:
        return ()
    first = shape.order[0]
    lacking = order_lacks(resource.model, first) if use is Use.PASSES else None
    if lacking is not None and is_large(lacking):
        return (Missing(ORDER, lacking),)
    return tuple(dict.fromkeys(judge.lacking)) if use is Use.LOOKS else ()


class _Judge:
    """Judges the conditions of a list, and notes the parts that no index serves."""

    def __init__(self, resource: ResourceType, is_large: IsLarge) -> None:
        self.grammar, self.is_large = grammar_of(resource), is_large
        self.lacking: list[Missing] = []

    def joined(self, group: Group, *, searched: bool = False) -> Use:
        """Judge a group; one that is negated leaves most rows."""
        if group.join == "not":
            return Use.PASSES
        noted = len(self.lacking)
        uses = [self.joined(each) if isinstance(each, Group) else self._condition(each) for each in group.parts]
        if searched:
            uses.append(self._use(SEARCH, search_lacks(self.grammar.model, self.grammar.search)))
        if group.join == "and":
            if Use.FINDS in uses:
                del self.lacking[noted:]
                return Use.FINDS
            return Use.LOOKS if Use.LOOKS in uses else Use.PASSES
        worst = Use.LOOKS if Use.LOOKS in uses else Use.PASSES
        return worst if worst in uses else Use.FINDS

    def _condition(self, condition: Condition) -> Use:
        filter_ = self.grammar.filters[condition.name]
        if not isinstance(filter_, LookupFilter):
            return Use.FINDS  # of somebody's own, who knows what it is for
        if condition.negated:
            return Use.PASSES
        return self._use(condition.name, filter_lacks(self.grammar.model, filter_))

    def _use(self, name: str, lacking: type[Model] | None) -> Use:
        if lacking is None or not self.is_large(lacking):  # a few keys of a small table lead to the rows, too
            return Use.FINDS
        self.lacking.append(Missing(name, lacking))
        return Use.LOOKS


def filter_lacks(model: type[Model], filter_: LookupFilter) -> type[Model] | None:
    """Return the model that lacks an index for a filter: that of its column, or one on the path; None where none does.

    Args:
        model: whose list is filtered.
        filter_: which begins there.
    """
    path, column = str(filter_.field_name).split(LOOKUP_SEPARATOR), filter_.column
    if isinstance(column, ForeignObjectRel) or column.many_to_many:  # whose keys, and references to them, have one
        return model if filter_.lookup_expr == "isnull" else _path_lacks(model, path)
    if not _serves(column, filter_.lookup_expr):
        return column.model
    return _path_lacks(model, path[:-1])


def search_lacks(model: type[Model], fields: Sequence[str]) -> type[Model] | None:
    """Return the model that lacks an index for a search: each of its columns needs one, and all are of the model's."""
    for field in fields:
        path, textual = column_of(model, field)
        column = next((each for each in model._meta.concrete_fields if each.name == path), None)
        if column is None or not textual or index_on(column, (SearchIndex,)) is None:
            return model
    return None


def order_lacks(model: type[Model], term: OrderTerm) -> type[Model] | None:
    """Return the model that lacks an index for an order; those with the same first value are few, or sorted."""
    path, _, name = term.path.rpartition(LOOKUP_SEPARATOR)
    there = end_of(model, path)
    column = next((each for each in there._meta.concrete_fields if name in (each.name, each.attname)), None)
    if column is None or not isinstance(term.expression, F):
        return model  # an annotation, or a collation that no index of Django's has
    return _path_lacks(model, [*filter(None, path.split(LOOKUP_SEPARATOR))]) if begins(column) else there


def begins(column: Column) -> bool:
    """Whether an index begins with a column; of a flag, one of the rows that have one of its values will do."""
    options, name = column.model._meta, column.name
    if column.unique or getattr(column, "db_index", False):
        return True
    for index in options.indexes:
        if index.condition is not None and index.condition.children in ([(name, True)], [(name, False)]):
            return True
        if (
            index.condition is None
            and not isinstance(index, TextIndex)
            and [*index.fields[:1]] in ([name], [f"-{name}"])
        ):
            return True
    uniques = [each.fields for each in options.constraints if isinstance(each, UniqueConstraint) and not each.condition]
    return any(tuple(fields[:1]) == (name,) for fields in (*uniques, *options.unique_together))


def _serves(column: Column, lookup: str) -> bool:
    """Whether an index of its table serves a lookup on a column."""
    first, *others = lookup.split(LOOKUP_SEPARATOR)
    textual = is_a(column, CharField, TextField) and not is_relation(column)
    if textual and lookup in OF_TEXT:
        return index_on(column, OF_TEXT[lookup]) is not None
    if textual and lookup == "startswith":
        if connections[column.model._default_manager.db].vendor == "sqlite":
            return index_on(column, OF_TEXT["istartswith"]) is not None
        by_code_point = isinstance(column, CodePointCharField | CodePointTextField)
        return begins(column) and (by_code_point or column.unique or getattr(column, "db_index", False))
    return first in PLAIN and (not others or (first == "year" and set(others) <= BY_YEAR)) and begins(column)


def _path_lacks(model: type[Model], path: Sequence[str]) -> type[Model] | None:
    """Return the model on a path of relations that lacks an index to come back by; keys have one."""
    for name in path:
        step = relation(model, name)
        if step is None:
            return model
        if not isinstance(step, ForeignObjectRel) and not step.many_to_many and not begins(step):
            return model
        model = step.related_model
    return None
