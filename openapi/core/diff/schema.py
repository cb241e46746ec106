"""A schema as the comparison sees it: every rule for one value, with references and `allOf` unfolded."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from openapi.core.diff.document import Document, Json, Part, escaped

# What says nothing of the values that are allowed.
ANNOTATIONS = frozenset(
    ("title", "description", "example", "examples", "externalDocs", "xml", "$comment", "$ref", "allOf")
)


@dataclass(frozen=True)
class Schema:
    """All the rules for one value: plain schemas that must all be obeyed.

    Attributes:
        leaves: what each of them says beside `$ref` and `allOf`, with its place in the document.
        at: where the value is described, before references were followed.
        name: the component it refers to, if it is nothing but a reference.
    """

    document: Document
    leaves: tuple[Part, ...]
    at: str
    name: str = ""

    @property
    def key(self) -> tuple[int, ...]:
        """What tells this schema from all others of its document, where its leaves are the document's own."""
        return tuple(sorted(id(leaf.value) for leaf in self.leaves))

    @property
    def location(self) -> str:
        """Where a difference in this schema is to be found: the only place that rules, or where it is used."""
        return self.leaves[0].at if len(self.leaves) == 1 else self.at

    def values(self, keyword: str) -> list[Any]:
        """Return what is said under a keyword, wherever it is said."""
        return [leaf.value[keyword] for leaf in self.leaves if keyword in leaf.value]

    def says(self, keyword: str) -> bool:
        """Whether a keyword such as `readOnly` is there and true."""
        return any(value is True for value in self.values(keyword))

    def child(self, *names: str | int) -> "Schema":
        """Return the schema of what is below the value, by the keyword and name that lead there."""
        parts = [leaf.step(*names) for leaf in self.leaves if _has(leaf.value, names)]
        at = parts[0].at if parts else self.location + "".join(f"/{escaped(name)}" for name in names)
        return conjunction(self.document, parts, at)

    def with_leaves(self, *leaves: Part, name: str = "") -> "Schema":
        """Return the schema with other leaves."""
        return Schema(self.document, leaves, self.at, name or self.name)


def schema(document: Document, part: Part) -> Schema:
    """Unfold a schema where it stands."""
    return conjunction(document, [part], part.at)


def conjunction(document: Document, parts: list[Part], at: str) -> Schema:
    """Unfold schemas that all speak of one value."""
    leaves = {id(leaf.value): leaf for part in parts for leaf in unfolded(document, part)}
    name = _name(parts[0].value) if len(parts) == 1 else ""
    return Schema(document, tuple(leaves.values()), at, name)


def unfolded(document: Document, part: Part, visited: frozenset[str] = frozenset()) -> Iterator[Part]:
    """Yield the plain schemas behind one with references and `allOf`, those that say something.

    A reference in a circle adds nothing.
    """
    value = _object(part.value)
    if rules(value):
        yield Part(value, part.at)
    target = value.get("$ref")
    if isinstance(target, str) and target not in visited:
        yield from unfolded(document, document.resolve(target), visited | {target})
    for number in range(len(value.get("allOf", []))):
        yield from unfolded(document, part.step("allOf", number), visited)


def rules(value: Json) -> bool:
    """Whether a plain schema says anything of the values allowed."""
    return not all(map(says_nothing, value))


def says_nothing(keyword: str) -> bool:
    """Whether a keyword says nothing of the values allowed."""
    return keyword in ANNOTATIONS or keyword.startswith("x-")


ANYTHING: Json = {}
NOTHING: Json = {"not": {}}


def _object(value: Any) -> Json:
    """Write the schemas `true` and `false` as objects."""
    if isinstance(value, bool):
        return ANYTHING if value else NOTHING
    checked: Json = value
    return checked


def _has(value: Any, names: tuple[object, ...]) -> bool:
    for name in names:
        if isinstance(value, list):
            if not isinstance(name, int) or name >= len(value):
                return False
            value = value[name]
        elif isinstance(value, dict) and name in value:
            value = value[name]
        else:
            return False
    return True


def _name(value: Any) -> str:
    target = value.get("$ref") if isinstance(value, dict) else None
    return target.rpartition("/")[2] if isinstance(target, str) else ""
