"""Conditions across relations that never repeat a row: every one is an EXISTS."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Exists, Expression, Model, OuterRef, Q
from django.db.models.fields.related import RelatedField
from django.db.models.fields.reverse_related import ForeignObjectRel

LOOKUP_SEPARATOR = "__"


def relation(model: type[Model], name: str) -> Any:
    """Return the relation of a model that goes by a name, or None if it has no such relation.

    The name is the one used in queries, so a reverse relation goes by its `related_query_name`.
    """
    try:
        field = model._meta.get_field(name)
    except FieldDoesNotExist:
        return None
    return field if field.is_relation and field.related_model else None


def split_at_many(model: type[Model], path: str) -> tuple[str, str, str]:
    """Split `trip__members__role` into what leads to the first to-many relation, it, and the rest.

    Returns:
        `("trip", "members", "role")`; for a path without such a relation `(path, "", "")`.
    """
    names = path.split(LOOKUP_SEPARATOR)
    for place, name in enumerate(names):
        field = relation(model, name)
        if field is None:
            break
        if field.one_to_many or field.many_to_many:
            join = LOOKUP_SEPARATOR.join
            return join(names[:place]), name, join(names[place + 1 :])
        model = field.related_model
    return path, "", ""


class Some(Expression):
    """True where at least one row of a to-many relation meets a condition.

    `Some("members", Q(person=..., role="editor"))` compiles to one EXISTS; `Some("trip__members", ...)`
    follows the to-one relation first. The same related row meets the whole condition.
    """

    conditional = True

    def __init__(self, path: str, condition: Q) -> None:
        """Take the path to a to-many relation and a condition on the model it leads to."""
        super().__init__()
        self.path, self.condition = path, condition

    def __repr__(self) -> str:
        """Show the path and the condition."""
        return f"Some({self.path!r}, {self.condition!r})"

    def resolve_expression(self, query: Any = None, *args: Any, **options: Any) -> Any:
        """Become the EXISTS for the model that is being asked."""
        return some(query.model, self.path, self.condition).resolve_expression(query, *args, **options)


def some(model: type[Model], path: str, condition: Q) -> Exists:
    """Build the EXISTS of `Some` for a model.

    Raises:
        ValueError: the path holds no to-many relation, or goes on behind it.
    """
    before, many, after = split_at_many(model, path)
    if not many or after:
        raise ValueError(f"{path} does not end in a to-many relation of {model.__name__}")
    owner = model
    for name in filter(None, before.split(LOOKUP_SEPARATOR)):
        owner = relation(owner, name).related_model
    field = relation(owner, many)
    here = OuterRef(f"{before}{LOOKUP_SEPARATOR}pk" if before else "pk")
    return Exists(field.related_model._base_manager.filter(Q(**{way_back(field): here}) & condition))


def way_back(field: ForeignObjectRel | RelatedField[Any, Any]) -> str:
    """Name the relation that leads back, as a query on the related model spells it."""
    if isinstance(field, ForeignObjectRel):
        return field.field.name
    return field.related_query_name()


def accessor(field: ForeignObjectRel | RelatedField[Any, Any]) -> str:
    """Name the attribute of a row that leads along a relation."""
    if isinstance(field, ForeignObjectRel):
        return field.get_accessor_name() or field.name
    return field.name


def named_by_rows(model: type[Model], attribute: str) -> Any:
    """Return the relation that an attribute of a model's rows leads along, or None where it is no relation."""
    relations: Any = (field for field in model._meta.get_fields() if field.is_relation and field.related_model)
    return next((field for field in relations if accessor(field) == attribute), None)
