"""DRF's hyperlinks: the database tells the key of the row, or another column, and its address is filled in."""

from __future__ import annotations

from urllib.parse import urljoin

from django.db.models import AutoField, CharField, F, ForeignObjectRel, IntegerField, Model, Q, TextField, UUIDField
from django.db.models.expressions import BaseExpression
from rest_framework import serializers

from resources.core.database.columns import Column, is_a, value_column
from serializers.core.read.compiled.compiler import Compiler
from serializers.core.read.compiled.expressions import Hole, JSONList, unless
from serializers.core.read.compiled.holes import Fill, Payload
from serializers.core.read.compiled.paths import follow
from serializers.core.read.compiled.refusals import NotCompiled, refuse_custom_ways, refuse_gaps

KEYS = (AutoField, IntegerField, CharField, TextField, UUIDField)
"""The columns whose values a path shows as JSON does."""


type Hyperlink = serializers.HyperlinkedRelatedField[Model]


def hyperlink(compiler: Compiler, field: Hyperlink, model: type[Model], prefix: str) -> BaseExpression:
    """Compile the address of a row, or of one that a to-one relation leads to; null where it leads nowhere."""
    refuse_custom_ways(field)
    relations = field.source_attrs
    if relations and follow(model, relations).nullable:
        refuse_gaps(field)
    column, path, nullable = follow(model, [*relations, field.lookup_field])
    return unless(Q(**{f"{prefix}{path}__isnull": True}), address(compiler, field, prefix + path, column), nullable)


def address(compiler: Compiler, field: Hyperlink, path: str, column: Column | ForeignObjectRel) -> Hole:
    """Compile the address of the row that has a value in a column.

    Raises:
        NotCompiled: the value would stand in a path otherwise than in JSON.
    """
    if not is_a(column, *KEYS):
        raise NotCompiled(f"its address is made of a {type(value_column(column)).__name__}")
    return Hole(compiler.hole(address_of(field)), JSONList(compiler.cell(F(path), column)))


def address_of(field: Hyperlink) -> Fill:
    """Fill the address of a row, absolute as DRF makes it."""
    reverse, view_name, argument = field.reverse, field.view_name, field.lookup_url_kwarg
    by_key = field.lookup_field == "pk"

    def url(origin: str, payload: Payload) -> str | None:
        [value] = payload
        if by_key and value == "":
            return None
        return urljoin(f"{origin}/", str(reverse(view_name, kwargs={argument: value})))

    return url
