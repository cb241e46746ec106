"""How PostgreSQL writes each type of column as DRF would."""

from __future__ import annotations

from django.db import models

from resources.core.database.columns import Column
from serializers.core.read.compiled.forms import Dialect, SqlForm

PLAIN = SqlForm("{0}")
TEXT = SqlForm(
    "({0})::text"
)  # what is declared as text may be an enum, money or an array, which JSON would write otherwise
# Fractions of a second are left out where there are none, and have six digits where there are some. An interval of
# nothing is UTC, whose name would be looked up for every value.
# What neither JSON nor Python has a value for is null: infinity, times BC and after the year 9999, the hour 24.
INSTANT = SqlForm(
    "CASE WHEN {0} >= TIMESTAMPTZ '0001-01-01 00:00:00+00' AND {0} < TIMESTAMPTZ '10000-01-01 00:00:00+00' "
    "THEN TO_CHAR({0} AT TIME ZONE INTERVAL '0', CASE WHEN {0}::timestamptz(0) = {0} "
    """THEN 'YYYY-MM-DD"T"HH24:MI:SS"Z"' ELSE 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"' END) END"""
)
DATE = SqlForm("CASE WHEN {0} BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN {0} END")
TIME = SqlForm(
    "CASE WHEN {0} < TIME '24:00:00' "
    "THEN TO_CHAR({0}::interval, CASE WHEN {0}::time(0) = {0} THEN 'HH24:MI:SS' ELSE 'HH24:MI:SS.US' END) END"
)
# A float stays one to whoever reads it, as Python's do: `5.0`. There is no JSON for infinities and NaN.
FLOAT = SqlForm(
    "CASE WHEN {0} <> TRUNC({0}) THEN TO_JSON({0}) WHEN ABS({0}) < 1e6 THEN ({0}::text || '.0')::json "
    "WHEN ABS({0}) < 1e15 THEN ({0}::text::float8::text || '.0')::json "  # a real has an exponent from 1e6 on
    "WHEN ABS({0}) < 'Infinity' THEN TO_JSON({0}) END"
)
_MICROSECONDS = "ABS((EXTRACT(EPOCH FROM {0}) * 1000000)::bigint)"
DURATION = SqlForm(
    "CASE WHEN ABS(EXTRACT(EPOCH FROM {0})) < 9223372036854 "
    "THEN CASE WHEN {0} < INTERVAL '0' THEN '-' ELSE '' END || 'P' || us / 86400000000 || 'DT' || "
    "LPAD((us / 3600000000 %% 24)::text, 2, '0') || 'H' || LPAD((us / 60000000 %% 60)::text, 2, '0') || 'M' || "
    "LPAD((us / 1000000 %% 60)::text, 2, '0') || "
    "CASE WHEN us %% 1000000 = 0 THEN '' ELSE '.' || LPAD((us %% 1000000)::text, 6, '0') END || 'S' END".replace(
        "us ", f"{_MICROSECONDS} "
    )
)


def _decimal(column: Column) -> SqlForm:
    """Write a decimal with all its places."""
    return SqlForm("({0})::text")


DIALECT = Dialect(
    columns={
        models.BinaryField: SqlForm("ENCODE({0}, 'hex')"),
        models.BooleanField: PLAIN,
        models.DecimalField: _decimal,
        models.FloatField: FLOAT,
        models.IntegerField: PLAIN,
        models.DateTimeField: INSTANT,
        models.DateField: DATE,
        models.TimeField: TIME,
        models.DurationField: DURATION,
        models.UUIDField: PLAIN,
        models.JSONField: PLAIN,
        models.GenericIPAddressField: SqlForm("HOST({0})"),
        models.CharField: TEXT,
        models.FileField: PLAIN,
        models.TextField: TEXT,
    },
    object="JSON_BUILD_OBJECT",
    most_pairs=50,  # a function takes at most 100 arguments
    list="JSON_BUILD_ARRAY",
    # A function that makes objects looks up the type of every value anew; a row's columns cost half as much.
    row=SqlForm('(SELECT ROW_TO_JSON("shown") FROM (SELECT {0}) "shown")'),
    array=SqlForm('TO_JSON(ARRAY(SELECT "_json" FROM {0} "listed"))'),
    gathered="""COALESCE(JSON_AGG("_json"), '[]'::json)""",
    ready=PLAIN,
    once=True,
    joined="(LEFT(({0})::text, -1) || ',' || SUBSTR(({1})::text, 2))::json",
    text=SqlForm("({0})::text"),
    value=SqlForm("TO_JSON({0})"),
    position=SqlForm("({0})::text"),
    json_position=SqlForm("({0})::text"),
)
