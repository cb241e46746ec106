"""Relations that a client expands: an object in the place of a key, or a list of objects and a link to the rest."""

from __future__ import annotations

from typing import Never

from django.db.models import Exists, F, ForeignKey, Model, OuterRef, Q, QuerySet, Value, When
from django.db.models.expressions import BaseExpression

from resources.core.database.related import (
    LOOKUP_SEPARATOR,
    filtered_column,
    is_relation,
    leads_to,
    referred_column,
    referred_name,
    relation,
    way_back,
)
from serializers.core.read.compiled.compiler import Compiler
from serializers.core.read.compiled.expressions import (
    AsText,
    FirstOf,
    JSONArray,
    JSONList,
    JSONPosition,
    JSONValue,
    ListedArray,
    unless,
)
from serializers.core.read.compiled.holes import rest_of
from serializers.core.read.compiled.pages import InPage, Referred, SharedJSON, refers
from serializers.core.read.compiled.paths import field_of
from serializers.core.read.compiled.refusals import NotCompiled
from serializers.core.read.selection import ExpandedMany, ExpandedOne


def expanded_one(compiler: Compiler, field: ExpandedOne, model: type[Model], prefix: str) -> BaseExpression:
    """Compile a relation shown as an object; its key where the object may not be read."""
    relation = field_of(model, field.relation)
    if not is_relation(relation):
        raise NotCompiled("it shows what is not a relation")
    path = f"{prefix}{relation.name}"
    key = Value(None) if field.replaced is None else JSONValue(compiler.member(field.replaced, model, prefix))
    readable = compiler.sources.readable(relation.related_model)
    if compiler.referred is not None and refers(relation, model) and not (prefix or compiler.chosen):
        referred = _once(compiler, field, relation, readable)
        if referred is not None:
            compiler.referred.append(referred)
            return SharedJSON(relation, key)
    shown = compiler.object(field.nested, relation.related_model, f"{path}{LOOKUP_SEPARATOR}")
    if readable is None:
        return unless(Q(**{f"{path}__isnull": True}), shown, bool(prefix) or relation.null)
    may = leads_to(path, relation, readable)
    return FirstOf(When(may, then=shown), When(Q(**{f"{path}__isnull": False}), then=key), default=Value(None))


def _once(
    compiler: Compiler, field: ExpandedOne, relation: ForeignKey[Never, object], readable: QuerySet[Model] | None
) -> Referred | None:
    """Compile the rows that those of a page refer to, of those that may be read; None where a join is as quick."""
    key, everything = F(relation.target_field.attname), QuerySet[Model](relation.related_model)
    rows = everything.filter(Q(InPage(key, relation.column)))
    if readable is not None:
        rows = rows.filter(Exists(readable.order_by().filter(pk=OuterRef("pk"))))
    json = compiler.of(rows).object(field.nested, relation.related_model, "")
    if not compiler.dialect.once and not any(isinstance(part, JSONArray) for part in json.flatten()):
        return None
    return Referred(relation, rows.annotate(_key=key, _json=json).values("_key", "_json"))


def expanded_many(compiler: Compiler, field: ExpandedMany, model: type[Model], prefix: str) -> ListedArray:
    """Compile a relation shown as a list of objects, and the link to the rest of them."""
    to_many = relation(model, field.expansion.path)
    assert to_many is not None  # noqa: S101 - the grammar has looked
    listing = compiler.sources.listed(to_many.related_model)
    here = OuterRef(f"{prefix}{referred_name(model, referred_column(to_many))}")
    rows = listing.rows.filter(**{way_back(to_many): here})
    filtered = filtered_column(model, to_many)
    position: list[BaseExpression] = [compiler.cell(OuterRef(f"{prefix}{referred_name(model, filtered)}"), filtered)]
    position += map(JSONPosition, listing.position)
    shown = rows.annotate(_json=compiler.of(rows).object(field.nested, rows.model, "")).values("_json")
    positions = rows.annotate(_position=AsText(JSONList(*position))).values("_position")
    return ListedArray(shown, positions, field.expansion.most, compiler.hole(rest_of(field)))
