"""What rows may be ordered by, and the order of a list where the reader asks for none.

May refuse: an order by what is no column, for it could not be continued exactly where a page stopped.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ImproperlyConfigured
from django.db.models import Model, OrderBy

from api.core.intake.imagined import rows_shown
from api.core.pages.ordering import OrderTerm, closed_by_key, order_term

if TYPE_CHECKING:
    from api.core.resource import ResourceView


def orderings_of(viewset: type[ResourceView], model: type[Model]) -> dict[str, OrderTerm]:
    """Return the columns that a reader may name, by their names."""
    key = order_term(model, "id", model._meta.pk.name)
    named = [_term(viewset, model, "ordering_fields", name) for name in _names(viewset.ordering_fields, model)]
    return {"id": key} | {term.name: term for term in named if term.name != "pk"}


def default_order(
    viewset: type[ResourceView], model: type[Model], orderings: dict[str, OrderTerm]
) -> tuple[OrderTerm, ...]:
    """Return the order where none is asked for, closed by the key.

    Raises:
        ImproperlyConfigured: it is by what is no column.
    """
    where, declared = _declared(viewset, model)
    terms = []
    for name in [declared] if isinstance(declared, str) else map(_named, declared):
        plain = name.removeprefix("-")
        term = orderings.get(plain) or _term(viewset, model, where, plain)
        terms.append(term.reversed() if name.startswith("-") else term)
    return closed_by_key(terms, orderings["id"])


def _declared(viewset: type[ResourceView], model: type[Model]) -> tuple[str, Sequence[Any]]:
    """Return where the order is declared, and what it is: the viewset's `ordering` counts before its rows' own."""
    if viewset.ordering:
        return "ordering", viewset.ordering
    shown = rows_shown(viewset)
    query = (viewset.declared_rows() if shown is None else shown).query
    if query.order_by:
        turned = query.order_by if query.standard_ordering else map(_turned, query.order_by)
        return "queryset, whose order its list has", tuple(turned)
    return "ordering, which its model's Meta says", (query.default_ordering and model._meta.ordering) or ("id",)


def _turned(name: Any) -> Any:
    """Turn an order round."""
    named = _named(name)
    return named.removeprefix("-") if named.startswith("-") else f"-{named}"


def _names(declared: Any, model: type[Model]) -> list[str]:
    """Return what `ordering_fields` names, in any of DRF's forms: names, pairs of a name and a label, `__all__`."""
    if declared == "__all__":
        return [column.name for column in model._meta.concrete_fields]
    several = [declared] if isinstance(declared, str) else declared or ()
    return [name if isinstance(name, str) else name[0] for name in several]


def _term(viewset: type[ResourceView], model: type[Model], where: str, name: str) -> OrderTerm:
    try:
        return order_term(model, name, name)
    except ValueError as fault:
        raise ImproperlyConfigured(
            f'{viewset.__name__}.{where}: {fault}. Name columns, such as  ordering = ("-id",)'
        ) from None


def _named(ordered_by: Any) -> str:
    """Write what a model is ordered by as a name: `F("name").desc()` is `-name`."""
    if isinstance(ordered_by, str):
        return ordered_by
    term = ordered_by if isinstance(ordered_by, OrderBy) else OrderBy(ordered_by)
    return f"{'-' * term.descending}{getattr(term.expression, 'name', term.expression)}"
