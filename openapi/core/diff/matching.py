"""Pairs the alternatives of two schemas that stand for one another, so that each pair can be compared."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from openapi.core.diff.alternatives import ANY, Alternative
from openapi.core.diff.difference import Change, Difference, Direction
from openapi.core.diff.rules import facet_difference
from openapi.core.diff.schema import Schema

NULL = "null"
NUMBERS = ("integer", "number")
EXPANDED = "x-expanded"
"""Names the alternatives of a member that an answer has only where the request asks for them with `expand`."""
SAYS_NOTHING = {"default", "deprecated", "readOnly", "writeOnly", "title", "description", "example", "examples"}


@dataclass(frozen=True, slots=True)
class Match:
    """Two schemas side by side: what goes together, and what is only in one of them."""

    pairs: list[tuple[Alternative, Alternative]]
    gone: list[Alternative]
    come: list[Alternative]


def match(before: list[Alternative], after: list[Alternative]) -> Match:
    """Pair alternatives of one type, the most alike first. A number may go together with an integer."""
    candidates = [(likeness(old, new), n, m) for n, old in enumerate(before) for m, new in enumerate(after)]
    paired: dict[int, int] = {}
    for score, n, m in sorted(candidates, key=lambda each: (-each[0], each[1], each[2])):
        if score > 0 and n not in paired and m not in paired.values():
            paired[n] = m
    return Match(
        [(before[n], after[m]) for n, m in sorted(paired.items())],
        [old for n, old in enumerate(before) if n not in paired],
        [new for m, new in enumerate(after) if m not in paired.values()],
    )


def likeness(old: Alternative, new: Alternative) -> float:
    """Say how alike two alternatives are; 0 means that they do not go together."""
    if old.type != new.type:
        return 0.5 if old.type in NUMBERS and new.type in NUMBERS else 0
    same_name = bool(old.schema.name) and old.schema.name == new.schema.name
    same_format = old.schema.values("format") == new.schema.values("format")
    return 1 + 4 * same_name + same_format + 2 * _overlap(_names(old), _names(new)) + _overlap(old.enum, new.enum)


def _names(alternative: Alternative) -> frozenset[str]:
    return frozenset(name for properties in alternative.schema.values("properties") for name in properties)


def _overlap(old: frozenset[str] | None, new: frozenset[str] | None) -> float:
    if not old or not new:
        return float(old == new)
    return len(old & new) / len(old | new)


def without_expansions(match_: Match, new: Schema) -> Match:
    """Leave out the objects that only a client sees who asks for them: no client of the old contract does."""
    names = {name for names in new.values(EXPANDED) for name in names}
    return replace(match_, come=[each for each in match_.come if each.schema.name not in names])


def compare_types(
    before: list[Alternative], after: list[Alternative], match_: Match, direction: Direction, location: str
) -> Iterator[Difference]:
    """Yield the differences in the kinds of value allowed; null is told apart from the others."""
    nulls = (any(each.type == NULL for each in before), any(each.type == NULL for each in after))
    kinds = [" or ".join(each.title for each in side if each.type != NULL) or "nothing" for side in (before, after)]
    for change in _type_changes(before, after, match_):
        yield facet_difference("type", change, direction, location, old=kinds[0], new=kinds[1])
    if nulls[0] != nulls[1] and not _is_open(before) and not _is_open(after):
        change = Change.WIDENED if nulls[1] else Change.NARROWED
        yield facet_difference("nullable", change, direction, location, old=_word(nulls[0]), new=_word(nulls[1]))


def _type_changes(before: list[Alternative], after: list[Alternative], match_: Match) -> list[Change]:
    turned = {(old.type, new.type) for old, new in match_.pairs if old.type != new.type}
    gone = not _is_open(after) and any(each.type != NULL for each in match_.gone)
    come = not _is_open(before) and any(each.type != NULL for each in match_.come)
    narrowed = gone or ("number", "integer") in turned
    widened = come or ("integer", "number") in turned
    return [Change.NARROWED] * narrowed + [Change.WIDENED] * widened


def _is_open(side: list[Alternative]) -> bool:
    """Whether anything at all is allowed."""
    return any(each.type == ANY and not _limits(each) for each in side)


def _limits(alternative: Alternative) -> bool:
    return any(leaf.value.keys() - SAYS_NOTHING for leaf in alternative.schema.leaves)


def _word(nullable: bool) -> str:
    return "null allowed" if nullable else "null not allowed"
