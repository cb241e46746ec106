"""What the comparison finds: one difference, and the two directions and three kinds of change behind it."""

from dataclasses import dataclass
from enum import StrEnum


class Direction(StrEnum):
    """Who writes a value: the client, in a request, or the server, in a response."""

    REQUEST = "request"
    RESPONSE = "response"


class Change(StrEnum):
    """How the values allowed now relate to those allowed before."""

    NARROWED = "narrowed"
    WIDENED = "widened"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, order=True)
class Difference:
    """One difference between two contracts.

    Attributes:
        breaking: whether a client of the old contract may fail.
        location: a JSON pointer; into the old document for what is gone, else into the new one. What a component
            says is reported there, once, and not at every place that refers to it.
        rule: a stable name, one of `rules.RULES`.
        sentence: what it means, for a person.
    """

    location: str
    rule: str
    sentence: str
    breaking: bool
