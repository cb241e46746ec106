"""How an unknown name is refused: by saying so, and naming the nearest one that is known."""

from collections.abc import Iterable
from difflib import get_close_matches

MOST_SUGGESTIONS = 10
"""Names of one request for which the nearest is looked for: a query of near misses took 0.6 s of a processor."""


def unknown(what: str, name: str, names: Iterable[str]) -> str:
    """Say that a name is unknown, and suggest the nearest one."""
    near = get_close_matches(name[:100], list(names), n=1)
    return f"There is no {what} {name[:100]!r}." + (f" Did you mean {near[0]!r}?" if near else "")
