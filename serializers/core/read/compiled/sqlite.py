"""How SQLite writes each type of column as DRF would.

SQLite's own JSON knows integers, texts and NULL; everything else is brought to DRF's form here. What SQL
cannot do exactly is left to Python functions, and only for the values that need it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.utils.duration import duration_iso_string

from resources.core.database.columns import Column
from resources.core.database.sql import Stored
from resources.core.database.sqlite_values import (
    EXACT_DIGITS,
    as_utc,
    quantized,
    read_date,
    read_duration,
    read_instant,
    read_time,
    read_uuid,
)
from serializers.core.read.compiled.forms import Dialect, SqlForm

PLAIN = SqlForm("{0}")
# As few digits as give the same number, for people to read. SQLite's JSON writes 15, which is enough for whatever has
# up to six places: that takes arithmetic to tell, and most of what people measure is so. Others are written and read
# back. SQLite converts very large and very small numbers inexactly, both ways (seen from 1e-27 and 1e41 on), and
# infinities are not JSON.
FLOAT = SqlForm(
    "CASE WHEN ROUND({0} * 1e6) / 1e6 = {0} AND {0} BETWEEN -1e9 AND 1e9 THEN {0} "
    "WHEN ABS({0}) BETWEEN 1e-25 AND 1e25 THEN JSON(CASE WHEN CAST(PRINTF('%%!.15g', {0}) AS REAL) = {0} "
    "THEN PRINTF('%%!.15g', {0}) ELSE PRINTF('%%!.17g', {0}) END) WHEN {0} IS NOT NULL THEN JSON(hw_float({0})) END"
)
BOOLEAN = SqlForm("CASE {0} WHEN 1 THEN JSON('true') WHEN 0 THEN JSON('false') END")
UUID = SqlForm(
    "CASE LENGTH({0}) WHEN 32 THEN SUBSTR({0}, 1, 8) || '-' || SUBSTR({0}, 9, 4) || '-' || "
    "SUBSTR({0}, 13, 4) || '-' || SUBSTR({0}, 17, 4) || '-' || SUBSTR({0}, 21) ELSE hw_uuid({0}) END"
)
# Django stores `2026-11-22 10:30:00[.ffffff]` in UTC. Other programs may store anything, and SQLite takes for a time
# what Python does not: the 30th of February, 24 o'clock, spaces, time zones. So a text must have Django's form, and not
# come before the day that SQLite reads in it, a later one where there is no such day or hour. One that ends in a zero
# is looked at twice, as six of them are not shown.
INSTANT = SqlForm(
    "CASE WHEN ({0} GLOB '[1-9]???-??-??[ T]??:??:??.?????[1-9]' OR {0} GLOB '[1-9]???-??-??[ T]??:??:??' OR "
    "{0} GLOB '[1-9]???-??-??[ T]??:??:??.?????0' AND {0} NOT GLOB '*.000000') AND {0} >= DATE({0}, '+0 days') "
    "THEN REPLACE({0}, ' ', 'T') || 'Z' WHEN {0} IS NOT NULL THEN hw_instant({0}) END"
)
DATE = SqlForm(
    "CASE WHEN {0} GLOB '[1-9]???-??-??' AND {0} = DATE({0}, '+0 days') THEN {0} "
    "WHEN {0} IS NOT NULL THEN hw_date({0}) END"
)
TIME = SqlForm(
    "CASE WHEN {0} < '24:' AND JULIANDAY({0}) IS NOT NULL AND ({0} GLOB '??:??:??' OR "
    "{0} GLOB '??:??:??.?????[0-9]' AND {0} NOT GLOB '*.000000') THEN {0} WHEN {0} IS NOT NULL THEN hw_time({0}) END"
)


def _decimal(column: Column) -> SqlForm:
    """Write a decimal with all its places; a column of more digits than a double keeps needs Python."""
    assert isinstance(column, models.DecimalField)  # noqa: S101 - as the table says
    if column.max_digits is not None and column.max_digits <= EXACT_DIGITS:
        exact = f"PRINTF('%%.{column.decimal_places}f', {{0}})"
        plain = "TYPEOF({0}) IN ('integer', 'real') AND ABS({0}) < 1e15"
        return SqlForm(f"CASE WHEN {plain} THEN {exact} ELSE hw_decimal({{0}}, NULL, {column.decimal_places}) END")
    digits, places = ("NULL" if each is None else each for each in (column.max_digits, column.decimal_places))
    return SqlForm(f"hw_decimal({{0}}, {digits}, {places})")


DIALECT = Dialect(
    columns={
        models.BinaryField: SqlForm("HEX({0})"),
        models.BooleanField: BOOLEAN,
        models.DecimalField: _decimal,
        models.FloatField: FLOAT,
        models.IntegerField: PLAIN,
        models.DateTimeField: INSTANT,
        models.DateField: DATE,
        models.TimeField: TIME,
        models.DurationField: SqlForm("hw_duration({0})"),
        models.UUIDField: UUID,
        models.JSONField: SqlForm("CASE WHEN JSON_VALID({0}) THEN JSON({0}) ELSE {0} END"),
        models.GenericIPAddressField: PLAIN,
        models.CharField: PLAIN,
        models.FileField: PLAIN,
        models.TextField: PLAIN,
    },
    object="JSON_OBJECT",
    most_pairs=60,  # a function takes at most 127 arguments
    list="JSON_ARRAY",
    row=None,
    array=SqlForm('(SELECT JSON_GROUP_ARRAY(JSON("_json")) FROM {0} "listed")'),
    gathered='JSON_GROUP_ARRAY(JSON("_json"))',
    ready=SqlForm("JSON({0})"),  # it would be a text
    once=False,
    joined="JSON(SUBSTR({0}, 1, LENGTH({0}) - 1) || ',' || SUBSTR({1}, 2))",
    text=PLAIN,
    value=SqlForm("JSON_QUOTE({0})"),
    position=SqlForm("+{0}"),  # only a column as it stands has a declared type, which the driver would convert
    json_position=SqlForm(
        "CASE TYPEOF({0}) WHEN 'real' THEN JSON_OBJECT('real', hw_repr({0})) "
        "WHEN 'blob' THEN JSON_OBJECT('blob', HEX({0})) ELSE {0} END"
    ),
)


def _float(value: Stored) -> str:
    """Write a float so that reading it gives the same float; there is no JSON for the others."""
    return repr(value) if isinstance(value, int | float) and abs(value) != float("inf") else "null"


def _decimal_text(value: Stored, digits: int | None, places: int | None) -> str | None:
    """Write a decimal as Django reads it back from SQLite, and as DRF shows it."""
    number = quantized(value, places, digits)
    return None if number is None else f"{number:f}"


def _duration(value: Stored) -> str | None:
    duration = read_duration(value)
    return None if duration is None else duration_iso_string(duration)


def _instant(value: Stored) -> str | None:
    moment = as_utc(read_instant(value))
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")


def _iso(read: Callable[[Stored], date | time | None]) -> Callable[[Stored], str | None]:
    def write(value: Stored) -> str | None:
        moment = read(value)
        return None if moment is None else moment.isoformat()

    return write


def _uuid(value: Stored) -> str | None:
    identity = read_uuid(value)
    return None if identity is None else str(identity)


def add_functions(connection: BaseDatabaseWrapper, **_: object) -> None:
    """Teach a new SQLite connection what SQL cannot write."""
    if connection.vendor == "sqlite":
        create = connection.connection.create_function
        create("hw_float", 1, _float, deterministic=True)
        create("hw_repr", 1, repr, deterministic=True)
        create("hw_decimal", 3, _decimal_text, deterministic=True)
        create("hw_duration", 1, _duration, deterministic=True)
        create("hw_instant", 1, _instant, deterministic=True)
        create("hw_date", 1, _iso(read_date), deterministic=True)
        create("hw_time", 1, _iso(read_time), deterministic=True)
        create("hw_uuid", 1, _uuid, deterministic=True)


def install() -> None:
    """Teach every SQLite connection."""
    connection_created.connect(add_functions, dispatch_uid="headwater.compiled")
