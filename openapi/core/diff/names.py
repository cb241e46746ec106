r"""Reads a pattern that is nothing but a list of names, as that of `fields` is, as the names that it allows.

`^(city|city\.country)\.(id|name)$` is literal text and groups of it between `^` and `$`, so it allows so many texts
and no others. Whatever else a pattern may be made of is not understood here.
"""

import re
from functools import lru_cache
from itertools import product
from math import prod

_CHARACTER = r"(?:[^\\^$.|?*+()\[\]{}]|\\[^\w\s])"
_GROUP = rf"\({_CHARACTER}+(?:\|{_CHARACTER}+)*\)"
_PART = re.compile(rf"{_GROUP}|{_CHARACTER}+")
_LIST = re.compile(rf"\^(?:{_GROUP}|{_CHARACTER})+\$")
MOST = 2**18  # names of one pattern; one of more is compared as a text


@lru_cache(maxsize=1024)
def names_in(pattern: str) -> frozenset[str] | None:
    """Return all texts that a pattern allows; None for one that is not a list of names."""
    if not _LIST.fullmatch(pattern):
        return None
    parts = [_choices(part) for part in _PART.findall(pattern[1:-1])]
    if prod(map(len, parts)) > MOST:
        return None
    return frozenset(map("".join, product(*parts)))


def _choices(part: str) -> list[str]:
    """Return what may stand in one place; an escaped character, `|` among them, stands for itself."""
    texts = re.findall(rf"{_CHARACTER}+", part[1:-1]) if part.startswith("(") else [part]
    return [re.sub(r"\\(.)", r"\1", text) for text in texts]
