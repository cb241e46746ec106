"""Which removals were announced: `deprecated: true` with a date in `x-sunset` that has passed (RFC 9745, RFC 8594).

A list of names says in `x-sunsets` which of them go, and with each what stands below it after a dot.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime

from openapi.core.diff.difference import Difference
from openapi.core.diff.document import DocumentError, Json

SUNSET, SUNSETS, REPLACED_BY = "x-sunset", "x-sunsets", "x-replaced-by"


def today() -> date:
    """Return the day it is, in UTC."""
    return datetime.now(UTC).date()


def sunset(part: Json) -> date | None:
    """Return the day on which a deprecated part may go, or None where none is announced.

    Raises:
        DocumentError: `x-sunset` is not a date, or a date and time, as RFC 3339 writes them.
    """
    if not part.get("deprecated") or SUNSET not in part:
        return None
    text = str(part[SUNSET])
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        raise DocumentError(f"{SUNSET} is {text!r}; write a date such as 2027-01-31") from None


def removal_of_names(difference: Difference, gone: Iterable[str], sunsets: Mapping[str, str], day: date) -> Difference:
    """Pardon that a list has fewer names when each that goes was announced and its day is past.

    Args:
        difference: as its rule has it.
        gone: the names.
        sunsets: what the old document announced, by name.
        day: the day of the comparison.
    """
    days = [_of_name(name, sunsets) for name in gone]
    return removal(difference, [{"deprecated": True, SUNSET: each} if each else {} for each in days], day)


def _of_name(name: str, sunsets: Mapping[str, str]) -> str | None:
    while name:
        if name in sunsets:
            return sunsets[name]
        name = name.rpartition(".")[0]
    return None


def removal(difference: Difference, removed: Iterable[Json], day: date) -> Difference:
    """Pardon a removal when each part that goes was announced and its day is past.

    Args:
        difference: the removal, as its rule has it.
        removed: the parts that go, as the old document had them; the sunset of one of them is enough only for it.
        day: the day of the comparison.
    """
    days = [sunset(part) for part in removed]
    if not days or None in days:
        return difference
    last = max(each for each in days if each is not None)
    if last >= day:
        return replace(
            difference, sentence=f"{difference.sentence} It was announced for {last}, which is not yet past."
        )
    return replace(difference, sentence=f"{difference.sentence} It was announced for {last}.", breaking=False)
