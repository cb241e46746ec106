"""Which removals were announced: `deprecated: true` with a date in `x-sunset` that has passed (RFC 9745, RFC 8594)."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime

from openapi.core.diff.difference import Difference
from openapi.core.diff.document import DocumentError, Json

SUNSET = "x-sunset"


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
