"""Reads what SQLite holds in a column, which may be anything: any program may store any text in any of them.

A value that its column's type does not know is None, for Django and for compiled reads alike: Django's own converters
would raise an error, and nobody could read the row. A date that another program stored as a midnight is that date.
"""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Context, Decimal

import django.db.backends.sqlite3.base  # noqa: F401 - before its operations, which cannot be imported first
from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.db.backends.sqlite3.operations import DatabaseOperations
from django.db.models import Expression
from django.utils.dateparse import parse_date, parse_datetime, parse_time

from resources.core.database.sql import Stored

EXACT_DIGITS = 15
"""How many digits of a decimal SQLite keeps, which stores it as a double."""

type SqliteValue = Stored | date | time | Decimal | timedelta | uuid.UUID
"""What is read: what SQLite holds, or what the driver or Django has made of it."""
type Converter[Result] = Callable[[SqliteValue, Expression, BaseDatabaseWrapper], Result]
"""Reads a value, as Django's converters do."""


def _or_none[Result](read: Callable[[SqliteValue], Result | None]) -> Callable[[SqliteValue], Result | None]:
    """Make what is no value of a type None."""

    def reads(value: SqliteValue) -> Result | None:
        try:
            return None if value is None else read(value)
        except (ArithmeticError, AttributeError, TypeError, ValueError):
            return None

    return reads


def _text(value: SqliteValue) -> str:
    """Return a value that is a text.

    Raises:
        TypeError: it is none.
    """
    if not isinstance(value, str):
        raise TypeError
    return value


def _number(value: SqliteValue) -> int | float:
    """Return a value that is a number.

    Raises:
        TypeError: it is none.
    """
    if not isinstance(value, int | float):
        raise TypeError
    return value


def _date(value: SqliteValue) -> date | None:
    if isinstance(value, date):
        return value
    day = parse_date(_text(value))
    moment = None if day else parse_datetime(_text(value))
    return moment.date() if moment and moment.tzinfo is None and moment.time() == time() else day


def _instant(value: SqliteValue) -> datetime | None:
    return value if isinstance(value, datetime) else parse_datetime(_text(value))


def _decimal(value: SqliteValue) -> Decimal:
    if isinstance(value, float):
        return Context(prec=EXACT_DIGITS).create_decimal_from_float(value)
    return Decimal(value if isinstance(value, int | Decimal) else _text(value))


read_date = _or_none(_date)
read_instant = _or_none(_instant)
read_time = _or_none(lambda value: value if isinstance(value, time) else parse_time(_text(value)))
read_decimal = _or_none(_decimal)
read_duration = _or_none(lambda value: timedelta(microseconds=_number(value)))
read_number = _or_none(_number)
read_uuid = _or_none(lambda value: value if isinstance(value, uuid.UUID) else uuid.UUID(_text(value)))


def quantized(value: SqliteValue, places: int | None, digits: int | None) -> Decimal | None:
    """Read a decimal with as many places as its column has; infinite ones have none."""
    number = read_decimal(value)
    if number is None or places is None or not number.is_finite():
        return number
    try:
        return number.quantize(Decimal(1).scaleb(-places), context=Context(prec=digits or 1000))
    except ArithmeticError:
        return number  # which has more digits than its column says


def as_utc(moment: datetime | None) -> datetime | None:
    """Return a stored time, which is in UTC where it does not say."""
    try:
        return None if moment is None else moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except OverflowError:
        return None


class Operations(DatabaseOperations):
    """Django's, whose converters give None for what they cannot read."""

    def convert_datetimefield_value(
        self, value: SqliteValue, expression: Expression, connection: BaseDatabaseWrapper
    ) -> datetime | None:
        """Read a time."""
        moment = read_instant(value)
        if moment is None or moment.tzinfo is not None or not settings.USE_TZ:
            return moment
        aware: datetime | None = super().convert_datetimefield_value(moment, expression, connection)
        return aware

    def convert_datefield_value(
        self, value: SqliteValue, expression: Expression, connection: BaseDatabaseWrapper
    ) -> date | None:
        """Read a date."""
        return read_date(value)

    def convert_timefield_value(
        self, value: SqliteValue, expression: Expression, connection: BaseDatabaseWrapper
    ) -> time | None:
        """Read a time of day."""
        return read_time(value)

    def convert_uuidfield_value(
        self, value: SqliteValue, expression: Expression, connection: BaseDatabaseWrapper
    ) -> uuid.UUID | None:
        """Read a UUID."""
        return read_uuid(value)

    def convert_durationfield_value(
        self, value: SqliteValue, expression: Expression, connection: BaseDatabaseWrapper
    ) -> timedelta | None:
        """Read a duration."""
        return read_duration(value)

    def get_db_converters(self, expression: Expression) -> list[Converter[object]]:
        """Read numbers, too, which Django takes as they come."""
        converters: list[Converter[object]] = super().get_db_converters(expression)
        if expression.output_field.get_internal_type() == "FloatField":
            converters.append(lambda value, expression, connection: read_number(value))
        return converters

    def get_decimalfield_converter(self, expression: Expression) -> Converter[Decimal | None]:
        """Read a decimal, with the places of its column where it stands in one."""
        column = expression.output_field  # a custom class may call itself a decimal, and be none of Django's
        places: int | None = getattr(column, "decimal_places", None) if hasattr(expression, "target") else None
        digits: int | None = getattr(column, "max_digits", None)
        return lambda value, expression, connection: quantized(value, places, digits)


def _of_bytes[Result](read: Callable[[SqliteValue], Result]) -> Callable[[bytes], Result]:
    return lambda text: read(text.decode(errors="replace"))


def _use_operations(connection: BaseDatabaseWrapper, **_: object) -> None:
    if type(connection.ops) is DatabaseOperations:  # and not those of a custom backend
        connection.ops = Operations(connection)


def install() -> None:
    """Let Django, and the driver by the declared types of columns, read values so."""
    connection_created.connect(_use_operations, dispatch_uid="headwater.sqlite_values")
    for name, read in (
        ("date", read_date),
        ("time", read_time),
        ("datetime", read_instant),
        ("timestamp", read_instant),
    ):
        sqlite3.register_converter(name, _of_bytes(read))
