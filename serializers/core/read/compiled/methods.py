"""Method fields that say in SQL what their method returns."""

from __future__ import annotations

from typing import Any

from django.db.models import Model

from serializers.core.read.compiled.compiler import Compiler
from serializers.core.read.compiled.refusals import Interpreted


def method(compiler: Compiler, field: Any, model: type[Model], prefix: str) -> Any:
    """Compile a method field that says its SQL."""
    if getattr(field, "sql", None) is None:
        raise Interpreted("its method is Python; give sql= to compile it")
    if prefix:
        raise Interpreted("its sql= counts for the rows of the list, not for nested ones")
    resolved = field.sql.resolve_expression(compiler.rows.query.clone())
    return compiler.counted(field.sql, resolved)
