"""How expanded relations are loaded: a fixed number of statements, however many rows a page has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

from django.db.models import FETCH_PEERS, Model, Prefetch, QuerySet
from rest_framework import serializers

from api.core.http.links import with_parameters
from api.core.query.filters.conditions import Condition, blind_order
from api.core.query.filters.custom_filters import strict_field
from api.core.query.grammar import Expandable, Grammar
from api.core.query.order.cursors import Cursor, from_json
from api.core.query.order.ordering import positions, put_in_order
from api.core.query.shape import Query, Shape, Values
from api.core.query.visible_grammar import narrow
from api.core.resource.readable import Readable
from api.core.resource.registry import REGISTRY
from resources.core.access.hidden_fields import NOTHING, Hidden
from resources.core.database.related import LOOKUP_SEPARATOR, accessor, named_by_rows, relation
from resources.core.database.sql import StoredJson
from serializers.core.kinds import AnySerializer, Field, child_of
from serializers.core.read.compiled.prefetched import in_default_order, prefetch_paths
from serializers.core.read.selection import MOST_EXPANDED, Selection


def load(
    rows: QuerySet[Model], serializer: AnySerializer, selection: Selection, readable: Readable, hidden: Hidden = NOTHING
) -> QuerySet[Model]:
    """Make a queryset load everything that a serializer shows of a selection, readable rows only.

    Args:
        rows: the rows of one resource.
        serializer: an instance that shows them, the selection applied.
        selection: what is expanded.
        readable: the rows of related resources that may be read; others are left out.
        hidden: what of rows they may not see: nothing is ordered by it.
    """
    expanded = {expansion.name for expansion in selection.expand}
    for expansion in selection.expand:
        field = relation(rows.model, expansion.path)
        assert field is not None  # noqa: S101 - the grammar has looked
        resource = REGISTRY.of(field.related_model)
        assert resource is not None  # noqa: S101
        related = readable.rows(field.related_model)
        if expansion.many:
            terms = blind_order(readable, related.model, narrow(resource, hidden).order)
            related = put_in_order(related, terms).annotate(**positions(terms))
            related = related[: expansion.most + 1]
        related = load(related, expansion.serializer(), expansion.selection, readable, hidden)
        to_attr = {"to_attr": expansion.loaded_as} if expansion.many else {}
        rows = rows.prefetch_related(Prefetch(accessor(field), queryset=related, **to_attr))
    # These come last: what is shown as an object and by a nested serializer, too, is loaded as the object is.
    lookups = (_in_order(rows, path) for path in _named_by(serializer, rows.model, expanded))
    return rows.prefetch_related(*lookups).fetch_mode(FETCH_PEERS)


def _in_order(rows: QuerySet[Model], path: str) -> str | Prefetch[str]:
    """Load what a path leads to: a list that neither model nor rows put in an order, in that of its compiled form."""
    model = rows.model
    if any(_meet(path, other) for other in prefetch_paths(rows)):
        return path
    *before, last = path.split(LOOKUP_SEPARATOR)
    field = named_by_rows(_along(model, before) or model, last)
    if field is None or not (field.one_to_many or field.many_to_many):
        return path
    related = field.related_model._default_manager.all()
    return path if related.ordered else Prefetch(path, queryset=in_default_order(related))


def _meet(path: str, other: str) -> bool:
    """Whether of two paths one leads along the other."""
    one, two = (f"{each}{LOOKUP_SEPARATOR}" for each in (path, other))
    return one.startswith(two) or two.startswith(one)


def _named_by(serializer: Field, model: type[Model], expanded: Set[str]) -> list[str]:
    """Find the relations that a serializer shows by itself: lists of keys and nested serializers."""
    fields: Mapping[str, Field] = getattr(child_of(serializer), "fields", {})
    return [path for name, field in fields.items() if name not in expanded for path in _loaded_by(field, model) if path]


def _loaded_by(field: Field, model: type[Model]) -> list[str]:
    """Return the path of the relation that a member shows, and of those inside; none where Python has its rows."""
    nested = isinstance(field, serializers.BaseSerializer)
    related = _along(model, field.source_attrs) if nested or isinstance(field, serializers.ManyRelatedField) else None
    if related is None:
        return []
    inside = _named_by(field, related, frozenset()) if nested else []
    return [LOOKUP_SEPARATOR.join((*field.source_attrs, *filter(None, (inner,)))) for inner in ("", *inside)]


def _along(model: type[Model], attributes: Iterable[str]) -> type[Model] | None:
    """Follow relations by the attributes of rows; None where one is a property, a method, or leads anywhere."""
    for name in attributes:
        field = named_by_rows(model, name)
        if field is None:
            return None
        model = field.related_model
    return model


@dataclass(frozen=True, slots=True)
class Rest:
    """Links from the last related row shown to the ones after it, in the related resource's own list.

    Attributes:
        grammar: of the related resource.
        relation: what leads there.
        parameters: which show the rest as the first ones are shown.
    """

    grammar: Grammar
    relation: Expandable
    parameters: Mapping[str, str]

    def key(self, row: Model) -> str:
        """Return what the filter that leads back takes for a row."""
        return str(getattr(row, self.relation.key))

    def position(self, last: Model) -> Sequence[StoredJson]:
        """Return what a related row is ordered by, which `load` has loaded beside it."""
        return tuple(getattr(last, name) for name in positions(self.grammar.order))

    def link(self, origin: str, key: str, position: Sequence[StoredJson]) -> str:
        """Return the URL of the rest."""
        back = self.relation.back
        value = strict_field(self.grammar.filters[back]).clean(key)
        shape = Shape((Condition(back, 0),), 0, self.grammar.order)
        query = Query(self.grammar.model._meta.label, shape, Values((value,)))
        cursor = Cursor(query.digest(), backwards=False, values=tuple(map(from_json, position))).encode()
        rest = {back: key, "limit": str(MOST_EXPANDED), **self.parameters, "cursor": cursor}
        return with_parameters(f"{origin}{self.grammar.resource.path()}", rest.items())
