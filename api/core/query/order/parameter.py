"""What rows may be ordered by, and the order of a list where the reader asks for none.

May refuse: an order by what is neither a column nor an annotation, for no page could be continued where it stopped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.core.exceptions import ImproperlyConfigured
from django.db.models import Model, OrderBy, QuerySet
from django.db.models.expressions import Combinable

from api.core.http.synthetic_request import somebody
from api.core.query.order.ordering import OrderTerm, annotated_term, closed_by_key, order_term
from api.core.resource.resource_type import OrderingFields, ResourceType


@dataclass(frozen=True)
class Order:
    """What a resource says of the order of its rows.

    Attributes:
        resource: whose rows.
        rows: those of a list, in the order that they have by themselves.
    """

    resource: ResourceType
    rows: QuerySet[Model]

    @classmethod
    def of(cls, resource: ResourceType) -> Order:
        """Look at the rows of a list that nobody asks for, or else a person whom nobody knows."""
        return cls(resource, resource.listed_rows((None, somebody())))

    def terms(self, asked_by: Mapping[str, Mapping[str, str]]) -> dict[str, OrderTerm]:
        """Return what a reader may name, by its names.

        Args:
            asked_by: the parameters of a FilterSet that ask for an order, and what each calls which path.
        """
        model, declared = self.resource.model, self.resource.options.ordering_fields
        named = [self._term("ordering_fields", name, name) for name in _names(declared, model)]
        for parameter, paths in asked_by.items():
            where = f"filterset_class, in {parameter}"
            named += [self._term(where, name, path) for name, path in paths.items()]
        key = order_term(model, "id", model._meta.pk.name)
        return {"id": key} | {term.name: term for term in named if term.name not in ("id", "pk")}

    def default(self, terms: Mapping[str, OrderTerm]) -> tuple[OrderTerm, ...]:
        """Return the order where none is asked for, closed by the key.

        Raises:
            ImproperlyConfigured: it is by what rows do not have.
        """
        where, declared = self._declared()
        order = []
        for name in [declared] if isinstance(declared, str) else map(_name, declared):
            plain = name.removeprefix("-")
            term = self._term(where, plain, plain)
            order.append(term.reversed() if name.startswith("-") else term)
        return closed_by_key(order, terms["id"])

    def _declared(self) -> tuple[str, str | Sequence[str | Combinable]]:
        """Return where the order is declared, and what it is: the viewset's `ordering` counts before its rows' own."""
        if self.resource.options.ordering:
            return "ordering", self.resource.options.ordering
        query = self.rows.query
        if query.order_by:
            turned = query.order_by if query.standard_ordering else map(_turn, query.order_by)
            return "queryset, whose order its list has", tuple(turned)
        of_model = self.resource.model._meta.ordering if query.default_ordering else None
        return "ordering, which its model's Meta says", of_model or ("id",)

    def _term(self, where: str, name: str, path: str) -> OrderTerm:
        annotation = self.rows.query.annotations.get(path)
        try:
            if annotation is not None:
                return annotated_term(name, path, annotation.output_field)
            return order_term(self.resource.model, name, "pk" if path == "id" else path)
        except ValueError as fault:
            raise ImproperlyConfigured(
                f'{self.resource.declared_by}.{where}: {fault}. Name columns, such as  ordering = ("-id",)'
            ) from None


def _turn(ordering: str | Combinable) -> str:
    """Turn an order round."""
    name = _name(ordering)
    return name.removeprefix("-") if name.startswith("-") else f"-{name}"


def _names(declared: OrderingFields, model: type[Model]) -> list[str]:
    """Return what `ordering_fields` names, in any of DRF's forms: names, pairs of a name and a label, `__all__`."""
    if declared == "__all__":
        return [column.name for column in model._meta.concrete_fields]
    several = [declared] if isinstance(declared, str) else declared or ()
    return [name if isinstance(name, str) else name[0] for name in several]


def _name(ordering: str | Combinable) -> str:
    """Write what a model is ordered by as a name: `F("name").desc()` is `-name`."""
    if isinstance(ordering, str):
        return ordering
    descending = isinstance(ordering, OrderBy) and ordering.descending
    expression = ordering.expression if isinstance(ordering, OrderBy) else ordering
    return f"{'-' * descending}{getattr(expression, 'name', expression)}"
