"""Compiles a serializer to the expression that writes a row as it would, by all the kinds of member that there are.

May refuse: `NotCompiled`, with the reason, for whatever only Python can show.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connections
from django.db.models import Expression, Model, QuerySet
from rest_framework import serializers

from serializers.core.kinds import Serializer
from serializers.core.read.compiled import files, methods, relations
from serializers.core.read.compiled.compiler import AnyMemberCompiler, Compiler, Sources, members_of
from serializers.core.read.compiled.expanded import expanded_many, expanded_one
from serializers.core.read.compiled.expressions import DIALECTS, AsText
from serializers.core.read.compiled.holes import Fill
from serializers.core.read.compiled.hyperlinks import hyperlink
from serializers.core.read.compiled.pages import Referred
from serializers.core.read.compiled.prefetched import chosen_by
from serializers.core.read.compiled.refusals import NotCompiled
from serializers.core.read.selection import ExpandedMany, ExpandedOne

MEMBERS: Sequence[AnyMemberCompiler] = (
    members_of(ExpandedOne, expanded_one),
    members_of(ExpandedMany, expanded_many),
    members_of(serializers.FileField, files.file),
    members_of(serializers.PrimaryKeyRelatedField, relations.key),
    members_of(serializers.HyperlinkedRelatedField, hyperlink),
    members_of(serializers.SlugRelatedField, relations.slug),
    members_of(serializers.ManyRelatedField, relations.keys),
    members_of(serializers.ListSerializer, relations.many),
    members_of(serializers.Serializer, relations.one),
    members_of(serializers.SerializerMethodField, methods.method),
)
"""How each kind of member that is more than a column is compiled."""


@dataclass(frozen=True, slots=True)
class CompiledRow:
    """What a serializer was compiled to.

    Attributes:
        json: the expression of a row's JSON, as text, which may have holes.
        fills: what fills them, by their number.
        referred: what the rows of a page refer to, for `page_first`; the expression counts for its rows then.
    """

    json: Expression
    fills: Sequence[Fill]
    referred: Sequence[Referred]


def compile_row(serializer: Serializer, rows: QuerySet[Model], sources: Sources, *, page: bool = False) -> CompiledRow:
    """Compile what a serializer shows of each of some rows.

    Args:
        serializer: shows one row; its selection has been applied.
        rows: what is shown; their annotations may be members.
        sources: where the rows of expanded relations come from.
        page: whether the rows can be found before they are shown.

    Raises:
        NotCompiled: some member can only be shown by Python.
    """
    dialect = DIALECTS.get(connections[rows.db].vendor)
    if dialect is None:
        raise NotCompiled(f"{connections[rows.db].vendor} has no table of types")
    compiler = Compiler(MEMBERS, dialect, sources, rows, chosen_by(rows), referred=[] if page else None)
    return CompiledRow(AsText(compiler.object(serializer, rows.model, "")), compiler.fills, compiler.referred or ())
