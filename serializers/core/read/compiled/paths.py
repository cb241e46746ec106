"""Finds the columns and relations of a model that the names of a serializer lead to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.core.exceptions import FieldDoesNotExist
from django.db.models import ForeignObjectRel, Model, QuerySet
from rest_framework import serializers

from resources.core.database.related import LOOKUP_SEPARATOR, named_by_rows
from serializers.core.read.compiled.refusals import Interpreted, refuse_own_ways


def follow(model: type[Model], names: Iterable[str]) -> tuple[Any, str, bool]:
    """Follow names over to-one relations.

    Returns:
        The column or relation at the end, the path a query calls it by, and whether a relation before it may be null.
    """
    *relations, last = names or ("pk",)
    nullable, path = False, []
    for name in relations:
        relation = field_of(model, name)
        if not (relation.many_to_one or relation.one_to_one):
            raise Interpreted(f"{name} is no to-one relation")
        nullable = nullable or getattr(relation, "null", True)
        path.append(name)
        model = relation.related_model
    column = model._meta.pk if last == "pk" else field_of(model, last)
    return column, LOOKUP_SEPARATOR.join([*path, last]), nullable


def field_of(model: type[Model], name: str) -> Any:
    """Return a field of a model by the name of its attribute, `country_id` included."""
    by_attribute = {field.attname: field for field in model._meta.concrete_fields}
    try:
        found: Any = by_attribute.get(name) or model._meta.get_field(name)
    except FieldDoesNotExist:
        raise Interpreted(f"{model.__name__}.{name} is no column but Python") from None
    if found.is_relation and found.related_model is None:
        raise Interpreted(f"{model.__name__}.{name} leads to rows of any model")
    return found


def to_many(model: type[Model], names: Sequence[str]) -> Any:
    """Find a to-many relation by the name of the attribute that leads along it."""
    if len(names) != 1:
        raise Interpreted("it crosses a relation before the list")
    found = named_by_rows(model, names[0])
    if found is not None and (found.many_to_many or found.one_to_many):
        return found
    raise Interpreted(f"{model.__name__}.{names[0]} is no to-many relation")


class Link(NamedTuple):
    """The table between two models that refer to one another many to many, and the names of its two keys."""

    model: type[Model]
    near: str
    far: str


def link_table(relation: Any) -> Link | None:
    """Find the table whose rows stand for the related ones; None where one must look at those themselves."""
    if not relation.many_to_many or not _is_whole_and_unordered(relation.related_model._default_manager.all()):
        return None
    forward = not isinstance(relation, ForeignObjectRel)
    field = relation if forward else relation.field
    names = (field.m2m_field_name(), field.m2m_reverse_field_name())
    through = field.remote_field.through
    near, far = (through._meta.get_field(name) for name in (names if forward else reversed(names)))
    to_keys = near.target_field.primary_key and far.target_field.primary_key
    return Link(through, near.attname, far.attname) if to_keys else None


def _is_whole_and_unordered(rows: QuerySet[Any]) -> bool:
    return not (rows.query.where or rows.query.annotations or rows.query.distinct or rows.ordered)


def told_by(relation: Any) -> list[str]:
    """Return the path of the column that a relation tells of each related row.

    Raises:
        Interpreted: it tells what only Python knows.
    """
    refuse_own_ways(relation)
    if isinstance(relation, serializers.SlugRelatedField):
        return list(relation.slug_field.split(LOOKUP_SEPARATOR))
    if isinstance(relation, serializers.HyperlinkedRelatedField):
        return [relation.lookup_field]
    if not isinstance(relation, serializers.PrimaryKeyRelatedField):
        raise Interpreted(f"{type(relation).__name__} decides in Python how it is shown")
    if relation.pk_field is not None:
        raise Interpreted("its pk_field decides in Python how it is shown")
    return ["pk"]
