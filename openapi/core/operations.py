"""What the contract offers, for the first page of the docs: its operations by tag and path."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any

from openapi.core.yaml_text import parse_yaml

CONTRACT = Path(__file__).parent.parent / "schema.yaml"
_METHODS = ("get", "post", "put", "patch", "delete")
_NOT_IN_SLUGS = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: where it is, what it does, and the fragment that leads to it in the reference."""

    tag: str
    path: str
    method: str
    summary: str
    fragment: str


@dataclass(frozen=True, slots=True)
class Tag:
    """One group of operations, as the contract's tags divide them; each inner sequence shares a path."""

    name: str
    description: str
    paths: tuple[tuple[Operation, ...], ...]


def tags(document: Mapping[str, Any]) -> tuple[Tag, ...]:
    """Group a contract's operations, in the order in which its tags and paths stand."""
    operations = list(_operations(document))
    descriptions = {tag["name"]: tag.get("description", "") for tag in document.get("tags", [])}
    names = dict.fromkeys([*descriptions, *(operation.tag for operation in operations)])
    groups = ((name, [operation for operation in operations if operation.tag == name]) for name in names)
    return tuple(Tag(name, descriptions.get(name, ""), _by_path(members)) for name, members in groups if members)


def published() -> tuple[Tag, ...]:
    """Return the tags of the committed contract."""
    return _read(CONTRACT, CONTRACT.stat().st_mtime_ns)


@lru_cache(maxsize=1)
def _read(path: Path, changed: int) -> tuple[Tag, ...]:
    """Read a contract, once for each of its versions (`changed`: nanoseconds since 1970)."""
    return tags(parse_yaml(path.read_text(encoding="utf-8")))


def _operations(document: Mapping[str, Any]) -> Iterator[Operation]:
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                yield _operation(path, method, item[method])


def _operation(path: str, method: str, operation: Mapping[str, Any]) -> Operation:
    tag = (operation.get("tags") or ["default"])[0]
    # `reference.js` makes the same fragments.
    fragment = f"tag/{_NOT_IN_SLUGS.sub('-', tag.lower())}/{operation['operationId']}"
    return Operation(tag, path, method.upper(), operation.get("summary", ""), fragment)


def _by_path(operations: Sequence[Operation]) -> tuple[tuple[Operation, ...], ...]:
    return tuple(tuple(members) for _, members in groupby(operations, key=lambda operation: operation.path))
