"""What is asked of changes: from where on, of which resources, how many.

May refuse: an unknown parameter or resource, each with the nearest name that is known, a value that does not parse. All
faults are reported at once.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from django.core.exceptions import ValidationError

from api.core.changes.participants import followed
from api.core.query.faults import Faults
from api.core.query.filters.form_fields import Integer
from api.core.query.parameters.templates import Parameters
from resources.core.journal.cursor import Cursor

DEFAULT_LIMIT, MOST_CHANGES = 500, 2000
LIMIT = Integer(least=1, most=MOST_CHANGES)
DEFAULT_LIMIT_OF_ROW, LIMIT_OF_ROW = 50, Integer(least=1, most=500)
NAMES = ("limit", "resource", "since")
EXPECTED = "Expected a cursor: `next` of an earlier answer, or the `id` of an event."


class Asked(NamedTuple):
    """What is asked for.

    Attributes:
        since: up to where was read; None to begin now.
        resources: the names of the resources; none for all that may be read.
        limit: how many changes are looked at, at most.
        again: the parameters as they were sent, for links.
    """

    since: Cursor | None
    resources: Sequence[str]
    limit: int
    again: Parameters


def read_parameters(parameters: Parameters) -> Asked:
    """Read the parameters of delta sync.

    Raises:
        Refusal: `invalid-parameters`, with every fault.
    """
    texts = dict(parameters)
    faults = Faults(texts)
    refuse_strange(parameters, NAMES, faults, repeated=("resource",))
    since = read_cursor("since", texts.get("since"), faults)
    limit = read_limit(texts.get("limit"), LIMIT, DEFAULT_LIMIT, faults)
    known = followed()
    resources = [name for key, text in parameters if key == "resource" for name in text.split(",")]
    for name in dict.fromkeys(resources):
        if name not in known:
            faults.add("resource", "unknown", faults.unknown("resource", name, lambda: known))
    faults.refuse()
    return Asked(since, resources, limit, parameters)


class AskedOfRow(NamedTuple):
    """What is asked for of the history of a row.

    Attributes:
        before: the change before which the page begins; None for the newest.
        limit: how many changes it has at most.
    """

    before: Cursor | None
    limit: int


def read_history_parameters(parameters: Parameters) -> AskedOfRow:
    """Read the parameters of the history of a row.

    Raises:
        Refusal: `invalid-parameters`, with every fault.
    """
    texts = dict(parameters)
    faults = Faults(texts)
    refuse_strange(parameters, ("cursor", "limit"), faults)
    before = read_cursor("cursor", texts.get("cursor"), faults)
    limit = read_limit(texts.get("limit"), LIMIT_OF_ROW, DEFAULT_LIMIT_OF_ROW, faults)
    faults.refuse()
    return AskedOfRow(before, limit)


def refuse_strange(
    parameters: Parameters, names: Collection[str], faults: Faults, repeated: Collection[str] = ()
) -> None:
    """Note the parameters that are not among those known, and those that stand twice, unless they may."""
    for name in faults.parameters:
        times = sum(each == name for each, _ in parameters)
        if name not in names:
            faults.add(name, "unknown", faults.unknown("parameter", name, lambda: names))
        elif times > 1 and name not in repeated:
            faults.add(name, "repeated", f"{name} stands {times} times; write it once.")


def read_cursor(name: str, text: str | None, faults: Faults) -> Cursor | None:
    """Read a cursor of the log."""
    try:
        return None if text is None else Cursor.parse(text)
    except ValueError:
        faults.add(name, "invalid", EXPECTED)
        return None


def read_limit(text: str | None, limit: Integer, otherwise: int, faults: Faults) -> int:
    """Read how many changes are asked for."""
    try:
        return otherwise if text is None else limit.clean(text)
    except ValidationError as error:
        faults.add("limit", "invalid", error.messages[0])
        return otherwise
