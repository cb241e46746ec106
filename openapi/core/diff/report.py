"""Writes differences as a list for people, what breaks clients first."""

from collections.abc import Sequence

from openapi.core.diff.difference import Difference


def report(differences: Sequence[Difference]) -> str:
    """Write one paragraph for each difference: its rule, its place, and what it means."""
    if not differences:
        return "No differences."
    breaking = sum(each.breaking for each in differences)
    ordered = sorted(differences, key=lambda each: (not each.breaking, each))
    head = f"{breaking} breaking and {len(differences) - breaking} other differences"
    return "\n".join([*map(_paragraph, ordered), head])


def _paragraph(found: Difference) -> str:
    word = "BREAKING" if found.breaking else "other   "
    return f"{word} {found.rule}\n         {found.location}\n         {found.sentence}\n"
