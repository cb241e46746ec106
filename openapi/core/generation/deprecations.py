"""How the contract says of what is named in it that it is going to go: `deprecated`, `x-sunset`, `x-replaced-by`."""

from collections.abc import Iterable, Iterator
from typing import Any

from api.core.query.grammar import Grammar
from api.core.resource.deprecation import Deprecation, deprecation_of

Schema = dict[str, Any]

SUNSETS = "x-sunsets"
"""In a list of names: the last days of some of them, and of what stands below those after a dot."""


def marked(grammar: Grammar, name: str, schema: Schema) -> Schema:
    """Say of a member, or a parameter, that it is going to go, where it is."""
    deprecation = deprecation_of(grammar.deprecated, name)
    if deprecation is None:
        return schema
    new = _new_name(grammar, name)
    about = f"Another name of `{new}`, which takes its place." if new else ""
    text = " ".join(filter(None, (str(schema.get("description", "")), about)))
    marks = {**_marks(deprecation), **({"x-replaced-by": new} if new else {})}
    return {**schema, **({"description": text} if text else {}), **marks}


def days_of(grammar: Grammar, names: Iterable[str]) -> dict[str, str]:
    """Return the last days of those names that are going to go; `-` may stand before one."""
    found = {name: deprecation_of(grammar.deprecated, name.removeprefix("-")) for name in names}
    return {name: each.sunset.isoformat() for name, each in found.items() if each and each.sunset}


def sunsets(days: dict[str, str]) -> Schema:
    """Return what a list of names says of those that are going to go; nothing where none is."""
    return {SUNSETS: days} if days else {}


def marked_as_whole(parameter: Schema, items: Schema) -> Schema:
    """Say of a parameter whose names are all going to go that it goes with the last of them."""
    days: dict[str, str] = items.get(SUNSETS, {})
    if all(any(name == each or name.startswith(f"{each}.") for each in days) for name in items["enum"]):
        return {**parameter, "deprecated": True, "x-sunset": max(days.values())}
    return parameter


def _marks(deprecation: Deprecation) -> Schema:
    day = deprecation.sunset
    return {"deprecated": True, **({"x-sunset": day.isoformat()} if day else {})}


def _new_name(grammar: Grammar, name: str) -> str:
    """Return the name that takes the place of an old one, or nothing: `practitioner__clinic` of `doctor__clinic`."""
    return next((f"{new}{rest}" for new, rest in _replaced(grammar, name) if f"{new}{rest}" != name), "")


def _replaced(grammar: Grammar, name: str) -> Iterator[tuple[str, str]]:
    for old, new in grammar.renamed.items():
        if name == old or name.startswith(f"{old}__"):
            yield new, name.removeprefix(old)
