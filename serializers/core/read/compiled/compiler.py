"""Walks a serializer, field by field, and makes the expression that writes a row as the serializer would.

May refuse: `NotCompiled`, with the reason, for whatever only Python can show.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from django.db.models import DecimalField, Expression, F, FloatField, ForeignObjectRel, Model, QuerySet
from django.db.models.expressions import BaseExpression
from django.db.models.functions import Cast

from resources.core.database.columns import Column, value_column
from serializers.core.kinds import Field, Serializer
from serializers.core.read.compiled.columns import fault_of, keeps_places
from serializers.core.read.compiled.expressions import Cell, JSONObject, Operand
from serializers.core.read.compiled.forms import Dialect
from serializers.core.read.compiled.holes import Fill
from serializers.core.read.compiled.pages import Referred
from serializers.core.read.compiled.paths import follow
from serializers.core.read.compiled.prefetched import Chosen, chosen_by
from serializers.core.read.compiled.refusals import NotCompiled, refuse_custom_ways, refuse_gaps

type MemberCompiler[Member: Field] = Callable[[Compiler, Member, type[Model], str], BaseExpression]
"""Compiles a member of a kind: of a compiler, the field, the model whose row has it, and the path to that row."""
type AnyMemberCompiler = Callable[[Compiler, Field, type[Model], str], BaseExpression | None]
"""The same for a member of whatever kind; None where it is of another."""


def members_of[Member: Field](kind: type[Member], compile_: MemberCompiler[Member]) -> AnyMemberCompiler:
    """Compile the members of a kind, and no others."""

    def compile_any(compiler: Compiler, field: Field, model: type[Model], prefix: str) -> BaseExpression | None:
        return compile_(compiler, field, model, prefix) if isinstance(field, kind) else None

    return compile_any


@dataclass(frozen=True, slots=True)
class Listing:
    """The rows of a resource that may be shown, in the order of its own list.

    Attributes:
        rows: in order.
        position: the expressions they are ordered by.
    """

    rows: QuerySet[Model]
    position: Sequence[Operand]


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the rows of expanded relations come from, for the actor who asks.

    Attributes:
        readable: the rows of a resource that may be shown; None where all of its table may.
        listed: the same, in the order of the resource's own list.
    """

    readable: Callable[[type[Model]], QuerySet[Model] | None]
    listed: Callable[[type[Model]], Listing]


@dataclass(frozen=True, slots=True)
class Compiler:
    """Compiles serializers, nested ones included, for one actor.

    Attributes:
        members: how each kind of member that is more than a column is compiled; the first that fits counts.
        dialect: of the database.
        sources: where the rows of expanded relations come from.
        rows: what the outermost serializer shows.
        chosen: the related rows that these chose themselves.
        fills: what fills the holes found so far.
        referred: what the rows refer to, where they are those of a page.
    """

    members: Sequence[AnyMemberCompiler]
    dialect: Dialect
    sources: Sources
    rows: QuerySet[Model]
    chosen: Chosen
    fills: list[Fill] = field(default_factory=list)
    referred: list[Referred] | None = None

    def object(self, serializer: Serializer, model: type[Model], prefix: str) -> JSONObject:
        """Compile what a serializer shows of a model; `prefix` leads to its row, over to-one relations."""
        refuse_custom_ways(serializer)
        members = list[tuple[str, BaseExpression]]()
        for name, member in serializer.fields.items():
            if not member.write_only:
                try:
                    members.append((name, self.member(member, model, prefix)))
                except NotCompiled as reason:
                    raise NotCompiled(f"{name}: {reason}" if ": " not in str(reason) else f"{name}.{reason}") from None
        return JSONObject(members)

    def of(self, rows: QuerySet[Model]) -> Compiler:
        """Return the compiler of other rows, in a subquery."""
        return replace(self, rows=rows, chosen=chosen_by(rows), referred=None)

    def member(self, field: Field, model: type[Model], prefix: str) -> BaseExpression:
        """Compile one member."""
        for compile_ in self.members:
            expression = compile_(self, field, model, prefix)
            if expression is not None:
                return expression
        return self.column(field, model, prefix)

    def column(self, field: Field, model: type[Model], prefix: str) -> Cell:
        """Compile a field that shows a column, perhaps across to-one relations, or an annotation."""
        source = str(field.source)
        annotation = None if prefix else self.rows.query.annotations.get(source)
        column: Column | ForeignObjectRel
        if annotation is not None:
            column, path, nullable = annotation.output_field, source, False
        else:
            column, path, nullable = follow(model, field.source_attrs)
        if nullable:
            refuse_gaps(field)
        if not field.source_attrs:
            raise NotCompiled("it shows the row itself")
        if field.source_attrs[-1] == getattr(column, "attname", None):  # the key of a relation, as a value: `owner_id`
            column = value_column(column)
        reason = fault_of(field, column)
        if reason:
            raise NotCompiled(reason)
        return self.cell(F(prefix + path), column) if annotation is None else self.computed(F(path), annotation)

    def cell(self, operand: Operand, column: Column | ForeignObjectRel) -> Cell:
        """Write a value in the form of a column's type."""
        plain = value_column(column)
        if self.dialect.form(plain) is None:
            raise NotCompiled(f"there is no form for a {type(plain).__name__}")
        return Cell(operand, plain)

    def computed(self, operand: Expression | F, expression: BaseExpression) -> Cell:
        """Write what an expression gives, as Django would read it; PostgreSQL's mean of integers is a decimal."""
        column = value_column(expression.output_field)
        if isinstance(column, FloatField):
            operand = Cast(operand, FloatField())
        elif isinstance(column, DecimalField) and not keeps_places(expression, column):
            raise NotCompiled("it counts with decimals, which may have more places than are shown")
        return self.cell(operand, column)

    def hole(self, fill: Fill) -> int:
        """Remember what fills a hole, and number it."""
        self.fills.append(fill)
        return len(self.fills) - 1
