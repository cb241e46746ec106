"""Relations that a serializer shows by itself: keys, slugs, addresses, nested serializers, of one row or of many."""

from __future__ import annotations

from django.db.models import F, Model, OuterRef, Q, QuerySet
from django.db.models.expressions import BaseExpression
from rest_framework import serializers

from resources.core.database.related import (
    LOOKUP_SEPARATOR,
    Relation,
    accessor,
    is_relation,
    referred_column,
    referred_name,
    way_back,
)
from serializers.core.kinds import Serializer, row_serializer
from serializers.core.read.compiled.compiler import Compiler
from serializers.core.read.compiled.expressions import Cell, JSONArray, JSONValue, unless
from serializers.core.read.compiled.hyperlinks import address
from serializers.core.read.compiled.paths import column_path, follow, link_table, to_many
from serializers.core.read.compiled.prefetched import in_default_order, rows_of
from serializers.core.read.compiled.refusals import NotCompiled, refuse_custom_ways, refuse_gaps


def key(compiler: Compiler, field: serializers.PrimaryKeyRelatedField[Model], model: type[Model], prefix: str) -> Cell:
    """Compile the key of a related row."""
    refuse_custom_ways(field)
    if field.pk_field is not None:
        raise NotCompiled("its pk_field decides in Python how it is shown")
    column, path, nullable = follow(model, field.source_attrs)
    if nullable:
        refuse_gaps(field)
    return compiler.cell(F(prefix + path), column)


def slug(compiler: Compiler, field: serializers.SlugRelatedField[Model], model: type[Model], prefix: str) -> Cell:
    """Compile another column of a related row."""
    refuse_custom_ways(field)
    if follow(model, field.source_attrs).nullable:
        refuse_gaps(field)
    column, path, _ = follow(model, [*field.source_attrs, *field.slug_field.split(LOOKUP_SEPARATOR)])
    return compiler.cell(F(prefix + path), column)


def keys(compiler: Compiler, field: serializers.ManyRelatedField, model: type[Model], prefix: str) -> JSONArray:
    """Compile a list of keys, slugs or addresses of related rows."""
    refuse_custom_ways(field)
    inner, relation = field.child_relation, to_many(model, field.source_attrs)
    column, path, _ = follow(relation.related_model, column_path(inner))
    rows = in_default_order(related(compiler, relation, model, prefix))
    link = link_table(relation) if path == "pk" and f"{prefix}{accessor(relation)}" not in compiler.chosen else None
    if link:  # which has the keys already
        rows, path = link.model._base_manager.filter(**{link.near: OuterRef(f"{prefix}pk")}), link.far
        rows = rows.order_by(path)
    item: BaseExpression
    if isinstance(inner, serializers.HyperlinkedRelatedField):
        item = address(compiler, inner, path, column)
    else:
        item = compiler.cell(F(path), column)
    return JSONArray(rows.annotate(_json=JSONValue(item)).values("_json"))


def one(compiler: Compiler, field: Serializer, model: type[Model], prefix: str) -> BaseExpression:
    """Compile a serializer of a related row."""
    if field.source == "*":
        return compiler.object(field, model, prefix)
    relation, path, nullable = follow(model, field.source_attrs)
    if not is_relation(relation):
        raise NotCompiled("it shows what is not a relation")
    if nullable:
        refuse_gaps(field)
    shown = compiler.object(field, relation.related_model, f"{prefix}{path}{LOOKUP_SEPARATOR}")
    return unless(Q(**{f"{prefix}{path}__isnull": True}), shown, nullable or relation.null)


def many(compiler: Compiler, field: serializers.ListSerializer[Model], model: type[Model], prefix: str) -> JSONArray:
    """Compile a serializer of many related rows."""
    refuse_custom_ways(field)
    relation = to_many(model, field.source_attrs)
    rows = in_default_order(related(compiler, relation, model, prefix))
    json = compiler.of(rows).object(row_serializer(field), rows.model, "")
    return JSONArray(rows.annotate(_json=json).values("_json"))


def related(compiler: Compiler, relation: Relation, model: type[Model], prefix: str) -> QuerySet[Model]:
    """Return the rows of a to-many relation, inside the query of the row that has it."""
    everything = relation.related_model._default_manager.all()
    rows = rows_of(f"{prefix}{accessor(relation)}", compiler.chosen, everything)
    here = referred_name(model, referred_column(relation))
    return rows.filter(**{way_back(relation): OuterRef(f"{prefix}{here}")})
