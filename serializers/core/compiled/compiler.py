"""Walks a serializer, field by field, and makes the expression that writes a row as the serializer would.

May refuse: `Interpreted`, with the reason, for whatever only Python can show.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import connections
from django.db.models import (
    DecimalField,
    Expression,
    F,
    FloatField,
    Model,
    OuterRef,
    Q,
    QuerySet,
)
from django.db.models.functions import Cast
from rest_framework import serializers
from rest_framework.settings import api_settings

from resources.core.columns import value_column
from resources.core.related import LOOKUP_SEPARATOR, accessor, referred_column, referred_name, way_back
from serializers.core.compiled.columns import definer_of, fault_of, is_plain_file, keeps_places
from serializers.core.compiled.expanded import expanded_many, expanded_one
from serializers.core.compiled.expressions import (
    DIALECTS,
    AsText,
    Cell,
    Hole,
    JSONArray,
    JSONList,
    JSONObject,
    JSONValue,
    unless,
)
from serializers.core.compiled.forms import Dialect
from serializers.core.compiled.holes import Fill, url_of
from serializers.core.compiled.hyperlinks import address, hyperlink
from serializers.core.compiled.pages import Referred
from serializers.core.compiled.paths import follow, link_table, to_many, told_by
from serializers.core.compiled.prefetched import Chosen, chosen_by, in_default_order, rows_of
from serializers.core.compiled.refusing import Interpreted, refuse_gaps, refuse_own_ways
from serializers.core.selection import ExpandedMany, ExpandedOne


@dataclass(frozen=True, slots=True)
class Listing:
    """The rows of a resource that may be shown, in the order of its own list.

    Attributes:
        rows: in order.
        position: the expressions they are ordered by.
    """

    rows: QuerySet[Any]
    position: Sequence[Any]


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the rows of expanded relations come from, for the actor who asks.

    Attributes:
        readable: the rows of a resource that may be shown; None where all of its table may.
        listed: the same, in the order of the resource's own list.
    """

    readable: Callable[[type[Model]], QuerySet[Any] | None]
    listed: Callable[[type[Model]], Listing]


@dataclass(frozen=True, slots=True)
class Row:
    """What a serializer was compiled to.

    Attributes:
        json: the expression of a row's JSON, as text, which may have holes.
        fills: what fills them, by their number.
        referred: what the rows of a page refer to, for `found_first`; the expression counts for its rows then.
    """

    json: Expression
    fills: Sequence[Fill]
    referred: Sequence[Referred]


def compile_row(serializer: Any, rows: QuerySet[Any], sources: Sources, *, page: bool = False) -> Row:
    """Compile what a serializer shows of each of some rows.

    Args:
        serializer: shows one row; its selection has been applied.
        rows: what is shown; their annotations may be members.
        sources: where the rows of expanded relations come from.
        page: whether the rows can be found before they are shown.

    Raises:
        Interpreted: some member can only be shown by Python.
    """
    dialect = DIALECTS.get(connections[rows.db].vendor)
    if dialect is None:
        raise Interpreted(f"{connections[rows.db].vendor} has no table of types")
    compiler = Compiler(dialect, sources, rows, chosen_by(rows), referred=[] if page else None)
    return Row(AsText(compiler.object(serializer, rows.model, "")), compiler.fills, compiler.referred or ())


