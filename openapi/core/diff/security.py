"""Compares what a client must show: an operation's requirements and the schemes behind them."""

from collections.abc import Iterator

from openapi.core.diff.difference import Difference
from openapi.core.diff.document import Document, Json, Part
from openapi.core.diff.rules import difference

# A way to be let in: the schemes that must be satisfied together, each with its scopes.
Way = dict[str, frozenset[str]]

PRESENTED_BY = ("type", "in", "name", "scheme", "bearerFormat", "openIdConnectUrl", "flows")


def compare_requirements(old_root: Json, new_root: Json, old: Part, new: Part) -> Iterator[Difference]:
    """Yield the differences in what two operations ask for; several ways are alternatives (OpenAPI 3.1, 4.8.30)."""
    before, after = _ways(old_root, old), _ways(new_root, new)
    at = f"{new.at}/security"
    for way in before:
        if not any(_suffices(way, other) for other in after):
            yield difference("security-stricter", at, old=_words(way), new=_all_words(after))
    for way in after:
        if not any(_suffices(way, other) for other in before):
            yield difference("security-looser", at, old=_all_words(before), new=_words(way))


def _ways(root: Json, operation: Part) -> list[Way]:
    requirements = operation.value.get("security", root.get("security", []))
    return [{name: frozenset(scopes) for name, scopes in way.items()} for way in requirements] or [{}]


def _suffices(way: Way, requirement: Way) -> bool:
    return all(name in way and scopes <= way[name] for name, scopes in requirement.items())


def _all_words(ways: list[Way]) -> str:
    return " or ".join(map(_words, ways))


def _words(way: Way) -> str:
    schemes = [f"{name} ({', '.join(sorted(way[name]))})" if way[name] else name for name in sorted(way)]
    return " with ".join(schemes) or "nothing"


def compare_schemes(old: Document, new: Document) -> Iterator[Difference]:
    """Yield the differences in the ways to present a credential."""
    before, after = (each.members(Part(each.root, "#"), "components", "securitySchemes") for each in (old, new))
    for name in before.keys() - after.keys():
        yield difference("security-scheme-removed", before[name].at, name=name)
    for name in before.keys() & after.keys():
        changed = [each for each in PRESENTED_BY if before[name].value.get(each) != after[name].value.get(each)]
        if changed:
            yield difference("security-scheme-changed", after[name].at, name=name, what=", ".join(changed))
