"""The lines by which a domain is known to the rest: each function takes a file's text and returns it with the new line.

May refuse: a file that is laid out so differently that only a person can say where the line belongs.
"""

import re
from collections.abc import Callable, Mapping

from api.core.scaffold.names import Names

ACCESS = (
    ("list{}", "owner lists"),
    ("get{}", "owner reads"),
    ("create{}", "owner creates"),
    ("replace{}", "owner changes"),
    ("update{}", "owner changes"),
    ("delete{}", "owner deletes"),
)
"""The operations of a new resource, and their kinds in the access matrix: rows that their owner alone knows of."""


class PlaceNotFoundError(Exception):
    """A file has no place for the line, as far as one can tell."""


def in_settings(text: str, domain: str) -> str:
    """Install the domain's application, after the last of the model's."""
    return _after_last(
        text, r'^    "resources\.\w+",\n', f'    "resources.{domain}",\n', f'"resources.{domain}" in INSTALLED_APPS'
    )


def in_urls(text: str, domain: str) -> str:
    """Import the domain's viewsets and register them."""
    text = _replaced(
        text,
        r"^from api import (?P<names>[\w, ]+)$",
        lambda names: f"from api import {', '.join(sorted({*names.split(', '), domain}))}",
        f"`from api import {domain}`",
    )
    return _replaced(
        text,
        r"^for viewset in \((?P<names>[^()\n]+)\):$",
        lambda names: f"for viewset in ({names.rstrip(', ')}, *{domain}.VIEWSETS):",
        f"*{domain}.VIEWSETS where the viewsets are registered",
    )


def in_contracts(text: str, domain: str) -> str:
    """Give the domain its place in the import contracts of pyproject.toml."""
    text = _replaced(
        text,
        r'^    "(?P<names>\(api\.\w+\)(?: \| \(api\.\w+\))*)",$',
        lambda names: f'    "{names} | (api.{domain})",',
        f"(api.{domain}) in the import contract `layers`",
    )
    return _replaced(
        text,
        r'(?<=")(?P<names>\(\w+\)(?: \| \(\w+\))*)(?=")',
        lambda names: f"{names} | ({domain})",
        f"({domain}) in the import contracts `domains` and `api`",
        times=2,
    )


def in_matrix(text: str, names: Names) -> str:
    """Say in the access matrix who may do what, behind what it says of all others."""
    missing = [kind for _, kind in ACCESS if f"= {kind} " not in text]
    if missing:
        raise PlaceNotFoundError(f"an operation of the kind `{missing[0]}`")
    called = [pattern.format(names.models if pattern.startswith("list") else names.model) for pattern, _ in ACCESS]
    lines = (f"{name:<26}  = {kind}" for name, (_, kind) in zip(called, ACCESS, strict=True))
    return "\n".join([text.rstrip("\n"), "", f"# {names.nouns.capitalize()}: their owner's", "", *lines, ""])


LINES: Mapping[str, Callable[[str, str], str]] = {
    "api/settings.py": in_settings,
    "api/urls.py": in_urls,
    "pyproject.toml": in_contracts,
}
MATRIX = "tests/access/matrix.txt"


def _after_last(text: str, pattern: str, line: str, missing: str) -> str:
    matches = list(re.finditer(pattern, text, re.MULTILINE))
    if not matches:
        raise PlaceNotFoundError(missing)
    end = matches[-1].end()
    return text[:end] + line + text[end:]


def _replaced(text: str, pattern: str, line: Callable[[str], str], missing: str, *, times: int = 1) -> str:
    changed, count = re.subn(pattern, lambda match: line(match["names"]), text, flags=re.MULTILINE)
    if count != times:
        raise PlaceNotFoundError(missing)
    return changed
