"""Who asks: a value, never a request."""

import re
import uuid
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Protocol

EVERYTHING, EXPLAIN = "*", "explain"
SCOPE = re.compile(r"\*|explain|[a-z][a-z0-9-]*:[a-z][a-z0-9-]*")
"""What a scope looks like: a resource's plural name and what may be done with it, `explain`, or `*` for everything."""


class Person(Protocol):
    """What is known of a person here, whatever model stands for people."""

    is_active: bool
    is_staff: bool

    @property
    def pk(self) -> uuid.UUID:
        """Return the key."""
        ...

    def save(self, *, update_fields: Iterable[str]) -> None:
        """Save some columns."""
        ...


class Countable(Hashable, Protocol):
    """Rows of which an actor may have few or many."""

    def are_few(self, actor: "Actor") -> bool:
        """Whether these are few."""
        ...


@dataclass(frozen=True, slots=True)
class Actor:
    """Anonymous, a person, or a key that acts for a person.

    Attributes:
        id: the person's key; None for the anonymous.
        is_staff: whether the person runs this installation.
        scopes: what a key may do (`trips:read`; `trips:write`, reading included; others that a policy asks for; `*`);
            a person has `*`.
        key: the id of the API key that was shown, if any.
    """

    id: uuid.UUID | None = None
    is_staff: bool = False
    scopes: frozenset[str] = frozenset()
    key: uuid.UUID | None = None

    @property
    def anonymous(self) -> bool:
        """Whether nobody is known to ask."""
        return self.id is None

    def has_scope(self, scope: str) -> bool:
        """Whether the actor may act under a scope such as `trips:read`; who may write may read what is written."""
        resource, _, verb = scope.partition(":")
        return not self.scopes.isdisjoint((scope, "*", f"{resource}:write") if verb == "read" else (scope, "*"))

    def has_few(self, rows: Countable) -> bool:
        """Whether few of some rows are the actor's own."""
        return rows.are_few(self)


ANONYMOUS = Actor()
