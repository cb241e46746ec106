"""How SQLite writes each type of column as DRF would.

SQLite's own JSON knows integers, texts and NULL; everything else is brought to DRF's form here. What SQL
cannot do exactly is left to Python functions, and only for the values that need it.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Context, Decimal
from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.utils.duration import duration_iso_string

from serializers.core.compiled.forms import Dialect, Form

PLAIN = Form("{0}")
# As few digits as give the same number, for people to read. SQLite's JSON writes 15, which is enough for whatever has
# up to six places: that takes arithmetic to tell, and most of what people measure is so. Others are written and read
# back. SQLite converts very large and very small numbers inexactly, both ways (seen from 1e-27 and 1e41 on), and
# infinities are not JSON.
FLOAT = Form(
    "CASE WHEN ROUND({0} * 1e6) / 1e6 = {0} AND ABS({0}) < 1e9 THEN {0} "
    "WHEN ABS({0}) BETWEEN 1e-25 AND 1e25 THEN JSON(CASE WHEN CAST(PRINTF('%%!.15g', {0}) AS REAL) = {0} "
    "THEN PRINTF('%%!.15g', {0}) ELSE PRINTF('%%!.17g', {0}) END) WHEN {0} IS NOT NULL THEN JSON(hw_float({0})) END"
)
BOOLEAN = Form("CASE {0} WHEN 1 THEN JSON('true') WHEN 0 THEN JSON('false') END")
UUID = Form(
    "SUBSTR({0}, 1, 8) || '-' || SUBSTR({0}, 9, 4) || '-' || SUBSTR({0}, 13, 4) || '-' || "
    "SUBSTR({0}, 17, 4) || '-' || SUBSTR({0}, 21)"
)
# Django stores `2026-11-22 10:30:00[.ffffff]` in UTC; a default of the database's own, milliseconds.
INSTANT = Form("REPLACE({0}, ' ', 'T') || CASE LENGTH({0}) WHEN 23 THEN '000Z' ELSE 'Z' END")
EXACT_DIGITS = 15  # of a decimal that is stored as a double


def _decimal(column: models.DecimalField[Any, Any]) -> Form:
    """Write a decimal with all its places; a column of more digits than a double keeps needs Python."""
    if column.max_digits is not None and column.max_digits <= EXACT_DIGITS:
        return Form(f"CASE WHEN {{0}} IS NOT NULL THEN PRINTF('%%.{column.decimal_places}f', {{0}}) END")
    return Form(f"hw_decimal({{0}}, {column.max_digits}, {column.decimal_places})")


DIALECT = Dialect(
    columns={
        models.BinaryField: Form("HEX({0})"),
        models.BooleanField: BOOLEAN,
        models.DecimalField: _decimal,
        models.FloatField: FLOAT,
        models.IntegerField: PLAIN,
        models.DateTimeField: INSTANT,
        models.DateField: PLAIN,
        models.TimeField: PLAIN,
        models.DurationField: Form("hw_duration({0})"),
        models.UUIDField: UUID,
        models.JSONField: Form("JSON({0})"),
        models.GenericIPAddressField: PLAIN,
        models.CharField: PLAIN,
        models.FileField: PLAIN,
        models.TextField: PLAIN,
    },
    object="JSON_OBJECT",
    most_pairs=60,  # a function takes at most 127 arguments
    list="JSON_ARRAY",
    row=None,
    array=Form('(SELECT JSON_GROUP_ARRAY(JSON("_json")) FROM {0} "listed")'),
    gathered='JSON_GROUP_ARRAY(JSON("_json"))',
    found=Form("JSON({0})"),  # it would be a text
    once=False,
    joined="JSON(SUBSTR({0}, 1, LENGTH({0}) - 1) || ',' || SUBSTR({1}, 2))",
    text=PLAIN,
    value=Form("JSON_QUOTE({0})"),
    bare=Form("+{0}"),  # only a column as it stands has a declared type
)


def _float(value: float) -> str:
    """Write a float so that reading it gives the same float; there is no JSON for the others."""
    return repr(value) if abs(value) != float("inf") else "null"


def _decimal_text(value: Any, digits: int | None, places: int) -> str | None:
    """Write a decimal as Django reads it back from SQLite, and as DRF shows it."""
    if value is None:
        return None
    number = Context(prec=EXACT_DIGITS).create_decimal_from_float(value) if isinstance(value, float) else Decimal(value)
    return f"{number.quantize(Decimal(1).scaleb(-places), context=Context(prec=digits or 1000)):f}"


def _duration(value: int | None) -> str | None:
    return None if value is None else duration_iso_string(timedelta(microseconds=value))


def add_functions(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Teach a new SQLite connection what SQL cannot write."""
    if connection.vendor == "sqlite":
        create = connection.connection.create_function
        create("hw_float", 1, _float, deterministic=True)
        create("hw_decimal", 3, _decimal_text, deterministic=True)
        create("hw_duration", 1, _duration, deterministic=True)


def install() -> None:
    """Teach every SQLite connection."""
    connection_created.connect(add_functions, dispatch_uid="headwater.compiled")
