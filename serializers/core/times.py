"""How instants are read: RFC 3339, always with an offset, always within what the databases can store in UTC."""

import re
from datetime import UTC, datetime

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
