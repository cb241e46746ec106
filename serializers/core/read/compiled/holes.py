"""Holes: what of a row only Python can write is marked by the database, and filled in when the text leaves."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Sequence
from urllib.parse import urljoin

import msgspec
from django.db.models import FileField

from resources.core.database.sql import StoredJson
from serializers.core.read.selection import ExpandedMany

type Payload = list[StoredJson]
"""What the database knows of a hole: an array of JSON."""
type Fill = Callable[[str, Payload], str | None]
"""Makes the value of a member of the origin of the request and of what the database knows."""

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
        payload: Payload = msgspec.json.decode(msgspec.json.decode(f'"{hole[2]}"'.encode()))
        return msgspec.json.encode(fills[int(hole[1])](origin, payload)).decode()

    return _HOLE.sub(write, text)


def rest_of(field: ExpandedMany) -> Fill:
    """Fill the link to the rest of a list."""
    more = field.expansion.more

    def link(origin: str, payload: Payload) -> str | None:
        key, *position = payload
        return None if more is None else more.link(origin, str(key), position)

    return link


def url_of(column: FileField) -> Fill:
    """Fill the URL of a file, absolute as DRF makes it."""

    def url(origin: str, payload: Payload) -> str:
        [name] = payload
        return urljoin(f"{origin}/", column.storage.url(str(name)))

    return url
