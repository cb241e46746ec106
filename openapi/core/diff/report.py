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


def _paragraph(difference: Difference) -> str:
    word = "BREAKING" if difference.breaking else "other   "
    return f"{word} {difference.rule}\n         {difference.location}\n         {difference.sentence}\n"
