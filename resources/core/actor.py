"""Who asks: a value, never a request."""

import uuid
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """Anonymous, a person, or a key that acts for a person.

    Attributes:
        id: the person's key; None for the anonymous.
        is_staff: whether the person runs this installation.
        scopes: what a key may do (`trips:read`; `trips:write`, reading included; `*`); a person has `*`.
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
        return not self.scopes.isdisjoint((scope, "*", f"{scope.partition(':')[0]}:write"))


ANONYMOUS = Actor()
