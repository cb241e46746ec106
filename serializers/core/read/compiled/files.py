"""Files, shown as their URLs, which only Python can write."""

from __future__ import annotations

from django.db.models import F, Model, Q
from django.db.models.expressions import BaseExpression
from rest_framework import serializers
from rest_framework.settings import api_settings

from serializers.core.read.compiled.columns import definer_of, is_plain_file
from serializers.core.read.compiled.compiler import Compiler
from serializers.core.read.compiled.expressions import Hole, JSONList, unless
from serializers.core.read.compiled.holes import url_of
from serializers.core.read.compiled.paths import follow
from serializers.core.read.compiled.refusals import NotCompiled, refuse_gaps


def file(compiler: Compiler, field: serializers.FileField, model: type[Model], prefix: str) -> BaseExpression:
    """Compile a file, shown as its URL, which the storage makes, or as its name."""
    column, path, nullable = follow(model, field.source_attrs)
    if nullable:
        refuse_gaps(field)
    if definer_of(type(field)) is not serializers.FileField or not is_plain_file(column):
        raise NotCompiled("its class decides in Python how it is shown")
    name = compiler.cell(F(prefix + path), column)
    shown = (
        Hole(compiler.hole(url_of(column)), JSONList(name))
        if getattr(field, "use_url", api_settings.UPLOADED_FILES_USE_URL)
        else name
    )
    return unless(Q(**{prefix + path: ""}) | Q(**{f"{prefix + path}__isnull": True}), shown, nullable=True)