@dataclass(frozen=True, slots=True)
class Compiler:
    """Compiles serializers, nested ones included, for one actor.

    Attributes:
        dialect: of the database.
        sources: where the rows of expanded relations come from.
        rows: what the outermost serializer shows.
        chosen: the related rows that these chose themselves.
        fills: what fills the holes found so far.
        referred: what the rows refer to, where they are those of a page.
    """

    dialect: Dialect
    sources: Sources
    rows: QuerySet[Any]
    chosen: Chosen
    fills: list[Fill] = field(default_factory=list)
    referred: list[Referred] | None = None

    def object(self, serializer: Any, model: type[Model], prefix: str) -> JSONObject:
        """Compile what a serializer shows of a model; `prefix` leads to its row, over to-one relations."""
        refuse_own_ways(serializer)
        members = []
        for name, member in serializer.fields.items():
            if not member.write_only:
                try:
                    members.append((name, self.member(member, model, prefix)))
                except Interpreted as reason:
                    raise Interpreted(f"{name}: {reason}" if ": " not in str(reason) else f"{name}.{reason}") from None
        return JSONObject(members)

    def of(self, rows: QuerySet[Any]) -> Compiler:
        """Return the compiler of other rows, in a subquery."""
        return replace(self, rows=rows, chosen=chosen_by(rows), referred=None)

    def member(self, field: Any, model: type[Model], prefix: str) -> Any:
        """Compile one member."""
        for kind, compile_ in MEMBERS.items():
            if isinstance(field, kind):
                return compile_(self, field, model, prefix)
        return self.column(field, model, prefix)

    def column(self, field: Any, model: type[Model], prefix: str) -> Any:
        """Compile a field that shows a column, perhaps across to-one relations, or an annotation."""
        annotation = None if prefix else self.rows.query.annotations.get(field.source)
        if annotation is not None:
            column, path, nullable = annotation.output_field, field.source, False
        else:
            column, path, nullable = follow(model, field.source_attrs)
        if nullable:
            refuse_gaps(field)
        if not field.source_attrs:
            raise Interpreted("it shows the row itself")
        if field.source_attrs[-1] == getattr(column, "attname", None):  # the key of a relation, as a value: `owner_id`
            column = value_column(column)
        reason = fault_of(field, column)
        if reason:
            raise Interpreted(reason)
        return self.cell(F(prefix + path), column) if annotation is None else self.counted(F(path), annotation)

    def cell(self, operand: Any, column: Any) -> Cell:
        """Write a value in the form of a column's type."""
        plain = value_column(column)
        if self.dialect.form(plain) is None:
            raise Interpreted(f"there is no form for a {type(plain).__name__}")
        return Cell(operand, plain)

    def counted(self, operand: Any, expression: Any) -> Cell:
        """Write what an expression gives, as Django would read it; PostgreSQL's mean of integers is a decimal."""
        column = value_column(expression.output_field)
        if isinstance(column, FloatField):
            operand = Cast(operand, FloatField())
        elif isinstance(column, DecimalField) and not keeps_places(expression, column):
            raise Interpreted("it counts with decimals, which may have more places than are shown")
        return self.cell(operand, column)

    def key(self, field: Any, model: type[Model], prefix: str) -> Any:
        """Compile the key of a related row."""
        refuse_own_ways(field)
        if field.pk_field is not None:
            raise Interpreted("its pk_field decides in Python how it is shown")
        column, path, nullable = follow(model, field.source_attrs)
        if nullable:
            refuse_gaps(field)
        return self.cell(F(prefix + path), column)

    def slug(self, field: Any, model: type[Model], prefix: str) -> Any:
        """Compile another column of a related row."""
        refuse_own_ways(field)
        if follow(model, field.source_attrs)[2]:
            refuse_gaps(field)
        column, joined, _ = follow(model, [*field.source_attrs, *field.slug_field.split(LOOKUP_SEPARATOR)])
        return self.cell(F(prefix + joined), column)

    def keys(self, field: Any, model: type[Model], prefix: str) -> Any:
        """Compile a list of keys, slugs or addresses of related rows."""
        refuse_own_ways(field)
        inner, relation = field.child_relation, to_many(model, field.source_attrs)
        column, path, _ = follow(relation.related_model, told_by(inner))
        rows = in_default_order(self.related(relation, model, prefix))
        link = link_table(relation) if path == "pk" and f"{prefix}{accessor(relation)}" not in self.chosen else None
        if link:  # which has the keys already
            rows, path = link.model._base_manager.filter(**{link.near: OuterRef(f"{prefix}pk")}), link.far
            rows = rows.order_by(path)
        hyperlinked = isinstance(inner, serializers.HyperlinkedRelatedField)
        told = address(self, inner, path, column) if hyperlinked else self.cell(F(path), column)
        return JSONArray(rows.annotate(_json=JSONValue(told)).values("_json"))

    def nested(self, field: Any, model: type[Model], prefix: str) -> Any:
        """Compile a serializer of a related row."""
        if field.source == "*":
            return self.object(field, model, prefix)
        relation, path, nullable = follow(model, field.source_attrs)
        if not relation.is_relation:
            raise Interpreted("it shows what is not a relation")
        if nullable:
            refuse_gaps(field)
        shown = self.object(field, relation.related_model, f"{prefix}{path}{LOOKUP_SEPARATOR}")
        return unless(Q(**{f"{prefix}{path}__isnull": True}), shown, nullable or relation.null)

    def listed(self, field: Any, model: type[Model], prefix: str) -> Any:
        """Compile a serializer of many related rows."""
        refuse_own_ways(field)
        relation = to_many(model, field.source_attrs)
        rows = in_default_order(self.related(relation, model, prefix))
        json = self.of(rows).object(field.child, rows.model, "")
        return JSONArray(rows.annotate(_json=json).values("_json"))

    def related(self, relation: Any, model: type[Model], prefix: str) -> QuerySet[Any]:
        """Return the rows of a to-many relation, inside the query of the row that has it."""
        everything: QuerySet[Any] = relation.related_model._default_manager.all()
        rows = rows_of(f"{prefix}{accessor(relation)}", self.chosen, everything)
        here = referred_name(model, referred_column(relation))
        return rows.filter(**{way_back(relation): OuterRef(f"{prefix}{here}")})

    def hole(self, fill: Fill) -> int:
        """Remember what fills a hole, and number it."""
        self.fills.append(fill)
        return len(self.fills) - 1

    def file(self, field: Any, model: type[Model], prefix: str) -> Any:
        """Compile a file, shown as its URL, which the storage makes, or as its name."""
        column, path, nullable = follow(model, field.source_attrs)
        if nullable:
            refuse_gaps(field)
        if definer_of(type(field)) is not serializers.FileField or not is_plain_file(column):
            raise Interpreted("its class decides in Python how it is shown")
        name: Any = self.cell(F(prefix + path), column)
        shown = (
            Hole(self.hole(url_of(column)), JSONList(name))
            if getattr(field, "use_url", api_settings.UPLOADED_FILES_USE_URL)
            else name
        )
        return unless(Q(**{prefix + path: ""}) | Q(**{f"{prefix + path}__isnull": True}), shown, nullable=True)

    def method(self, field: Any, model: type[Model], prefix: str) -> Any:
        """Compile a method field that says its SQL."""
        if getattr(field, "sql", None) is None:
            raise Interpreted("its method is Python; give sql= to compile it")
        if prefix:
            raise Interpreted("its sql= counts for the rows of the list, not for nested ones")
        resolved = field.sql.resolve_expression(self.rows.query.clone())
        return self.counted(field.sql, resolved)


MEMBERS: dict[type[Any], Callable[..., Any]] = {
    ExpandedOne: expanded_one,
    ExpandedMany: expanded_many,
    serializers.FileField: Compiler.file,
    serializers.PrimaryKeyRelatedField: Compiler.key,
    serializers.HyperlinkedRelatedField: hyperlink,
    serializers.SlugRelatedField: Compiler.slug,
    serializers.ManyRelatedField: Compiler.keys,
    serializers.ListSerializer: Compiler.listed,
    serializers.Serializer: Compiler.nested,
    serializers.SerializerMethodField: Compiler.method,
}
"""How each kind of member that is more than a column is compiled."""
