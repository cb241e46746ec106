"""Files, shown as their URLs, which only Python can write."""

from __future__ import annotations

from typing import Any

from django.db.models import F, Model, Q
from rest_framework import serializers
from rest_framework.settings import api_settings

from serializers.core.read.compiled.columns import definer_of, is_plain_file
from serializers.core.read.compiled.compiler import Compiler
from serializers.core.read.compiled.expressions import Hole, JSONList, unless
from serializers.core.read.compiled.holes import url_of
from serializers.core.read.compiled.paths import follow
from serializers.core.read.compiled.refusals import Interpreted, refuse_gaps


def file(compiler: Compiler, field: Any, model: type[Model], prefix: str) -> Any:
    """Compile a file, shown as its URL, which the storage makes, or as its name."""
    column, path, nullable = follow(model, field.source_attrs)
    if nullable:
        refuse_gaps(field)
    if definer_of(type(field)) is not serializers.FileField or not is_plain_file(column):
        raise Interpreted("its class decides in Python how it is shown")
    name: Any = compiler.cell(F(prefix + path), column)
    shown = (
        Hole(compiler.hole(url_of(column)), JSONList(name))
        if getattr(field, "use_url", api_settings.UPLOADED_FILES_USE_URL)
        else name
    )
    return unless(Q(**{prefix + path: ""}) | Q(**{f"{prefix + path}__isnull": True}), shown, nullable=True)
