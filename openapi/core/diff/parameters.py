"""Compares the parameters of an operation: those of its path and its own."""

from collections.abc import Iterator
from typing import Any

from openapi.core.diff.difference import Difference, Direction
from openapi.core.diff.document import Document, Json, Part
from openapi.core.diff.rules import difference
from openapi.core.diff.sunsets import removal
from openapi.core.diff.values import Values

Key = tuple[str, str]  # the place (query, path, header, cookie) and the name

STYLES = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}


def compare_parameters(values: Values, old: list[Part], new: list[Part]) -> Iterator[Difference]:
    """Yield the differences of the parameters of an operation, each list being its path item and itself."""
    before, after = parameters(values.old, old), parameters(values.new, new)
    moved = _moved(before, after)
    for key in before.keys() - after.keys():
        yield from _removed(values, key, before[key], moved.get(key))
    for key in after.keys() - before.keys() - set(moved.values()):
        needed = "-required" if after[key].value.get("required") else ""
        yield difference(f"parameter-added{needed}", after[key].at, place=key[0], name=key[1])
    for key in before.keys() & after.keys():
        yield from _both(values, key, before[key], after[key])


def parameters(document: Document, parts: list[Part]) -> dict[Key, Part]:
    """Return the parameters by place and name; an operation's own replace those of its path."""
    change = [
        document.follow(part.step("parameters", number))
        for part in parts
        for number in range(len(part.value.get("parameters", [])))
    ]
    return {_key(part.value): part for part in change}


def _key(parameter: Json) -> Key:
    place, name = parameter["in"], parameter["name"]
    return place, name.lower() if place == "header" else name


def _moved(before: dict[Key, Part], after: dict[Key, Part]) -> dict[Key, Key]:
    """Pair a parameter that is gone with one of the same name that is new in another place."""
    new = {name: (place, name) for place, name in after.keys() - before.keys()}
    return {(place, name): new[name] for place, name in before.keys() - after.keys() if name in new}


def _removed(values: Values, key: Key, old: Part, moved: Key | None) -> Iterator[Difference]:
    if moved:
        yield difference("parameter-moved", old.at, name=key[1], old=key[0], new=moved[0])
        return
    change = difference("parameter-removed", old.at, place=key[0], name=key[1])
    yield removal(change, [old.value], values.day)


def _both(values: Values, key: Key, old: Part, new: Part) -> Iterator[Difference]:
    words = {"place": key[0], "name": key[1]}
    was, now = bool(old.value.get("required")), bool(new.value.get("required"))
    if was != now:
        yield difference(f"parameter-became-{'required' if now else 'optional'}", new.at, **words)
    if new.value.get("deprecated") and not old.value.get("deprecated"):
        yield difference("parameter-deprecated", new.at, **words)
    before, after = _writing(old.value), _writing(new.value)
    if before != after:
        what = ", ".join(name for name in before if before[name] != after[name])
        yield difference("parameter-style-changed", new.at, **words, what=what)
    else:
        yield from values.compare(_schema(old), _schema(new), Direction.REQUEST)


def _writing(parameter: Json) -> dict[str, Any]:
    """Return all that says how a value is written, its defaults filled in (OpenAPI 3.1 section 4.8.12)."""
    style = parameter.get("style", STYLES[parameter["in"]])
    return {
        "style": style,
        "explode": parameter.get("explode", style == "form"),
        "allowReserved": parameter.get("allowReserved", False),
        "content": sorted(parameter.get("content", {})),
    }


def _schema(parameter: Part) -> Part:
    content = sorted(parameter.value.get("content", {}))
    return parameter.step("content", content[0], "schema") if content else parameter.step("schema")
