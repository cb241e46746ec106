"""Which index would serve a filter and an ordering, as a line of a model's `Meta.indexes`."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import CharField, F, Field, ForeignObjectRel, Model, TextField

from api.core.query.filters.filter_sets import LookupFilter
from api.core.query.missing_indexes import OF_TEXT, begins
from api.core.query.order.ordering import OrderTerm
from resources.core.database.columns import is_a
from resources.core.database.related import LOOKUP_SEPARATOR, is_relation, relation
from resources.core.indexes import FoldedIndex, SearchIndex, TextIndex, TrigramIndex

LONGEST = 30
"""Letters of the name of an index, as Django has it."""
ENDINGS: dict[type[TextIndex], str] = {FoldedIndex: "folded", TrigramIndex: "trigrams", SearchIndex: "search"}
KEEPS_ORDER = ("exact", "isnull")
"""Lookups that leave one stretch of an index, in which the next columns are in order."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """An index that a model could have.

    Attributes:
        model: which it would be on.
        columns: in turn; of an index for text, one.
        kind: of an index for text; None of a plain one.
    """

    model: type[Model]
    columns: tuple[str, ...]
    kind: type[TextIndex] | None = None

    def __str__(self) -> str:
        """Write it as it stands in `Meta.indexes`."""
        options, key = self.model._meta, self.model._meta.pk.name
        named = [column for column in self.columns if column != key] or [key]
        name = self._name(*named, *([ENDINGS[self.kind]] if self.kind else []))
        if any(index.name == name for index in options.indexes):
            name = self._name(*self.columns)
        if self.kind is not None:
            return f'{self.kind.__name__}("{self.columns[0]}", name="{name}")'
        columns = ", ".join(f'"{column}"' for column in self.columns)
        return f'models.Index(fields=[{columns}], name="{name}")'

    def _name(self, *words: str) -> str:
        return "_".join((self.model._meta.model_name or "", *words))[:LONGEST].rstrip("_")


def proposal(model: type[Model], filter_: LookupFilter | None, term: OrderTerm | None) -> Proposal | None:
    """Return the index that would serve a filter, in an order; None where there is no such index, or it is there.

    A comparison, or a list of values, leaves stretches that are in no other order than its own: it is helped to find
    its rows, and these are sorted. Across a relation no index holds both columns: each table is helped by itself.
    """
    key = model._meta.pk.name
    plain = term is not None and isinstance(term.expression, F)  # no index of Django's has another collation
    ordered = _named(model, term.path) if term is not None and plain else None
    if filter_ is None:
        wanted = None if ordered is None else Proposal(model, _once(ordered, key))
    else:
        first, *further = str(filter_.field_name).split(LOOKUP_SEPARATOR)
        column = filter_.column
        if further or isinstance(column, ForeignObjectRel) or column.many_to_many:
            return _across(model, first, filter_)
        if is_a(column, CharField, TextField) and filter_.lookup_expr in OF_TEXT and not is_relation(column):
            wanted = Proposal(model, (column.name,), OF_TEXT[filter_.lookup_expr][0])
        elif filter_.lookup_expr in KEEPS_ORDER:
            wanted = Proposal(model, _once(column.name, *([ordered] if ordered else ()), key))
        else:
            wanted = Proposal(model, _once(column.name, key))
            if begins(column):
                return None
    return None if wanted is None or _declared(wanted) else wanted


def proposal_for_search(model: type[Model], fields: tuple[str, ...]) -> Proposal | None:
    """Return the first index that a search lacks; None where it has all, or looks into other tables, too."""
    texts = [field.lstrip("=^@") for field in fields]
    if any(LOOKUP_SEPARATOR in text for text in texts):
        return None
    wanted = [Proposal(model, (text,), SearchIndex) for text in texts]
    return next((each for each in wanted if not _declared(each)), None)


def _across(model: type[Model], first: str, filter_: LookupFilter) -> Proposal | None:
    """Return what a filter on a related row lacks: an index there, or on the way."""
    column = filter_.column
    if not isinstance(column, ForeignObjectRel) and not column.many_to_many:
        there: type[Model] = column.model
        if not begins(column) and filter_.lookup_expr not in OF_TEXT:
            return Proposal(there, _once(column.name, there._meta.pk.name))
    way = relation(model, first)
    if isinstance(way, Field) and not way.many_to_many and not begins(way):
        return Proposal(model, _once(way.name, model._meta.pk.name))
    return None


def _declared(wanted: Proposal) -> bool:
    """Whether a model has an index that begins with all of another's columns."""
    options = wanted.model._meta
    if wanted.kind is not None:
        return any(type(index) is wanted.kind and tuple(index.fields) == wanted.columns for index in options.indexes)
    only = wanted.columns[0]
    unique = any(column.unique for column in options.concrete_fields if column.name == only)
    if unique and wanted.columns[1:] in ((), (options.pk.name,)):
        return True
    plain = [index.fields for index in options.indexes if not isinstance(index, TextIndex) and not index.condition]
    return any(tuple(fields[: len(wanted.columns)]) == wanted.columns for fields in plain)


def _named(model: type[Model], attribute: str) -> str | None:
    """Return the name of a column by its attribute: `country` for `country_id`; None of an annotation."""
    return next((column.name for column in model._meta.concrete_fields if column.attname == attribute), None)


def _once(*columns: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(columns))
