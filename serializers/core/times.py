"""How instants and durations are read: RFC 3339, within what the databases can store."""

import re
from datetime import UTC, datetime, timedelta

from django.utils import dateparse
from django.utils.dateparse import parse_datetime

RFC_3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)


def parse_instant(text: str) -> datetime:
    """Read a date-time of RFC 3339 (section 5.6) and bring it to UTC.

    Raises:
        ValueError: it is not one, or lies before the year 1 or after the year 9999 in UTC.
    """
    if not RFC_3339.fullmatch(text):
        raise ValueError(text)
    value = parse_datetime(text.upper().replace(" ", "T"))
    if value is None:
        raise ValueError(text)
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise ValueError(text) from None


DURATION = re.compile(
    r"[+-]?P(?:(?P<weeks>[0-9]{1,9})W|(?!.*T$)(?=.)([0-9]{1,9}D)?(T([0-9]{1,9}H)?([0-9]{1,9}M)?([0-9]{1,9}(\.[0-9]{1,6})?S)?)?)"
)


def parse_duration(text: str) -> timedelta:
    """Read a duration of ISO 8601 (RFC 3339, appendix A), without years and months, which are of no certain length.

    Raises:
        ValueError: it is not one, or has more days than Python counts.
    """
    match = DURATION.fullmatch(text)
    if match is None:
        raise ValueError(text)
    try:
        if match["weeks"]:
            return timedelta(weeks=int(match["weeks"])) * (-1 if text.startswith("-") else 1)
        value = dateparse.parse_duration(text)
    except OverflowError:
        raise ValueError(text) from None
    if value is None:
        raise ValueError(text)
    return value
