"""Finds the columns and relations of a model that the names of a serializer lead to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.core.exceptions import FieldDoesNotExist
from django.db.models import ForeignKey, ForeignObjectRel, ManyToManyField, ManyToManyRel, Model, QuerySet
from rest_framework import serializers

from resources.core.database.columns import Column
from resources.core.database.related import LOOKUP_SEPARATOR, Relation, is_relation, named_by_rows
from serializers.core.kinds import RelatedField
from serializers.core.read.compiled.refusals import NotCompiled, refuse_custom_ways


class Way(NamedTuple):
    """Where the names of a member lead, over to-one relations.

    Attributes:
        end: the column or relation.
        path: what a query calls it.
        nullable: whether a relation before it may be null.
    """

    end: Column | ForeignObjectRel
    path: str
    nullable: bool


def follow(model: type[Model], names: Iterable[str]) -> Way:
    """Follow names over to-one relations."""
    *relations, last = names or ("pk",)
    nullable, path = False, []
    for name in relations:
        relation = field_of(model, name)
        if not is_relation(relation) or not (relation.many_to_one or relation.one_to_one):
            raise NotCompiled(f"{name} is no to-one relation")
        nullable = nullable or getattr(relation, "null", True)
        path.append(name)
        model = relation.related_model
    end = model._meta.pk if last == "pk" else field_of(model, last)
    return Way(end, LOOKUP_SEPARATOR.join([*path, last]), nullable)


def field_of(model: type[Model], name: str) -> Column | ForeignObjectRel:
    """Return a field of a model by the name of its attribute, `country_id` included."""
    by_attribute = {field.attname: field for field in model._meta.concrete_fields}
    try:
        field = by_attribute.get(name) or model._meta.get_field(name)
    except FieldDoesNotExist:
        raise NotCompiled(f"{model.__name__}.{name} is no column but Python") from None
    if field.is_relation and field.related_model is None:
        raise NotCompiled(f"{model.__name__}.{name} leads to rows of any model")
    return field


def to_many(model: type[Model], names: Sequence[str]) -> Relation:
    """Find a to-many relation by the name of the attribute that leads along it."""
    if len(names) != 1:
        raise NotCompiled("it crosses a relation before the list")
    relation = named_by_rows(model, names[0])
    if relation is not None and (relation.many_to_many or relation.one_to_many):
        return relation
    raise NotCompiled(f"{model.__name__}.{names[0]} is no to-many relation")


class Link(NamedTuple):
    """The table between two models that refer to one another many to many, and the names of its two keys."""

    model: type[Model]
    near: str
    far: str


def link_table(relation: Relation) -> Link | None:
    """Find the table whose rows stand for the related ones; None where one must look at those themselves."""
    field = relation.field if isinstance(relation, ManyToManyRel) else relation
    if not isinstance(field, ManyToManyField) or not _is_whole(relation.related_model._default_manager.all()):
        return None
    names = (field.m2m_field_name(), field.m2m_reverse_field_name())
    through = field.remote_field.through
    assert through is not None  # noqa: S101 - Django has made it by now
    near, far = (through._meta.get_field(name) for name in (names if field is relation else reversed(names)))
    if not isinstance(near, ForeignKey) or not isinstance(far, ForeignKey):
        return None
    to_keys = near.target_field.primary_key and far.target_field.primary_key
    return Link(through, near.attname, far.attname) if to_keys else None


def _is_whole(rows: QuerySet[Model]) -> bool:
    """Whether rows are all of their table, in no order."""
    return not (rows.query.where or rows.query.annotations or rows.query.distinct or rows.ordered)


def column_path(relation: RelatedField) -> list[str]:
    """Return the path of the column that a relation shows of each related row.

    Raises:
        NotCompiled: it shows what only Python knows.
    """
    refuse_custom_ways(relation)
    if isinstance(relation, serializers.SlugRelatedField):
        return list(relation.slug_field.split(LOOKUP_SEPARATOR))
    if isinstance(relation, serializers.HyperlinkedRelatedField):
        return [relation.lookup_field]
    if not isinstance(relation, serializers.PrimaryKeyRelatedField):
        raise NotCompiled(f"{type(relation).__name__} decides in Python how it is shown")
    if relation.pk_field is not None:
        raise NotCompiled("its pk_field decides in Python how it is shown")
    return ["pk"]
