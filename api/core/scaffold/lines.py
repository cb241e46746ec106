"""The lines by which a domain is known to the rest: each function takes a file's text and returns it with the new line.

May refuse: a file that is laid out so differently that only a person can say where the line belongs.
"""

import re
from collections.abc import Callable, Mapping

from api.core.scaffold.names import Names

LONGEST_LINE = 120
ACCESS = (
    ("list{}", "owner lists"),
    ("get{}", "owner reads"),
    ("get{}History", "owner reads"),
    ("create{}", "owner creates"),
    ("replace{}", "owner changes"),
    ("update{}", "owner changes"),
    ("delete{}", "owner deletes"),
)
"""The operations of a new resource, and their kinds in the access matrix: rows that their owner alone knows of."""


class PlaceNotFoundError(Exception):
    """A file has no place for the line, as far as one can tell."""


def in_settings(text: str, names: Names) -> str:
    """Name the domain in DOMAINS: by that it is installed, served, and given its place in the import laws."""
    changed, count = re.subn(
        r"^DOMAINS = \([\w\s\",]*\)$",
        lambda domains: _with_one_more(domains[0], names.plural),
        text,
        flags=re.MULTILINE,
    )
    if count != 1:
        raise PlaceNotFoundError(f'"{names.plural}" in DOMAINS')
    return changed


def in_matrix(text: str, names: Names) -> str:
    """Say in the access matrix who may do what, behind what it says of all others."""
    missing = [kind for _, kind in ACCESS if f"= {kind} " not in text]
    if missing:
        raise PlaceNotFoundError(f"an operation of the kind `{missing[0]}`")
    called = [pattern.format(names.models if pattern.startswith("list") else names.model) for pattern, _ in ACCESS]
    lines = (f"{name:<26}  = {kind}" for name, (_, kind) in zip(called, ACCESS, strict=True))
    return "\n".join([text.rstrip("\n"), "", f"# {names.nouns.capitalize()}: their owner's", "", *lines, ""])


LINES: Mapping[str, Callable[[str, Names], str]] = {
    "api/settings.py": in_settings,
    "tests/access/matrix.txt": in_matrix,
}


def _with_one_more(domains: str, domain: str) -> str:
    """Write the tuple as ruff would, who keeps one that has a line for each as it is."""
    quoted = [*re.findall(r'"\w+"', domains), f'"{domain}"']
    line = f"DOMAINS = ({', '.join(quoted)})" if len(quoted) > 1 else f"DOMAINS = ({quoted[0]},)"
    if "\n" in domains or len(line) > LONGEST_LINE:
        return "\n".join(["DOMAINS = (", *(f"    {each}," for each in quoted), ")"])
    return line
