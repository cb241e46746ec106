"""What a reading request asks for: its Shape, which decides the SQL text, and its Values, which are bound."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

from django.db.models import Model

from api.core.query.filters.conditions import Condition, Group
from api.core.query.order.ordering import OrderTerm
from api.core.resource.resource_type import ResourceType
from serializers.core.read.selection import EVERYTHING, Selection

Paging = Literal["keyset", "pages"]
Count = Literal["exact", "estimated"]


class Missing(NamedTuple):
    """A part of a request that no index serves.

    Attributes:
        name: of the filter, `search`, or `ordering`.
        model: whose table is read whole for it.
    """

    name: str
    model: type[Model]


@dataclass(frozen=True)
class Shape:
    """What of a request changes the SQL text.

    Attributes:
        conditions: the filters used, and how they are joined; all of them must hold.
        words: how many words are searched for.
        order: the columns ordered by, closed by the key.
        selection: the fields and expansions shown.
        paging: by keyset, or in classic pages.
        count: whether the rows are counted, and how.
    """

    conditions: tuple[Condition | Group, ...]
    words: int
    order: tuple[OrderTerm, ...]
    selection: Selection = EVERYTHING
    paging: Paging = "keyset"
    count: Count | None = None

    def __hash__(self) -> int:
        """Hash once: every request looks for its plan by its shape."""
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash((self.conditions, self.words, self.order, self.selection, self.paging, self.count))

    @cached_property
    def objects(self) -> int:
        """Return how many objects a row shows at most."""
        return self.selection.objects

    @cached_property
    def decides(self) -> str:
        """Return what of the shape decides which rows there are, and in which order."""
        return repr((self.conditions, [(term.path, term.descending) for term in self.order]))

    @cached_property
    def digests(self) -> dict[str, hashlib.blake2b]:
        """Hold digests that have taken in the shape, by resource."""
        return {}

    @cached_property
    def missing(self) -> dict[ResourceType, tuple[Missing, ...]]:
        """Hold what no index serves, by resource: for as long as the shape is held, and what clients make up is not."""
        return {}

    def filters(self) -> Iterator[str]:
        """Name every filter used."""
        parts = list(self.conditions)
        while parts:
            part = parts.pop()
            if isinstance(part, Group):
                parts += part.parts
            else:
                yield part.name


class Values(NamedTuple):
    """What of a request is bound to the SQL text.

    Attributes:
        filters: the values of the conditions, by their slot.
        words: the words searched for.
        limit: how many rows a page has at most; None where the request does not say.
        cursor: the text of the cursor, if any.
        page: the number of a classic page, from 1.
    """

    filters: tuple[object, ...] = ()
    words: tuple[str, ...] = ()
    limit: int | None = None
    cursor: str | None = None
    page: int = 1


class Query(NamedTuple):
    """A request for rows, understood.

    Attributes:
        resource: whose rows, by the label of their model.
        shape: what decides the SQL text.
        values: what is bound to it.
    """

    resource: str
    shape: Shape
    values: Values

    def digest(self) -> str:
        """Return 16 hexadecimal digits of what decides which rows there are, and in which order."""
        digest = (self.shape.digests.get(self.resource) or self._begun()).copy()
        digest.update(f"{self.values.filters!r}, {self.values.words!r})".encode())
        text: str = digest.hexdigest()
        return text

    def _begun(self) -> hashlib.blake2b:
        """Return a digest that has taken in what is the same for all requests of the shape."""
        begun = hashlib.blake2b(f"({self.resource!r}, {self.shape.decides!r}, ".encode(), digest_size=8)
        return self.shape.digests.setdefault(self.resource, begun)
