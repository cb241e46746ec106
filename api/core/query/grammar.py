"""What a resource offers its readers, worked out once from its declarations.

The parser, the suggestions in error messages and the contract all read the same grammar.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

import django_filters
from django.core.exceptions import EmptyResultSet, FieldError, ImproperlyConfigured
from django.db import NotSupportedError, connections
from django.db.models import CompositePrimaryKey, Model
from django.http import HttpRequest

from api.core.query.deprecations import deprecations, renames, with_other_names
from api.core.query.filters.custom_filters import filters_of, orders_of
from api.core.query.filters.filter_sets import LookupFilter, filterset_of
from api.core.query.filters.search import column_of
from api.core.query.order.ordering import OrderTerm
from api.core.query.order.parameter import Order
from api.core.resource.deprecation import Deprecation
from api.core.resource.registry import REGISTRY
from api.core.resource.resource_type import ResourceType, RowSource
from resources.core.access.hidden_fields import NOTHING, Hidden
from resources.core.database.related import filtered_column, referred_name, relation, way_back
from serializers.core.paths import Source, sources

RESERVED = frozenset(
    ("limit", "cursor", "page", "page_size", "count", "filter", "search", "ordering", "fields", "expand")
)


@dataclass(frozen=True)
class Expandable:
    """A relation that may be shown as objects.

    Attributes:
        name: the member's name.
        model: the related model, a resource.
        many: whether the relation is to-many.
        relation: what the model calls the relation.
        back: for a to-many relation, the filter of the related resource that leads back.
        key: the attribute of a row whose value that filter takes.
    """

    name: str
    model: type[Model]
    many: bool
    relation: str
    back: str = ""
    key: str = "pk"


@dataclass(frozen=True, eq=False)
class Grammar:
    """The names a reader may use.

    Attributes:
        resource: whose rows.
        model: the model that is read.
        filters: every filter, by the name of its parameter.
        orderings: every column that rows can be ordered by, ascending.
        order: the order where the reader asks for none, closed by the key.
        fields: the members a row has.
        expandable: the relations that may be shown as objects.
        search: the columns searched, in DRF's notation.
        filterset: the FilterSet class that the filters come from.
        sources: where each member comes from; with dots, those of nested serializers, too.
        extra: parameters that custom code of the resource reads.
        ordered_by: parameters that ask for an order besides `ordering`, as a custom FilterSet has them.
        hidden: what the reader may not see, of this resource and of those that it leads to.
        without: the members that are left out for it.
        deprecated: names that are going to go, and with them those that begin with them and `__`.
        renamed: other names of what is named, as parts of paths: `doctor`, which is now `practitioner`.
    """

    resource: ResourceType
    model: type[Model]
    filters: Mapping[str, django_filters.Filter]
    orderings: Mapping[str, OrderTerm]
    order: tuple[OrderTerm, ...]
    fields: tuple[str, ...]
    expandable: Mapping[str, Expandable]
    search: tuple[str, ...]
    filterset: type[django_filters.FilterSet]
    sources: Mapping[str, Source]
    extra: frozenset[str] = frozenset()
    ordered_by: tuple[str, ...] = ()
    hidden: Hidden = NOTHING
    without: frozenset[str] = frozenset()
    deprecated: Mapping[str, Deprecation] = dataclasses.field(default_factory=dict)
    renamed: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def bound_to(self, source: RowSource, request: HttpRequest | None) -> "Grammar":
        """Return the grammar with filters that know a request, where some are custom and may ask for it."""
        if all(isinstance(filter_, LookupFilter) for filter_ in self.filters.values()):
            return self
        filters = with_other_names(filters_of(self.filterset({}, source.custom_rows(), request=request)), self.renamed)
        return replace(self, filters={name: filter_ for name, filter_ in filters.items() if name in self.filters})

    @property
    def unseen(self) -> frozenset[str]:
        """Return the columns of the resource itself that the reader may not see."""
        return frozenset(path[0] for start, path in self.hidden if start is self.model and len(path) == 1)

    @property
    def key(self) -> OrderTerm:
        """Return the term of the key."""
        return self.orderings["id"]


@cache
def grammar_of(resource: ResourceType) -> Grammar:
    """Read the declarations of a resource, once.

    Raises:
        ImproperlyConfigured: they contradict one another; the message says what to change.
    """
    model, options = resource.model, resource.options
    _refuse_composite_key(resource)
    try:
        filterset = filterset_of(model, options.filterset_fields, options.filterset_class)
    except (ImproperlyConfigured, FieldError, TypeError) as fault:
        raise ImproperlyConfigured(f"{resource.declared_by}.filterset_fields: {fault}") from fault
    declared = filterset({}, model._default_manager.none())
    filters, ordered_by = filters_of(declared), orders_of(declared)
    order, serializer = Order.of(resource), resource.serializer
    _refuse_what_cannot_be_asked(resource, order)
    orderings = order.terms(ordered_by)
    names = (*filters, *orderings)
    renamed, deprecated = renames(resource, names), deprecations(resource, names)
    filters = with_other_names(filters, renamed)
    clashes = RESERVED & {*filters, *(ordered_by.keys() - {"ordering"})}
    if clashes:
        raise ImproperlyConfigured(
            f"{resource.declared_by}: filters may not be called {', '.join(sorted(clashes))}, which parameters of "
            f"every list are. Give them other names in {filterset.__name__}."
        )
    expandable = {name: _expandable(resource, model, name) for name in options.expand}
    return Grammar(
        resource=resource,
        model=model,
        filters=filters,
        orderings=with_other_names(orderings, renamed, lambda term, name: replace(term, name=name)),
        order=order.default(orderings),
        ordered_by=tuple(name for name in ordered_by if name != "ordering"),
        fields=tuple(name for name, field in serializer.fields.items() if not field.write_only),
        expandable=with_other_names(expandable, renamed, lambda relation, name: replace(relation, name=name)),
        search=_search(resource, model),
        filterset=filterset,
        extra=frozenset(options.extra_parameters),
        sources=dict(sources(serializer)),
        deprecated=deprecated,
        renamed=renamed,
    )


def _refuse_composite_key(resource: ResourceType) -> None:
    model = resource.model
    if isinstance(model._meta.pk, CompositePrimaryKey):
        names = ", ".join(column.name for column in model._meta.pk_fields)
        raise ImproperlyConfigured(
            f"{resource.declared_by}: the key of {model.__name__} is composite ({names}), and an address names a row "
            "by one column. Give the model a key of its own, and a UniqueConstraint on those, or do not register it."
        )


def _refuse_what_cannot_be_asked(resource: ResourceType, order: Order) -> None:
    """Compile the rows of a list, so that what this database cannot do stops the start and not the first request."""
    if not order.rows.query.annotations:
        return
    try:
        order.rows.query.get_compiler(order.rows.db).as_sql()
    except NotSupportedError as fault:
        database = connections[order.rows.db].display_name
        raise ImproperlyConfigured(
            f"{resource.declared_by}.queryset: this {database} cannot be asked for what it is annotated with: {fault} "
            "Leave it out of the queryset, or use a newer version of the database."
        ) from fault
    except EmptyResultSet:
        pass  # it has no rows, whatever the database


def _search(resource: ResourceType, model: type[Model]) -> tuple[str, ...]:
    fields = tuple(resource.options.search_fields or ())
    for field in fields:
        try:
            column_of(model, field)
        except ValueError as fault:
            raise ImproperlyConfigured(f"{resource.declared_by}.search_fields: {fault}") from None
    return fields


def _expandable(resource: ResourceType, model: type[Model], name: str) -> Expandable:
    """Describe a relation named in `expand`."""
    field = relation(model, name)
    if field is None or REGISTRY.of(field.related_model) is None:
        raise ImproperlyConfigured(f"{resource.declared_by}.expand: {name} is no relation to a registered resource")
    if field.many_to_one or field.one_to_one:
        return Expandable(name, field.related_model, many=False, relation=name)
    key = referred_name(model, filtered_column(model, field))
    return Expandable(name, field.related_model, many=True, relation=name, back=way_back(field), key=key)


def check_links_back(resource: ResourceType) -> None:
    """Make sure that the rest of every expanded list can be linked to.

    Raises:
        ImproperlyConfigured: a related resource offers no filter that leads back.
    """
    for relation_ in grammar_of(resource).expandable.values():
        related = REGISTRY.of(relation_.model)
        if relation_.many and related is not None and relation_.back not in grammar_of(related).filters:
            raise ImproperlyConfigured(
                f"{resource.declared_by}.expand: to expand {relation_.name}, add {relation_.back!r} "
                f"to filterset_fields of {related.declared_by}"
            )
        if relation_.many and related is not None:
            _refuse_to_miss(resource, relation_.name, related)


def _refuse_to_miss(resource: ResourceType, name: str, related: ResourceType) -> None:
    """Refuse to expand rows whose order is by an annotation that only custom code adds."""
    declared, of_list = (rows.query.annotations for rows in (related.queryset, Order.of(related).rows))
    missing = [term.path for term in grammar_of(related).order if term.path in of_list.keys() - declared.keys()]
    if missing:
        raise ImproperlyConfigured(
            f"{resource.declared_by}.expand: {name} are ordered by {missing[0]}, which get_queryset of "
            f"{related.declared_by} adds. Annotate it in its queryset, or write  "
            f'ordering = ("-id",)  in {related.declared_by}.'
        )
