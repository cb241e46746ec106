"""Compiles a serializer to the expression that writes a row as it would, by all the kinds of member that there are.

May refuse: `Interpreted`, with the reason, for whatever only Python can show.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connections
from django.db.models import Expression, QuerySet
from rest_framework import serializers

from serializers.core.read.compiled import files, methods, relations
from serializers.core.read.compiled.compiler import Compiler, MemberCompiler, Sources
from serializers.core.read.compiled.expanded import expanded_many, expanded_one
from serializers.core.read.compiled.expressions import DIALECTS, AsText
from serializers.core.read.compiled.holes import Fill
from serializers.core.read.compiled.hyperlinks import hyperlink
from serializers.core.read.compiled.pages import Referred
from serializers.core.read.compiled.prefetched import chosen_by
from serializers.core.read.compiled.refusals import Interpreted
from serializers.core.read.selection import ExpandedMany, ExpandedOne

MEMBERS: Mapping[type[Any], MemberCompiler] = {
    ExpandedOne: expanded_one,
    ExpandedMany: expanded_many,
    serializers.FileField: files.file,
    serializers.PrimaryKeyRelatedField: relations.key,
    serializers.HyperlinkedRelatedField: hyperlink,
    serializers.SlugRelatedField: relations.slug,
    serializers.ManyRelatedField: relations.keys,
    serializers.ListSerializer: relations.listed,
    serializers.Serializer: relations.nested,
    serializers.SerializerMethodField: methods.method,
}
"""How each kind of member that is more than a column is compiled."""


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
    compiler = Compiler(MEMBERS, dialect, sources, rows, chosen_by(rows), referred=[] if page else None)
    return Row(AsText(compiler.object(serializer, rows.model, "")), compiler.fills, compiler.referred or ())
