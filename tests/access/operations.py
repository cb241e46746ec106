"""The operations of the contract, as the tests of access ask for them."""

from dataclasses import dataclass, field
from functools import cache
from typing import Any

from tests.contract import published
from tests.contract.document import METHODS, Document, Part

FLAVOURS = ("app", "browser")
"""What stands for `{client}` in an address at /auth."""


@dataclass(frozen=True)
class Operation:
    """One operation.

    Attributes:
        id: `listTrips`.
        method: in capitals.
        path: its template, `/v1/trips/{id}`.
        part: its description.
        item: the description of its path.
    """

    id: str
    method: str
    path: str
    part: Part = field(repr=False)
    item: Part = field(repr=False)

    @property
    def resource(self) -> str:
        """The plural name of the resource it belongs to; empty where it belongs to none."""
        version, _, rest = self.path[1:].partition("/")
        name = rest.partition("/")[0]
        return name if version == "v1" and f"/v1/{name}/{{id}}" in document().root["paths"] else ""

    @property
    def is_list(self) -> bool:
        """Whether it reads a collection."""
        return self.method == "GET" and bool(self.resource) and self.path == f"/v1/{self.resource}"

    @property
    def flavours(self) -> tuple[str, ...]:
        """The clients of /auth that it is asked by; one that does not matter elsewhere."""
        return FLAVOURS if "{client}" in self.path else ("app",)

    @property
    def body(self) -> Part | None:
        """The schema of the JSON body that it takes, or None."""
        return document().child(self.part, "requestBody", "content", "application/json", "schema")

    @property
    def example(self) -> Any:
        """The body that the contract gives as an example, or None."""
        part = document().child(self.part, "requestBody", "content", "application/json")
        return part.value.get("example") if part else None

    @property
    def parameters(self) -> list[Part]:
        """The parameters, those of the path included."""
        return document().parameters(self.item, self.part)

    def __str__(self) -> str:
        return self.id


def document() -> Document:
    """Return the committed contract."""
    return published().document


@cache
def operations() -> tuple[Operation, ...]:
    """Return every operation of the contract."""
    found = []
    for path in document().root["paths"]:
        item = document().get("paths", path)
        for method in METHODS:
            part = document().child(item, method)
            if part is not None:
                found.append(Operation(part.value["operationId"], method.upper(), path, part, item))
    return tuple(found)
