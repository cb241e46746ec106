"""Finds the components that are gone although something that remains was described by them."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from openapi.core.diff.difference import Difference
from openapi.core.diff.document import Document, Json
from openapi.core.diff.rules import difference
from openapi.core.diff.sunsets import sunset

SCHEMAS = "#/components/schemas/"


def compare_components(old: Document, new: Document, day: date) -> Iterator[Difference]:
    """Yield the schemas of the old document that the new one has no more; what went with its announced users, went."""
    remaining = new.root.get("components", {}).get("schemas", {})
    for target in sorted(_used(old, day)):
        name = target.removeprefix(SCHEMAS)
        if target.startswith(SCHEMAS) and "/" not in name and name not in remaining:
            yield difference("component-removed", target, name=name)


def _used(document: Document, day: date) -> set[str]:
    """Return what the paths refer to, however far, apart from what was announced to go."""
    used: set[str] = set()
    waiting: list[Any] = [document.root.get("paths", {})]
    while waiting:
        for target in _references(waiting.pop(), day):
            if target not in used:
                used.add(target)
                waiting.append(document.resolve(target).value)
    return used


def _references(value: Any, day: date) -> Iterator[str]:
    if isinstance(value, dict):
        if _is_over(value, day):
            return
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for below in value.values():
            yield from _references(below, day)
    elif isinstance(value, list):
        for below in value:
            yield from _references(below, day)


def _is_over(value: Json, day: date) -> bool:
    last = sunset(value) if value.get("deprecated") is True else None
    return last is not None and last < day
