"""Method fields that say in SQL what their method returns."""

from __future__ import annotations

from django.db.models import Expression, F, Model
from rest_framework import serializers

from serializers.core.read.compiled.compiler import Compiler
from serializers.core.read.compiled.expressions import Cell
from serializers.core.read.compiled.refusals import NotCompiled


def method(compiler: Compiler, field: serializers.SerializerMethodField, model: type[Model], prefix: str) -> Cell:
    """Compile a method field that says its SQL."""
    sql: Expression | F | None = getattr(field, "sql", None)
    if sql is None:
        raise NotCompiled("its method is Python; give sql= to compile it")
    if prefix:
        raise NotCompiled("its sql= counts for the rows of the list, not for nested ones")
    return compiler.computed(sql, sql.resolve_expression(compiler.rows.query.clone()))
