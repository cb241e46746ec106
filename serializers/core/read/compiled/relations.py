"""Relations that a serializer shows by itself: keys, slugs, addresses, nested serializers, of one row or of many."""

from __future__ import annotations

from typing import Any

from django.db.models import F, Model, OuterRef, Q, QuerySet
from rest_framework import serializers

from resources.core.database.related import LOOKUP_SEPARATOR, accessor, referred_column, referred_name, way_back
from serializers.core.read.compiled.compiler import Compiler
from serializers.core.read.compiled.expressions import JSONArray, JSONValue, unless
from serializers.core.read.compiled.hyperlinks import address
from serializers.core.read.compiled.paths import follow, link_table, to_many, told_by
from serializers.core.read.compiled.prefetched import in_default_order, rows_of
from serializers.core.read.compiled.refusals import Interpreted, refuse_gaps, refuse_own_ways


def key(compiler: Compiler, field: Any, model: type[Model], prefix: str) -> Any:
    """Compile the key of a related row."""
    refuse_own_ways(field)
    if field.pk_field is not None:
        raise Interpreted("its pk_field decides in Python how it is shown")
    column, path, nullable = follow(model, field.source_attrs)
    if nullable:
        refuse_gaps(field)
    return compiler.cell(F(prefix + path), column)


def slug(compiler: Compiler, field: Any, model: type[Model], prefix: str) -> Any:
    """Compile another column of a related row."""
    refuse_own_ways(field)
    if follow(model, field.source_attrs)[2]:
        refuse_gaps(field)
    column, joined, _ = follow(model, [*field.source_attrs, *field.slug_field.split(LOOKUP_SEPARATOR)])
    return compiler.cell(F(prefix + joined), column)


def keys(compiler: Compiler, field: Any, model: type[Model], prefix: str) -> Any:
    """Compile a list of keys, slugs or addresses of related rows."""
    refuse_own_ways(field)
    inner, relation = field.child_relation, to_many(model, field.source_attrs)
    column, path, _ = follow(relation.related_model, told_by(inner))
    rows = in_default_order(related(compiler, relation, model, prefix))
    link = link_table(relation) if path == "pk" and f"{prefix}{accessor(relation)}" not in compiler.chosen else None
    if link:  # which has the keys already
        rows, path = link.model._base_manager.filter(**{link.near: OuterRef(f"{prefix}pk")}), link.far
        rows = rows.order_by(path)
    hyperlinked = isinstance(inner, serializers.HyperlinkedRelatedField)
    told = address(compiler, inner, path, column) if hyperlinked else compiler.cell(F(path), column)
    return JSONArray(rows.annotate(_json=JSONValue(told)).values("_json"))


def nested(compiler: Compiler, field: Any, model: type[Model], prefix: str) -> Any:
    """Compile a serializer of a related row."""
    if field.source == "*":
        return compiler.object(field, model, prefix)
    relation, path, nullable = follow(model, field.source_attrs)
    if not relation.is_relation:
        raise Interpreted("it shows what is not a relation")
    if nullable:
        refuse_gaps(field)
    shown = compiler.object(field, relation.related_model, f"{prefix}{path}{LOOKUP_SEPARATOR}")
    return unless(Q(**{f"{prefix}{path}__isnull": True}), shown, nullable or relation.null)


def listed(compiler: Compiler, field: Any, model: type[Model], prefix: str) -> Any:
    """Compile a serializer of many related rows."""
    refuse_own_ways(field)
    relation = to_many(model, field.source_attrs)
    rows = in_default_order(related(compiler, relation, model, prefix))
    json = compiler.of(rows).object(field.child, rows.model, "")
    return JSONArray(rows.annotate(_json=json).values("_json"))


def related(compiler: Compiler, relation: Any, model: type[Model], prefix: str) -> QuerySet[Any]:
    """Return the rows of a to-many relation, inside the query of the row that has it."""
    everything: QuerySet[Any] = relation.related_model._default_manager.all()
    rows = rows_of(f"{prefix}{accessor(relation)}", compiler.chosen, everything)
    here = referred_name(model, referred_column(relation))
    return rows.filter(**{way_back(relation): OuterRef(f"{prefix}{here}")})
