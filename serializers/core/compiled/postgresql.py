"""How PostgreSQL writes each type of column as DRF would."""

from __future__ import annotations

from typing import Any

from django.db import models

from serializers.core.compiled.forms import Dialect, Form

PLAIN = Form("{0}")
# Fractions of a second are left out where there are none, and have six digits where there are some.
INSTANT = Form(
    "TO_CHAR({0} AT TIME ZONE 'UTC', CASE WHEN DATE_TRUNC('second', {0}) = {0} "
    """THEN 'YYYY-MM-DD"T"HH24:MI:SS"Z"' ELSE 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"' END)"""
)
TIME = Form(
    "TO_CHAR({0}::interval, CASE WHEN DATE_TRUNC('second', {0}::interval) = {0}::interval "
    "THEN 'HH24:MI:SS' ELSE 'HH24:MI:SS.US' END)"
)
# A float stays one to whoever reads it, as Python's do: `5.0`. There is no JSON for infinities and NaN.
FLOAT = Form(
    "CASE WHEN {0} = TRUNC({0}) AND ABS({0}) < 1e15 THEN ({0}::text || '.0')::json "
    "ELSE TO_JSON(NULLIF(NULLIF(NULLIF({0}, 'NaN'), 'Infinity'), '-Infinity')) END"
)
_MICROSECONDS = "ABS((EXTRACT(EPOCH FROM {0}) * 1000000)::bigint)"
DURATION = Form(
    "CASE WHEN {0} < INTERVAL '0' THEN '-' ELSE '' END || 'P' || us / 86400000000 || 'DT' || "
    "LPAD((us / 3600000000 %% 24)::text, 2, '0') || 'H' || LPAD((us / 60000000 %% 60)::text, 2, '0') || 'M' || "
    "LPAD((us / 1000000 %% 60)::text, 2, '0') || "
    "CASE WHEN us %% 1000000 = 0 THEN '' ELSE '.' || LPAD((us %% 1000000)::text, 6, '0') END || 'S'".replace(
        "us ", f"{_MICROSECONDS} "
    )
)


def _decimal(column: models.DecimalField[Any, Any]) -> Form:
    """Write a decimal with all its places."""
    return Form("({0})::text")


DIALECT = Dialect(
    columns={
        models.BinaryField: Form("ENCODE({0}, 'hex')"),
        models.BooleanField: PLAIN,
        models.DecimalField: _decimal,
        models.FloatField: FLOAT,
        models.IntegerField: PLAIN,
        models.DateTimeField: INSTANT,
        models.DateField: PLAIN,
        models.TimeField: TIME,
        models.DurationField: DURATION,
        models.UUIDField: PLAIN,
        models.JSONField: PLAIN,
        models.GenericIPAddressField: Form("HOST({0})"),
        models.CharField: PLAIN,
        models.FileField: PLAIN,
        models.TextField: PLAIN,
    },
    object="JSON_BUILD_OBJECT",
    most_pairs=50,  # a function takes at most 100 arguments
    list="JSON_BUILD_ARRAY",
    array="""COALESCE(JSON_AGG("_json"), '[]'::json)""",
    joined="(LEFT(({0})::text, -1) || ',' || SUBSTR(({1})::text, 2))::json",
    text=Form("({0})::text"),
    value=Form("TO_JSON({0})"),
    bare=Form("{0}"),
)
