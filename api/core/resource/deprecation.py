"""What of a resource is going to go: since when it is deprecated (RFC 9745), and the last day it is there (RFC 8594).

May refuse: days that are none, when the server starts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from django.core.exceptions import ImproperlyConfigured
from django.utils.http import http_date

from resources.core.database.related import LOOKUP_SEPARATOR

type Days = str | tuple[str, str]
"""How a viewset declares it: the last day, or the day since when and the last day, as `2027-06-30`."""

UNKNOWN = date(1970, 1, 1)
"""What stands where nobody says since when: RFC 9745 knows no header without a day."""


@dataclass(frozen=True, slots=True)
class Deprecation:
    """That something is deprecated.

    Attributes:
        since: from which day on.
        sunset: the last day on which it is there; None where nobody says.
    """

    since: date = UNKNOWN
    sunset: date | None = None


def read_deprecations(declared_by: str, declared: Mapping[str, Days]) -> Mapping[str, Deprecation]:
    """Read what a viewset declares as `deprecated`.

    Raises:
        ImproperlyConfigured: a day is none; the message says what to write.
    """
    return {name: _read(f"{declared_by}.deprecated", name, days) for name, days in declared.items()}


def _read(where: str, name: str, days: Days) -> Deprecation:
    texts = days if isinstance(days, tuple) else ("", days)
    try:
        since, sunset = (date.fromisoformat(text) if text else UNKNOWN for text in texts)
    except (TypeError, ValueError):
        sunset = UNKNOWN
    if sunset == UNKNOWN or sunset < since:
        raise ImproperlyConfigured(
            f'{where}: {name!r} needs the last day on which it is there,  {{"{name}": "2027-06-30"}}, or the day since '
            f'when it is deprecated as well,  {{"{name}": ("2026-12-01", "2027-06-30")}}; it has {days!r}.'
        )
    return Deprecation(since, sunset)


def deprecation_of(deprecated: Mapping[str, Deprecation], name: str) -> Deprecation | None:
    """Return what is declared of a name, or of what it begins with: `doctor__clinic` goes when `doctor` does."""
    while name:
        if name in deprecated:
            return deprecated[name]
        name = name.rpartition(LOOKUP_SEPARATOR)[0]
    return None


def headers_of(deprecations: list[Deprecation]) -> Mapping[str, str]:
    """Write the headers of an answer with deprecated parts: the earliest days of any of them."""
    if not deprecations:
        return {}
    since, sunsets = min(each.since for each in deprecations), [each.sunset for each in deprecations if each.sunset]
    headers = {"Deprecation": f"@{_seconds(since, time.min)}"}
    return {**headers, "Sunset": http_date(_seconds(min(sunsets), time.max))} if sunsets else headers


def _seconds(day: date, hour: time) -> int:
    return int(datetime.combine(day, hour, UTC).timestamp())
