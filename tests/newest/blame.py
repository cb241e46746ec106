"""Which newer package breaks which tests: each is put back alone, until every failure has a cause."""

from collections.abc import Callable, Iterable

NOBODY = ""
"""Who is to blame where no package is, alone."""

Failing = Callable[[str, set[str]], set[str]]
"""Which of some tests fail still, when one package is put back."""


def blame(failed: set[str], suspects: Iterable[str], failing: Failing) -> dict[str, set[str]]:
    """Return, by package, the tests that pass once it is put back; by `NOBODY` those that never do.

    Args:
        failed: the tests.
        suspects: the packages, the likeliest first. No more are tried than it takes.
        failing: tries one.
    """
    left, broken = set(failed), dict[str, set[str]]()
    for name in suspects:
        if not left:
            break
        mended = left - failing(name, left)
        if mended:
            broken[name] = mended
            left -= mended
    return broken | ({NOBODY: left} if left else {})
