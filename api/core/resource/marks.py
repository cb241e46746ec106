"""Which code is Headwater's own: recognised by a mark on its class, and not by the module that it stands in."""

from __future__ import annotations

from collections.abc import Iterable

OURS: set[type] = set()


def ours[C: type](marked: C) -> C:
    """Mark a class as Headwater's own, whose methods are known here."""
    OURS.add(marked)
    return marked


def definer(kind: type, name: str) -> type | None:
    """Return the class that defines a method for a class; None where there is none."""
    return next((each for each in kind.__mro__ if name in vars(each)), None)


def custom_method(kind: type, names: Iterable[str]) -> str | None:
    """Name the first of some methods that neither Headwater's nor a library's class defines below Headwater's."""
    for name in names:
        base = definer(kind, name)
        if base is not None and base not in OURS:
            return name
    return None
