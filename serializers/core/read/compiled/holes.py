"""Holes: what of a row only Python can write is marked by the database, and filled in when the text leaves."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urljoin

import msgspec

from serializers.core.read.selection import ExpandedMany

Fill = Callable[[str, Any], Any]
"""Makes the value of a member of the origin of the request and of what the database gave."""

# Nobody can store a text that looks like a hole: the token is made anew in every process, and never told.
TOKEN = f"hole-{secrets.token_hex(16)}"
_HOLE = re.compile(rf'"{TOKEN}:([0-9]+):(.*?){TOKEN}"', re.DOTALL)


def opening(number: int) -> str:
    """Return what a hole begins with."""
    return f"{TOKEN}:{number}:"


def filled(text: str, fills: Sequence[Fill], origin: str) -> str:
    """Fill the holes of a row's JSON."""
    if TOKEN not in text:
        return text

    def write(hole: re.Match[str]) -> str:
        payload = msgspec.json.decode(msgspec.json.decode(f'"{hole[2]}"'.encode()))
        return msgspec.json.encode(fills[int(hole[1])](origin, payload)).decode()

    return _HOLE.sub(write, text)


def rest_of(field: ExpandedMany) -> Fill:
    """Fill the link to the rest of a list."""
    more = field.expansion.more

    def link(origin: str, payload: Any) -> str | None:
        key, *position = payload
        return None if more is None else more.link(origin, key, position)

    return link


def url_of(column: Any) -> Fill:
    """Fill the URL of a file, absolute as DRF makes it."""

    def url(origin: str, payload: Any) -> str:
        [name] = payload
        return urljoin(f"{origin}/", str(column.storage.url(name)))

    return url
